"""One thing the gate looked at, and its verdict."""

from __future__ import annotations

from dataclasses import dataclass

CELL = ["level", "country", "region", "indicator", "exploitation", "location", "sex", "period", "method"]
"""What names a number of `estimates` within one release of one survey."""


@dataclass(frozen=True)
class Check:
    """A row of `quality`: passed, noted (published as a known gap) or refused (stops the release)."""

    dimension: str
    check_id: str
    scope: str
    value: float
    threshold: float | None
    verdict: str
    detail: str


def verdict(value: float, threshold: float) -> str:
    """Pass what is not above its threshold."""
    return "passed" if value <= threshold else "refused"
