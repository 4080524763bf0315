"""The design effect that limits of a rare count rest on: the domain's own, steadied by its neighbours'.

Below some ten effective cases a domain's own variance is small exactly when its rate is small, and limits that
trust it cover 70 to 90 %, not 95 % (`docs/coverage.csv`). Arrays in, arrays out. Not here: variances, limits.
"""

from __future__ import annotations

import numpy as np

from estimators.quotients import ratio

STEADY_CASES = 10.0
"""Effective cases at which a domain's own design effect counts as much as its neighbours'."""


def own(estimate: np.ndarray, variance: np.ndarray, cases: np.ndarray) -> np.ndarray:
    """Return V / (R^2 / k), the variance against that of a Poisson count; null without a case."""
    return ratio(variance * cases, np.where(cases > 0, estimate, np.nan) ** 2)


def pooled(effect: np.ndarray, cases: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the mean design effect of each domain's group, at least 1, weighted by cases.

    effect, cases: (n_domains, k), effect null where there is no case. group: (n_domains,) codes. A group
    without a case has 1.
    """
    n_groups = int(group.max()) + 1
    above, below = np.zeros((n_groups, effect.shape[1])), np.zeros((n_groups, effect.shape[1]))
    some = np.nan_to_num(cases) > 0
    np.add.at(above, group, np.where(some, cases * effect, 0.0))
    np.add.at(below, group, np.where(some, cases, 0.0))
    return np.maximum(np.where(below > 0, above / np.where(below > 0, below, 1.0), 1.0), 1.0)[group]


def steadied(effect: np.ndarray, cases: np.ndarray, neighbours: np.ndarray) -> np.ndarray:
    """Return (k* d + c D) / (k* + c), with k* = k / D effective cases, c = STEADY_CASES, and d at least 1.

    effect d, cases k: of the domain; neighbours D: of its group. Without a case it is D, so the upper limit of
    a rate of zero is 3.689 D cases. The weight c is the simulation's: 5 to 20 give the same coverage within a
    point.
    """
    effective = cases / neighbours
    known = np.where(cases > 0, np.maximum(effect, 1.0), neighbours)
    return (effective * known + STEADY_CASES * neighbours) / (effective + STEADY_CASES)
