"""The register as its tables need it: ordered, looked up by figure, and what of a figure may be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

FIGURE = "questionnaire_id"
SEPARATOR = ";"
HIDDEN, CLAIM = "do_not_cite", "claimed_only"
SINGLE = "C"
"""Grade of what rests on one case or one informant."""
PERCENT, HUNDRED = "percent", 100.0
RANGE, AT_LEAST, AT_MOST, APPROX, EXACT = "range", "at_least", "at_most", "approx", "exact"


@dataclass(frozen=True)
class Figure:
    """One record, its cells None where they are missing."""

    cells: dict[str, Any]

    @property
    def name(self) -> str:
        """The figure's id."""
        return str(self.cells[FIGURE])

    @property
    def hidden(self) -> bool:
        """Whether its number may not be published."""
        return bool(self.cells["citation_restriction"] == HIDDEN)

    @property
    def claimed(self) -> bool:
        """Whether it is only a claim."""
        return bool(self.cells["citation_restriction"] == CLAIM)

    @property
    def single(self) -> bool:
        """Whether it rests on one case or one informant."""
        return bool(self.cells["grade"] == SINGLE)

    @cached_property
    def ends(self) -> tuple[float, float] | None:
        """The figure as its lower and upper end, which are equal unless it is a range; None if no number is given."""
        value, low, high = (self.cells[name] for name in ("value", "low", "high"))
        if value is not None:
            return float(value), float(value)
        return None if low is None or high is None else (float(low), float(high))

    @property
    def period(self) -> str:
        """First and last day as one text, empty where neither is stated."""
        start, end = self.cells["period_start"] or "", self.cells["period_end"] or ""
        return start if start == end else f"{start}/{end}"

    def __getitem__(self, name: str) -> Any:
        """Return a cell by its column."""
        return self.cells[name]


def ordered(records: pd.DataFrame) -> list[Figure]:
    """Return the figures in the order of their ids."""
    rows = records.sort_values(FIGURE, kind="stable").astype(object)
    filled = rows.where(rows.notna(), None)
    return [Figure({str(name): cell for name, cell in row.items()}) for row in filled.to_dict("records")]


def found(register: Iterable[Figure], names: Iterable[str]) -> tuple[list[Figure], list[str]]:
    """Look figures up: those that are there, in the order asked for, and the names that are not."""
    by_name = {figure.name: figure for figure in register}
    wanted = list(names)
    return [by_name[name] for name in wanted if name in by_name], [name for name in wanted if name not in by_name]


def listed(names: Iterable[str]) -> str:
    """Join names as every table of evidence does."""
    return SEPARATOR.join(names)
