"""The grid of counts that a release shows something of, and what each is the sum of.

Lives here: the keys of a domain's cells and the answers each is the sum of. Not here: which domains add up to which,
and what is sensitive.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

PLACES = ("inside", "abroad")
WINDOWS = ("last_3_years", "earlier")
STREAMS = (("labour", "women"), ("labour", "men"), ("sexual", "all"))
LOCATIONS = (*PLACES, "both")
PERIODS = (*WINDOWS, "all_time")
GROUPS = {
    ("labour", "women"): (("labour", "women"),),
    ("labour", "men"): (("labour", "men"),),
    ("labour", "all"): (("labour", "women"), ("labour", "men")),
    ("sexual", "all"): (("sexual", "all"),),
    ("all", "women"): (("labour", "women"), ("sexual", "all")),
    ("all", "all"): (("labour", "women"), ("labour", "men"), ("sexual", "all")),
}
"""Exploitation and sex of a cell, and the streams of answers that make it. The form asks no sex for sexual
exploitation, whose victims count as women; so sexual women are sexual all, and men of all forms are men in labour."""
SAME = {("sexual", "women"): ("sexual", "all"), ("all", "men"): ("labour", "men")}


class Key(NamedTuple):
    """One count of a domain."""

    exploitation: str
    location: str
    sex: str
    period: str

    @property
    def locations(self) -> tuple[str, ...]:
        """The places that make the location."""
        return PLACES if self.location == "both" else (self.location,)

    @property
    def periods(self) -> tuple[str, ...]:
        """The windows that make the period."""
        return WINDOWS if self.period == "all_time" else (self.period,)


BASE = [(stream, place, window) for stream in STREAMS for place in PLACES for window in WINDOWS]
"""What every cell of a domain is a sum of."""
KEYS = [Key(form, place, sex, period) for form, sex in GROUPS for place in LOCATIONS for period in PERIODS]
POSITION = {key: position for position, key in enumerate(KEYS)}


def key_of(exploitation: str, location: str, sex: str, period: str) -> Key | None:
    """Return the cell of a domain that holds a count, or None if the grid has none.

    `annual` rests on the last three years; men in sexual exploitation are no cell: nobody is counted there.
    """
    form, who = SAME.get((exploitation, sex), (exploitation, sex))
    key = Key(form, location, who, "last_3_years" if period == "annual" else period)
    return key if key in POSITION else None


def parts() -> np.ndarray:
    """Return which of BASE each of KEYS is the sum of, (len(KEYS), len(BASE)), 0 or 1."""
    return np.array(
        [
            [
                stream in GROUPS[key.exploitation, key.sex] and place in key.locations and window in key.periods
                for stream, place, window in BASE
            ]
            for key in KEYS
        ],
        dtype=float,
    )


def name_of(key: Key) -> str:
    """Name a cell as the columns of the disclosure counts do."""
    return "_".join((key.exploitation, key.sex, key.location, key.period))


def answers() -> dict[str, list[str]]:
    """Return by name of a cell the answers of an interview that it adds up."""
    return {
        name_of(key): [
            f"{key.exploitation}_{key.sex}_{place}_{window}" for place in key.locations for window in key.periods
        ]
        for key in KEYS
    }
