"""Overlaps of victim lists: how many cases stand on which lists and on no other.

Lives here: reading and checking the table of overlaps, and its layout as arrays. Not here: any model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

Pair = tuple[int, int]
LARGEST = 12
"""Lists beyond which 2^L - 1 overlaps are no longer a small table."""


@dataclass(frozen=True)
class Overlaps:
    """Cases by the lists they stand on.

    lists: names of the L lists. on: (2^L - 1, L) booleans, every combination but "on none". count: cases with
    exactly that combination, (2^L - 1,).
    """

    lists: tuple[str, ...]
    on: np.ndarray
    count: np.ndarray

    @property
    def observed(self) -> int:
        """Return the number of cases on any list."""
        return int(self.count.sum())

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Return every pair of lists by position."""
        return tuple(combinations(range(len(self.lists)), 2))

    def both(self, pair: Pair) -> np.ndarray:
        """Tell which combinations hold both lists of a pair, whatever other lists they hold."""
        return self.on[:, pair[0]] & self.on[:, pair[1]]

    def shared(self, pair: Pair) -> int:
        """Return the number of cases that stand on both lists of a pair."""
        return int(self.count[self.both(pair)].sum())

    def name(self, pair: Pair) -> str:
        """Write a pair as `A:B`."""
        return f"{self.lists[pair[0]]}:{self.lists[pair[1]]}"

    def recounted(self, count: np.ndarray) -> Overlaps:
        """Return the same lists with other counts, as a resample has them."""
        return replace(self, count=count)


def overlaps(table: pd.DataFrame) -> Overlaps:
    """Lay a table of overlaps out, filling combinations that are not in it with zero.

    table: one column per list holding 0 or 1, and `count`, the cases that stand on exactly the lists marked 1.
    A combination may be left out (nobody) or come in several rows (added); a row without any list is not
    known and not accepted. Raises ValueError for fewer than two lists, other marks, counts that are not whole
    numbers of 0 or more, a list without any case, or no case at all.
    """
    names = tuple(str(column) for column in table.columns if column != "count")
    _check(table, names)
    marks = table[list(names)].to_numpy(int)
    code = marks @ (1 << np.arange(len(names)))
    count = np.bincount(code, weights=table["count"].to_numpy(float), minlength=1 << len(names))[1:]
    on = (np.arange(1, 1 << len(names))[:, None] >> np.arange(len(names))) & 1 == 1
    empty = [name for position, name in enumerate(names) if not count[on[:, position]].any()]
    if empty:
        raise ValueError(f"overlaps: list {empty[0]} has no case; leave the list out")
    return Overlaps(names, on, count)


def _check(table: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Say what is wrong with a table of overlaps."""
    if "count" not in table:
        raise ValueError("overlaps: column count is missing")
    if not 2 <= len(names) <= LARGEST:
        raise ValueError(f"overlaps: {len(names)} lists; expected 2 to {LARGEST}, one column of 0 and 1 each")
    if not table[list(names)].isin([0, 1]).all(axis=None):
        raise ValueError("overlaps: a list column holds something else than 0 and 1")
    count = pd.to_numeric(table["count"], errors="coerce")
    if not ((count >= 0) & (count % 1 == 0)).all():
        raise ValueError("overlaps: count must be a whole number of 0 or more in every row")
    nowhere = table[list(names)].sum(axis=1) == 0
    if (nowhere & (count > 0)).any():
        raise ValueError("overlaps: a row counts cases that are on no list; their number is what is estimated")
