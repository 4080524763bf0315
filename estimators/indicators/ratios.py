"""Indicators made of two counts: one over another, and what is left of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from estimators.indicators.cell import POISSON_RATIO, WILSON, Cell, Domain
from estimators.poisson_ratio import poisson_ratio
from estimators.simple_random import share
from schemas.indicator import PLAIN, Complement, Ratio

FORM = "exploitation"


def ratios(declared: Ratio, counts: Sequence[Cell], confidence: float) -> Iterator[Cell]:
    """Divide counts of the same place and group; where one is missing or the lower is 0 there is no ratio.

    Where the lower count has no row of the upper one's form of exploitation, its row of all forms is taken.
    """
    above, below = (
        {(cell.domain, tuple(sorted(cell.dimensions.items()))): cell for cell in counts if cell.name == name}
        for name in (declared.numerator, declared.denominator)
    )
    for place, over in above.items():
        under = below.get(place) or below.get(_of_every_form(place))
        if under is None:
            continue
        cell = replace(over, indicator=declared.id, code="", unit=declared.unit, base=_whole(under), additive=False)
        if np.isnan(over.count) or np.isnan(under.count) or under.count == 0:
            yield replace(cell, estimate=np.nan)
            continue
        if declared.nested:
            made = share(np.array(over.count), np.array(under.count), confidence)
            numbers = [float(part) * declared.per for part in (made.value, made.low, made.high, made.std_error)]
        else:
            numbers = list(poisson_ratio(over.count, under.count, confidence, declared.per))
        value, low, high, std_error = numbers
        method = WILSON if declared.nested else POISSON_RATIO
        yield replace(cell, estimate=value, low=low, high=high, std_error=std_error, method=method)


Place = tuple[Domain, tuple[tuple[str, str], ...]]


def _of_every_form(place: Place) -> Place:
    """Return the place with all forms of exploitation: a count of one form is a part of that of all."""
    domain, dimensions = place
    return domain, tuple((name, PLAIN[name] if name == FORM else value) for name, value in dimensions)


def _whole(cell: Cell) -> int:
    return cell.base if np.isnan(cell.count) else int(cell.count)


def complements(declared: Complement, ratios_made: Sequence[Cell], per: float) -> Iterator[Cell]:
    """Take ratios from the whole; the upper limit of a ratio is the lower one of what is left."""
    for cell in (cell for cell in ratios_made if cell.indicator == declared.of):
        left, low, high = per - cell.estimate, per - cell.high, per - cell.low
        yield replace(cell, indicator=declared.id, count=np.nan, estimate=left, low=low, high=high)
