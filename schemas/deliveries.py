"""Deliveries as people read them: file by file, or country by country where there are more than anybody reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.batch import Load
from schemas.counted import counted

MOST_LINES = 40
"""Files that are named one by one; more are counted by country."""
MOST_NAMED = 10
"""Files with quarantined rows that are named beside the counts."""


@dataclass(frozen=True)
class Line:
    """A line of a list of deliveries. loads: the ids of the files it stands for."""

    country: str
    file: str
    read: int
    accepted: int
    quarantined: int
    loads: tuple[str, ...]


def lines(loads: Iterable[Load]) -> list[Line]:
    """Return a line per file; of many files one per country, and one for each with most quarantined rows.

    The latter are counted in their country's line as well.
    """
    mine = sorted(loads, key=lambda load: (load.country, load.file, load.uri))
    if len(mine) <= MOST_LINES:
        return [_line(load.country, load.file, [load]) for load in mine]
    worst = sorted((load for load in mine if load.rows_quarantined), key=lambda load: -load.rows_quarantined)
    return [
        *(_line(country, counted(len(part), "file"), part) for country, part in by_country(mine).items()),
        *(_line(load.country, f"of which {load.file}", [load]) for load in worst[:MOST_NAMED]),
    ]


def by_country(loads: Iterable[Load]) -> dict[str, list[Load]]:
    """Return the loads of each country."""
    parts: dict[str, list[Load]] = {}
    for load in loads:
        parts.setdefault(load.country, []).append(load)
    return dict(sorted(parts.items()))


def _line(country: str, file: str, loads: Sequence[Load]) -> Line:
    read, accepted, quarantined = (
        sum(getattr(load, f"rows_{kind}") for load in loads) for kind in ("read", "accepted", "quarantined")
    )
    return Line(country, file, read, accepted, quarantined, tuple(load.load_id for load in loads))
