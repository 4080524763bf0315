"""Several countries together: totals add, and so do or do not their limits.

Lives here: the row of all countries, from the countries' rows. Not here: limits of one country.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from estimators.domain_totals import SurveyTotals
from estimators.quotients import ratio
from estimators.rate_cells import RateCells


def with_group(
    cells: RateCells, totals: SurveyTotals, families: np.ndarray, limits: Literal["sum", "mover"]
) -> tuple[RateCells, np.ndarray]:
    """Append the row of all countries to rate cells (n_places, ...) and to families (n_places,).

    Totals, families and cases add; the group's rate is its total over its families; variances add, as
    countries are independent samples. limits: `sum` adds the countries' limits, as the 2010 study does (too
    wide: they are not limits of the sum); `mover` combines distances from the estimates in squares. Null for
    a cell that any country lacks. Source of `mover`: Zou and Donner (2008).
    """
    nations = np.flatnonzero(totals.is_national)
    weight = ratio(families[nations], families[nations].sum())
    w = weight[:, None, None, None]
    part = RateCells(*(getattr(cells, name)[nations] for name in ("rate", "std_error", "low", "high", "cases")))
    rate = (w * part.rate).sum(axis=0)
    variance = (w * part.std_error) ** 2
    if limits == "sum":
        low, high = (w * part.low).sum(axis=0), (w * part.high).sum(axis=0)
    else:
        low = np.maximum(rate - np.sqrt(((w * (part.rate - part.low)) ** 2).sum(axis=0)), 0)
        high = rate + np.sqrt(((w * (part.high - part.rate)) ** 2).sum(axis=0))
    implied = None
    if cells.implied_deff is not None:
        whole = variance[:, 2, 2, 0]  # all exploitation, inside and abroad, both sexes
        implied = np.append(cells.implied_deff, ratio(whole.sum(), ratio(whole, cells.implied_deff[nations]).sum()))
    group = RateCells(
        rate=_append(cells.rate, rate),
        std_error=_append(cells.std_error, np.sqrt(variance.sum(axis=0))),
        low=_append(cells.low, low),
        high=_append(cells.high, high),
        cases=_append(cells.cases, part.cases.sum(axis=0)),
        implied_deff=implied,
    )
    return group, np.append(families, families[nations].sum())


def _append(rows: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Append one domain to an array of domains."""
    return np.concatenate([rows, row[None]])
