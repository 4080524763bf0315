"""Lower bounds of a hidden population from cases seen once and cases seen twice, without a model of the lists.

Not here: log-linear models.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimators.multiple_systems.overlaps import Overlaps


@dataclass(frozen=True)
class Bound:
    """Unseen cases at least, with the variance of that number."""

    dark: float
    variance: float


def lower_bound(data: Overlaps) -> Bound:
    """Return f1^2 / (2 f2), or f1 (f1 - 1) / 2 where nobody stands on two lists.

    f1, f2: cases on exactly one and exactly two lists. It supposes lists that reach alike; with few lists of
    unequal reach it can lie above the truth, and `unequal_lists` is the bound. Source: Chao (1987).
    """
    times = data.on.sum(axis=1)
    once, twice = float(data.count[times == 1].sum()), float(data.count[times == 2].sum())
    if twice == 0:
        dark = once * (once - 1) / 2
        variance = once * (once - 1) / 2 + once * (2 * once - 1) ** 2 / 4 - once**4 / (4 * dark) if dark else 0.0
        return Bound(dark, max(variance, 0.0))
    odds = once / twice
    return Bound(once**2 / (2 * twice), twice * (odds**2 / 2 + odds**3 + odds**4 / 4))


def unequal_lists(data: Overlaps) -> Bound:
    """Return sum over pairs of lists of f1_i f1_j, divided by f2: equal to the truth for independent lists.

    f1_i: cases on list i only. With odds o_i of standing on list i, f1_i = D o_i and f2 = D sum o_i o_j for D
    unseen cases; differences between cases can only raise f2. Variance by the delta method on Poisson counts.
    Source: Chao (1989), written for lists of unequal reach. Null where nobody stands on two lists.
    """
    times = data.on.sum(axis=1)
    only = np.array([data.count[(times == 1) & data.on[:, i]].sum() for i in range(len(data.lists))], dtype=float)
    twice = float(data.count[times == 2].sum())
    if twice == 0:
        return Bound(np.nan, np.nan)
    products = (only.sum() ** 2 - (only**2).sum()) / 2
    slope = (only.sum() - only) / twice
    return Bound(products / twice, float((only * slope**2).sum() + products**2 / twice**3))


def limits(bound: Bound, observed: int, z: float) -> tuple[float, float]:
    """Return log-normal limits of all cases, which cannot fall below the cases seen. Source: Chao (1987)."""
    if not bound.dark > 0:
        return float(observed + bound.dark), float(observed + bound.dark)
    factor = float(np.exp(z * np.sqrt(np.log1p(bound.variance / bound.dark**2))))
    return observed + bound.dark / factor, observed + bound.dark * factor
