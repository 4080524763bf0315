"""Where stored bytes came from, and when: rows of `raw_files`, and the documents beside the bytes that outlive them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from warehouse.build import Warehouse


@dataclass(frozen=True)
class Origin:
    """One version of one file as it was pulled. path: of the source in the declaration of that night."""

    survey: str
    uri: str
    name: str
    country: str
    path: str
    version: str
    sha256: str
    bytes: int
    pulled_at: datetime

    def as_record(self) -> dict[str, Any]:
        """Return it as its document holds it."""
        return {**asdict(self), "pulled_at": self.pulled_at.isoformat()}


@dataclass(frozen=True)
class Newest:
    """What a place brought last, and when."""

    sha256: str
    pulled_at: datetime


def newest(warehouse: Warehouse, survey_id: str, uris: Sequence[str]) -> dict[str, Newest]:
    """Return what places brought last, by place; one that is new is not in it."""
    rows = warehouse.rows(
        """SELECT uri, sha256, pulled_at FROM raw_files
           WHERE survey_id = $survey AND uri IN (SELECT unnest($uris::VARCHAR[]))""",
        survey=survey_id,
        uris=list(uris),
    )
    return {row["uri"]: Newest(row["sha256"], row["pulled_at"]) for row in rows}


def next_time(before: Newest | None) -> datetime:
    """Return the UTC time, but later than what the place brought before: a clock that went back changes no order."""
    now = datetime.now(UTC).replace(tzinfo=None)
    return max(now, before.pulled_at + timedelta(microseconds=1)) if before else now


def enter(warehouse: Warehouse, origins: Sequence[Origin]) -> None:
    """Write down the newest version of places."""
    if not origins:
        return
    import pandas as pd

    rows = [
        {
            "survey_id": origin.survey,
            **{name: getattr(origin, name) for name in ("uri", "version", "name", "sha256", "bytes", "pulled_at")},
        }
        for origin in origins
    ]
    warehouse.insert("raw_files", pd.DataFrame(rows), instead=True)
