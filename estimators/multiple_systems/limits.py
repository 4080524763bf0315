"""Limits of a multiple-systems estimate: Wald, profile likelihood, bootstrap, and of a weighed set of models.

Not here: which model.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from estimators.multiple_systems.loglinear import Fit, design, maximise
from estimators.multiple_systems.model_choice import Average, Rule
from estimators.multiple_systems.overlaps import Overlaps

Limits = tuple[float, float]


def wald(fit: Fit, observed: int, z: float) -> Limits:
    """Return limits that are symmetric on the log of the unseen cases."""
    reach = z * fit.log_dark_error
    return observed + float(np.exp(fit.log_dark - reach)), observed + float(np.exp(fit.log_dark + reach))


def profile(data: Overlaps, fit: Fit, z: float) -> tuple[float, float, float]:
    """Return the number of all cases with the largest multinomial likelihood, and its profile limits.

    The likelihood of N is that of the full table with N less the cases seen in the cell of nobody's list, all
    other parameters at their best; limits are where twice its logarithm has fallen by z^2. The maximum lies a
    little below the Poisson estimate. A side on which it never falls so far has the limit infinity, or the
    cases seen. Source: Cormack (1992).
    """
    from scipy.optimize import brentq, minimize_scalar

    height = _profile_height(data, fit)
    centre = fit.log_dark
    best = minimize_scalar(
        lambda t: -height(t), bounds=(centre - 3, centre + 3), method="bounded", options={"xatol": 1e-9}
    )
    top, target = float(best.x), -float(best.fun) - z**2 / 2
    step = max(z * fit.log_dark_error, 0.05)

    def side(direction: int) -> float:
        far = top
        for _ in range(60):
            far += direction * step
            if height(far) < target:
                return float(np.exp(brentq(lambda t: height(t) - target, top, far, xtol=1e-10)))
        return np.inf if direction > 0 else 0.0

    return data.observed + float(np.exp(top)), data.observed + side(-1), data.observed + side(1)


def _profile_height(data: Overlaps, fit: Fit) -> Callable[[float], float]:
    """Return the profile log-likelihood, up to a constant, as a function of the log of the unseen cases."""
    from scipy.special import gammaln, xlogy

    model = design(data, fit.pairs)
    nobody = np.zeros((1, model.matrix.shape[1]))
    nobody[0, 0] = 1.0
    matrix = np.vstack([nobody, model.matrix])
    seen = data.count[model.cells]

    def height(log_dark: float) -> float:
        count = np.append(np.exp(log_dark), seen)
        total = count.sum()
        expected = maximise(matrix, count)[0]
        return float(gammaln(total + 1) - gammaln(count[0] + 1) + xlogy(count, expected / total).sum())

    return height


def bootstrap(data: Overlaps, rule: Rule, confidence: float, replicates: int, seed: int) -> tuple[float, Limits, int]:
    """Resample the cases, choose and fit the model anew each time, and return error, BCa limits and failures.

    Bias correction from the share of replicates below the estimate, acceleration from leaving one case out
    (once for each distinct overlap, which counts as often as it has cases). A replicate in which a list is
    empty or no unique maximum exists is a failure. Source: Efron (1987); Chan, Silverman and Vincent (2021).
    """
    from scipy.special import ndtr, ndtri

    whole = rule(data).estimate
    draws = np.random.default_rng(seed).multinomial(data.observed, data.count / data.count.sum(), size=replicates)
    drawn = np.array([_refitted(data, row, rule) for row in draws])
    good = np.sort(drawn[np.isfinite(drawn)])
    if len(good) < replicates / 2:
        return np.nan, (np.nan, np.nan), replicates - len(good)
    seen = np.flatnonzero(data.count)
    without = np.array([_refitted(data, data.count - (np.arange(len(data.count)) == i), rule) for i in seen])
    kept = np.isfinite(without)
    times = data.count[seen][kept]
    away = (without[kept] * times).sum() / times.sum() - without[kept]
    spread = (times * away**2).sum()
    acceleration = (times * away**3).sum() / (6 * spread**1.5) if spread > 0 else 0.0
    share = np.clip(
        ((good < whole).sum() + (good == whole).sum() / 2) / len(good), 0.5 / len(good), 1 - 0.5 / len(good)
    )
    bias = ndtri(share)
    at = bias + ndtri(np.array([1 - confidence, 1 + confidence]) / 2)
    levels = ndtr(bias + at / (1 - acceleration * at))
    low, high = np.quantile(good, levels)
    return float(good.std(ddof=1)), (float(low), float(high)), replicates - len(good)


def _refitted(data: Overlaps, count: np.ndarray, rule: Rule) -> float:
    """Return the estimate from other counts, or null."""
    if not data.on[count > 0].any(axis=0).all():
        return np.nan
    return rule(data.recounted(count)).estimate


def mixture(average: Average, observed: int, confidence: float) -> Limits:
    """Return quantiles of the models' log-normal dark figures, mixed by their weights."""
    from scipy.optimize import brentq
    from scipy.special import ndtr

    centre = np.array([fit.log_dark for fit in average.fits])
    error = np.array([fit.log_dark_error for fit in average.fits])

    def at(level: float) -> float:
        low, high = (centre - 12 * error).min(), (centre + 12 * error).max()
        return float(np.exp(brentq(lambda t: average.weights @ ndtr((t - centre) / error) - level, low, high)))

    return observed + at((1 - confidence) / 2), observed + at((1 + confidence) / 2)
