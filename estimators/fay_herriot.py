"""The Fay-Herriot model of areas: direct estimates with known variances around a regression with area effects.

Arrays in, arrays out. Source: Fay and Herriot (1979); Rao and Molina (2015), chapter 6. Not here: survey rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class AreaModel:
    """Fitted areas, each (n_areas,), with the variance of area effects and the coefficients.

    weight: of the area's own estimate. mse: Prasad and Rao's. between: their part g1. synthetic: the
    regression's prediction, with its variance.
    """

    estimate: np.ndarray
    mse: np.ndarray
    weight: np.ndarray
    between: np.ndarray
    synthetic: np.ndarray
    synthetic_variance: np.ndarray
    effect_variance: float
    coefficients: np.ndarray


def fit(direct: np.ndarray, variance: np.ndarray, covariates: np.ndarray | None = None) -> AreaModel:
    """Fit by REML and return EBLUPs.

    direct, variance: (n_areas,). covariates: (n_areas, n_covariates), the intercept included; only an
    intercept by default. With an effect variance of 0 every estimate is synthetic, with weight 0.
    """
    return fit_each(direct[None], variance[None], covariates)[0]


def fit_each(direct: np.ndarray, variance: np.ndarray, covariates: np.ndarray | None = None) -> list[AreaModel]:
    """Fit a model to each row of direct estimates and variances, (n_rows, n_areas), as `fit` does to one.

    An area without an estimate has an infinite variance, and any number for its estimate; it is synthetic.
    """
    x = np.ones((direct.shape[1], 1)) if covariates is None else covariates
    sigma2 = reml(direct, variance, x)
    precision = 1 / (sigma2[:, None] + variance)
    inverse = np.linalg.inv(_information(precision, x))
    beta = np.einsum("rpq,rq->rp", inverse, (precision * direct) @ x)
    synthetic = beta @ x.T
    weight = sigma2[:, None] * precision
    spread = np.einsum("ip,rpq,iq->ri", x, inverse, x)
    between = sigma2[:, None] * (1 - weight)
    # Prasad and Rao (1990) as Datta and Lahiri (2000) write it for REML: g1 + g2 + 2 g3.
    g3 = (1 - weight) ** 2 * precision * 2 / (precision**2).sum(axis=1, keepdims=True)
    mse = between + (1 - weight) ** 2 * spread + 2 * g3
    estimate = synthetic + weight * (direct - synthetic)
    rows = zip(estimate, mse, weight, between, synthetic, spread, sigma2.tolist(), beta, strict=True)
    return [AreaModel(*row) for row in rows]


def reml(direct: np.ndarray, variance: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the variance of area effects with the largest restricted likelihood, (n_rows,), 0 if that is at 0.

    Golden-section search finds the maximum's neighbourhood, Fisher scoring its digits, which the flat top of a
    likelihood does not give.
    """
    known = np.isfinite(variance)
    largest = 10 * np.var(direct, axis=1, where=known) + np.max(variance, axis=1, where=known, initial=0.0)
    low, high = np.zeros(len(direct)), largest
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = (_deviance(s, direct, variance, x) for s in (left, right))
    for _ in range(30):
        down = at_left < at_right
        low, high = np.where(down, low, left), np.where(down, right, high)
        fresh = np.where(down, high - GOLDEN * (high - low), low + GOLDEN * (high - low))
        value = _deviance(fresh, direct, variance, x)
        left, right = np.where(down, fresh, right), np.where(down, left, fresh)
        at_left, at_right = np.where(down, value, at_right), np.where(down, at_left, value)
    best = (low + high) / 2
    for _ in range(20):
        best = np.maximum(best + _scoring_step(best, direct, variance, x), 0)
    inside = _deviance(best, direct, variance, x) < _deviance(np.zeros_like(best), direct, variance, x)
    return np.where(inside, best, 0.0)


def _information(weight: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return X'WX of each row of weights (n_rows, n_areas)."""
    return np.einsum("ri,ip,iq->rpq", weight, x, x)


def _residual(precision: np.ndarray, direct: np.ndarray, x: np.ndarray) -> np.ndarray:
    solved = np.linalg.solve(_information(precision, x), ((precision * direct) @ x)[..., None])[..., 0]
    return np.asarray(direct - solved @ x.T)


def _deviance(sigma2: np.ndarray, direct: np.ndarray, variance: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return minus twice the restricted log-likelihood at effect variances (n_rows,), up to a constant."""
    total = sigma2[:, None] + variance
    information = _information(1 / total, x)
    squares = (_residual(1 / total, direct, x) ** 2 / total).sum(axis=1)
    logs = np.log(np.where(np.isfinite(total), total, 1.0)).sum(axis=1)
    return np.asarray(logs + np.linalg.slogdet(information)[1] + squares)


def _scoring_step(sigma2: np.ndarray, direct: np.ndarray, variance: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return (y'PPy - tr P) / tr PP with P = W - W X (X'WX)^-1 X'W. Source: Rao and Molina (2015), 6.1.2."""
    w = 1 / (sigma2[:, None] + variance)
    inverse = np.linalg.inv(_information(w, x))
    hat = inverse @ _information(w**2, x)
    trace = w.sum(axis=1) - np.trace(hat, axis1=1, axis2=2)
    cubes = np.trace(inverse @ _information(w**3, x), axis1=1, axis2=2)
    square = (w**2).sum(axis=1) - 2 * cubes + np.trace(hat @ hat, axis1=1, axis2=2)
    return np.asarray((((w * _residual(w, direct, x)) ** 2).sum(axis=1) - trace) / square)
