"""What every exchange file says about the release it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from schemas.declaration import Declaration
from schemas.vocabulary import leading


@dataclass(frozen=True)
class Edition:
    """One release of one survey, as its readers know it."""

    release_id: str
    survey_id: str
    title: str
    notice: str
    publication: str
    reference_period: str
    status: str
    published_at: datetime
    content_sha256: str
    countries: Mapping[str, str]
    thresholds: Mapping[str, float]
    method: str
    """The method whose numbers the workbook leads with."""

    @property
    def moment(self) -> str:
        """When it was published (UTC), as ISO 8601 writes it."""
        return self.published_at.strftime("%Y-%m-%dT%H:%M:%SZ")


def edition(releases: pd.DataFrame, release_id: str, declaration: Declaration) -> Edition:
    """Collect what is said about a release. releases: the result table of that name, which holds its row."""
    row = releases[releases["release_id"] == release_id].iloc[0]
    return Edition(
        release_id=release_id,
        survey_id=declaration.id,
        title=declaration.title,
        notice=declaration.notice,
        publication=declaration.publication,
        reference_period=declaration.reference_period,
        status=row["status"],
        published_at=row["published_at"].to_pydatetime(),
        content_sha256=row["content_sha256"],
        countries=declaration.countries,
        thresholds=declaration.reliability,
        method=leading(declaration.methods),
    )
