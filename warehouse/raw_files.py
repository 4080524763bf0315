"""Where stored bytes came from, and when: rows of `raw_files`, and the documents beside the bytes that outlive them."""

from __future__ import annotations

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


def newest(warehouse: Warehouse, survey_id: str, uri: str) -> Newest | None:
    """Return what a place brought last, or None for a place that is new."""
    rows = warehouse.rows(
        "SELECT sha256, pulled_at FROM raw_files WHERE survey_id = $survey AND uri = $uri", survey=survey_id, uri=uri
    )
    return Newest(**rows[0]) if rows else None


def next_time(before: Newest | None) -> datetime:
    """Return the UTC time, but later than what the place brought before: a clock that went back changes no order."""
    now = datetime.now(UTC).replace(tzinfo=None)
    return max(now, before.pulled_at + timedelta(microseconds=1)) if before else now


def enter(warehouse: Warehouse, origin: Origin) -> None:
    """Write down the newest version of a place."""
    warehouse.execute(
        "INSERT OR REPLACE INTO raw_files VALUES ($survey, $uri, $version, $name, $sha, $bytes, $now)",
        survey=origin.survey,
        uri=origin.uri,
        version=origin.version,
        name=origin.name,
        sha=origin.sha256,
        bytes=origin.bytes,
        now=origin.pulled_at,
    )
