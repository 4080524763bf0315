"""The counts that each row of `estimates` of records shows, laid out for disclosure control.

Lives here: which rows show the same count, and which rest on two. Not here: which counts are hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimators.indicators.cell import Cell
from schemas.declared_instrument import DeclaredInstrument
from schemas.indicator import DIMENSIONS, Complement, Distinct, Indicator, Ratio, Share, Tally, Total
from tasks.tabulate import Tabulated

CELL = ["level", "country", "region", "indicator", *DIMENSIONS]
PRINTED = ["country", "region", "indicator", *DIMENSIONS]
EQUAL = ("match", "rounding")
YES = "yes"


@dataclass(frozen=True)
class _Count:
    """One count that a cell shows. units: records behind it, where it is a sum over them."""

    question: str
    code: str
    count: float
    base: float
    additive: bool
    units: float


def count_cells(made: Tabulated, kind: DeclaredInstrument, exempt_published: bool) -> pd.DataFrame:
    """Return one row a cell and count it shows: the columns of `disclosure.count_tables.hide`, and CELL.

    A count that several cells show has the same question and code in all of them. exempt_published: whether counts
    stay shown whose printed number is ours.
    """
    printed = _printed(made) if exempt_published else set()
    by_id = {one.id: one for one in kind.indicators}
    shown: dict[tuple[object, ...], list[_Count]] = {}
    rows = []
    for cell in made.cells:
        about = by_id[cell.indicator]
        place = (cell.domain.level, cell.domain.country, cell.domain.region)
        told = [cell.dimensions[name] for name in DIMENSIONS]
        if isinstance(about, (Ratio, Complement)):
            counts = [one for name in _sides(about) for one in shown.get((name, *place, *told), ())]
        else:
            counts = list(_counts(cell, about, kind))
        shown[(cell.name, *place, *told)] = counts
        exempt = (place[1] or "", place[2] or "", cell.name, *told) in printed
        key = dict(zip(CELL, (*place, cell.name, *told), strict=True))
        rows += [
            {**key, **vars(one), "exempt": exempt and not isinstance(about, (Ratio, Complement))} for one in counts
        ]
    frame = pd.DataFrame(rows, columns=[*CELL, "question", "code", "count", "base", "additive", "units", "exempt"])
    frame["exempt"] = frame.groupby(["question", "code", "region"], dropna=False)["exempt"].transform("any")
    return frame


def _counts(cell: Cell, about: Indicator, kind: DeclaredInstrument) -> Iterator[_Count]:
    """Say what a cell shows. Rows of a group of countries, and dimensions, are questions of their own."""
    place = "group" if cell.domain.level == "group" else str(cell.domain.country)
    of = getattr(about, "of", None) or "records"
    asked = "|".join((of, about.where or "", place, *cell.dimensions.values()))
    if isinstance(about, Share):
        several = kind.columns[about.of].type == "codes"
        single = not cell.code
        yield _Count(f"{asked}|{about.base}", cell.code or YES, cell.count, cell.base, not (several or single), np.nan)
    elif isinstance(about, Tally):
        of_column = f"{asked}|answered" if about.of else asked
        yield _Count(of_column, cell.code, cell.count, cell.base, True, np.nan)
    elif isinstance(about, Total):
        asked = f"{cell.name}|{asked}"
        yield _Count(asked, cell.code, cell.count, np.nan, False, cell.base)
        yield _Count(f"{asked}|stated", cell.code, cell.base, np.nan, False, np.nan)
    elif isinstance(about, Distinct):
        yield _Count(f"{cell.name}|{asked}|{cell.domain.region}", "", cell.count, np.nan, False, np.nan)
        yield _Count(f"{asked}|stated", "", cell.base, np.nan, False, np.nan)
    else:
        yield _Count(f"{asked}|stated", "", cell.base, np.nan, False, np.nan)


def _sides(about: Ratio | Complement) -> tuple[str, ...]:
    if isinstance(about, Complement):
        return (about.of,)
    return about.numerator, about.denominator


def _printed(made: Tabulated) -> set[tuple[object, ...]]:
    """Return the cells whose printed number is ours."""
    equal = made.tables["reproduction"]
    equal = equal[equal["verdict"].isin(EQUAL)]
    return set(equal[PRINTED].astype(object).fillna("").itertuples(index=False, name=None))
