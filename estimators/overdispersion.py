"""How far counts of families spread beyond Poisson: quasi-Poisson and negative binomial rates by group.

For interviews, not PSU totals, and without weights: a diagnosis of the model behind `poisson`, no method of
its own. Not here: clustering, which the design effect of method `design` holds together with this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class GroupRates:
    """Log rates by group and their standard errors, (n_groups,), with what the model says about the spread.

    dispersion: Pearson's X2 over its degrees of freedom; 1 for Poisson. size, size_error: the negative
    binomial's theta, variance = mu + mu^2 / theta; null for quasi-Poisson. log_likelihood: null likewise.
    """

    log_rate: np.ndarray
    std_error: np.ndarray
    dispersion: float
    size: float = np.nan
    size_error: float = np.nan
    log_likelihood: float = np.nan


def quasi_poisson(cases: np.ndarray, base: np.ndarray, group: np.ndarray) -> GroupRates:
    """Fit rates of cases per base by group, with the dispersion X2 / (n - n_groups); each (n_interviews,).

    Source: Wedderburn (1974), Biometrika 61; McCullagh and Nelder (1989), 6.2.
    """
    observed = np.bincount(group, weights=cases)
    rate = observed / np.bincount(group, weights=base)
    mean = base * rate[group]
    dispersion = float(((cases - mean) ** 2 / mean).sum() / (len(cases) - len(rate)))
    return GroupRates(np.log(rate), np.sqrt(dispersion / observed), dispersion)


def negative_binomial(cases: np.ndarray, base: np.ndarray, group: np.ndarray) -> GroupRates:
    """Fit the same with variance mu + mu^2 / theta by maximum likelihood, theta over its profile.

    Errors of rates take theta as known, as R's MASS::glm.nb does. Source: Lawless (1987), Canadian Journal of
    Statistics 15; Venables and Ripley (2002), 7.4.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import polygamma

    def loss(log_size: float) -> float:
        size = float(np.exp(log_size))
        return -_log_likelihood(cases, base * np.exp(_log_rates(cases, base, group, size))[group], size)

    size = float(np.exp(minimize_scalar(loss, bracket=(-2.0, 1.0), tol=1e-12).x))
    log_rate = _log_rates(cases, base, group, size)
    mean = base * np.exp(log_rate)[group]
    information = np.bincount(group, weights=mean / (1 + mean / size))
    curvature = polygamma(1, size) - polygamma(1, size + cases) - 1 / size + 2 / (mean + size)
    curvature -= (cases + size) / (mean + size) ** 2
    residual = (cases - mean) ** 2 / (mean + mean**2 / size)
    return GroupRates(
        log_rate,
        np.sqrt(1 / information),
        float(residual.sum() / (len(cases) - len(log_rate))),
        size,
        float(1 / np.sqrt(curvature.sum())),
        _log_likelihood(cases, mean, size),
    )


def _log_rates(cases: np.ndarray, base: np.ndarray, group: np.ndarray, size: float) -> np.ndarray:
    """Solve sum (y - mu) / (1 + mu / theta) = 0 for the log rate of every group, by Fisher scoring."""
    log_rate = np.log(np.bincount(group, weights=cases) / np.bincount(group, weights=base))
    for _ in range(100):
        mean = base * np.exp(log_rate)[group]
        score = np.bincount(group, weights=(cases - mean) / (1 + mean / size))
        step = score / np.bincount(group, weights=mean / (1 + mean / size))
        log_rate = log_rate + step
        if np.abs(step).max() < 1e-13:
            break
    return log_rate


def _log_likelihood(cases: np.ndarray, mean: np.ndarray, size: float) -> float:
    from scipy.special import gammaln, xlogy

    constant = gammaln(size + cases) - gammaln(size) - gammaln(cases + 1)
    return float((constant + size * np.log(size / (size + mean)) + xlogy(cases, mean / (size + mean))).sum())
