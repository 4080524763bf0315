"""How far counts of families spread beyond Poisson: quasi-Poisson and negative binomial rates by group.

A diagnosis of the model behind `poisson`, without weights, and no method of its own. Not here: clustering, which
the design effect of method `design` holds together with this, and the rows of the result table.
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


def quasi_poisson(cases: np.ndarray, base: np.ndarray, group: np.ndarray, families: np.ndarray) -> GroupRates:
    """Fit rates of cases per base by group, with the dispersion X2 / (n - n_groups).

    cases, base, group: (n_kinds,) of each kind of family; every group has a case. families: (n_kinds,) how many
    families are of the kind, 1 where each row is one. Source: Wedderburn (1974), Biometrika 61; McCullagh and Nelder
    (1989), 6.2.
    """
    observed = np.bincount(group, weights=families * cases)
    rate = observed / np.bincount(group, weights=families * base)
    mean = base * rate[group]
    df = families.sum() - len(rate)
    dispersion = float((families * (cases - mean) ** 2 / mean).sum() / df) if df > 0 else np.nan
    return GroupRates(np.log(rate), np.sqrt(dispersion / observed), dispersion)


def negative_binomial(cases: np.ndarray, base: np.ndarray, group: np.ndarray, families: np.ndarray) -> GroupRates:
    """Fit the same with variance mu + mu^2 / theta by maximum likelihood, theta over its profile.

    Where the likelihood does not rise from Poisson's (Dean 1992), theta is infinite. Errors of rates take theta as
    known, as R's MASS::glm.nb does. Source: Lawless (1987), Canadian Journal of Statistics 15; Venables and Ripley
    (2002), 7.4.
    """
    log_rate = np.log(np.bincount(group, weights=families * cases) / np.bincount(group, weights=families * base))
    mean = base * np.exp(log_rate)[group]
    excess = float((families * ((cases - mean) ** 2 - cases)).sum())
    if excess <= 0:
        return GroupRates(log_rate, np.full(len(log_rate), np.nan), np.nan, size=np.inf)
    size = float((families * mean**2).sum()) / excess
    slope, curvature = 0.0, 1.0
    for _ in range(100):  # scoring; theta and the rates are orthogonal, so a few rounds do
        log_rate = _log_rates(cases, base, group, families, size, log_rate)
        mean = base * np.exp(log_rate)[group]
        slope, curvature = _slope_and_curvature(cases, mean, families, size)
        bend = size * curvature - slope  # minus the slope of size x slope with respect to log size
        step = float(np.clip(slope / bend if bend > 0 else np.sign(slope), -1, 1))
        size *= np.exp(step)
        if abs(step) < 1e-10:
            break
    information = np.bincount(group, weights=families * mean / (1 + mean / size))
    residual = float((families * (cases - mean) ** 2 / (mean + mean**2 / size)).sum())
    return GroupRates(
        log_rate,
        np.sqrt(1 / information),
        residual / float(families.sum() - len(log_rate)),
        size,
        float(1 / np.sqrt(curvature)),
        _log_likelihood(cases, mean, families, size),
    )


def _slope_and_curvature(cases: np.ndarray, mean: np.ndarray, families: np.ndarray, size: float) -> tuple[float, float]:
    """Return the first derivative of the log-likelihood with respect to theta, and minus the second."""
    from scipy.special import polygamma, psi

    slope = psi(size + cases) - psi(size) - np.log1p(mean / size) + (mean - cases) / (mean + size)
    curvature = polygamma(1, size) - polygamma(1, size + cases) - 1 / size + 2 / (mean + size)
    curvature -= (cases + size) / (mean + size) ** 2
    return float((families * slope).sum()), float((families * curvature).sum())


def _log_rates(
    cases: np.ndarray, base: np.ndarray, group: np.ndarray, families: np.ndarray, size: float, log_rate: np.ndarray
) -> np.ndarray:
    """Solve sum (y - mu) / (1 + mu / theta) = 0 for the log rate of every group, by Fisher scoring."""
    for _ in range(100):
        mean = base * np.exp(log_rate)[group]
        weight = families / (1 + mean / size)
        step = np.bincount(group, weights=weight * (cases - mean)) / np.bincount(group, weights=weight * mean)
        log_rate = log_rate + step
        if np.abs(step).max() < 1e-13:
            break
    return log_rate


def _log_likelihood(cases: np.ndarray, mean: np.ndarray, families: np.ndarray, size: float) -> float:
    from scipy.special import gammaln, xlogy

    constant = gammaln(size + cases) - gammaln(size) - gammaln(cases + 1)
    own = constant + size * np.log(size / (size + mean)) + xlogy(cases, mean / (size + mean))
    return float((families * own).sum())
