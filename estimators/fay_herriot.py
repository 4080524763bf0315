"""The Fay-Herriot model of areas: direct estimates with known variances around a regression with area effects.

Arrays in, arrays out. Source: Fay and Herriot (1979); Rao and Molina (2015), chapter 6. Not here: survey rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
    x = np.ones((len(direct), 1)) if covariates is None else covariates
    sigma2 = reml(direct, variance, x)
    total = sigma2 + variance
    inverse = np.linalg.inv((x.T / total) @ x)
    beta = inverse @ (x.T @ (direct / total))
    weight = sigma2 / total
    synthetic = x @ beta
    spread = np.einsum("ij,jk,ik->i", x, inverse, x)
    between = weight * variance
    # Prasad and Rao (1990) as Datta and Lahiri (2000) write it for REML: g1 + g2 + 2 g3.
    g3 = variance**2 / total**3 * 2 / (1 / total**2).sum()
    mse = between + (1 - weight) ** 2 * spread + 2 * g3
    estimate = synthetic + weight * (direct - synthetic)
    return AreaModel(estimate, mse, weight, between, synthetic, spread, sigma2, beta)


def reml(direct: np.ndarray, variance: np.ndarray, x: np.ndarray) -> float:
    """Return the variance of area effects with the largest restricted likelihood, 0 if that is largest at 0."""
    from scipy.optimize import minimize_scalar

    def height(sigma2: float) -> float:
        total = sigma2 + variance
        information = (x.T / total) @ x
        left = direct - x @ np.linalg.solve(information, x.T @ (direct / total))
        return float(np.log(total).sum() + np.linalg.slogdet(information)[1] + (left**2 / total).sum())

    largest = 10 * float(direct.var()) + float(variance.max())
    best = minimize_scalar(height, bounds=(0.0, largest), method="bounded", options={"xatol": 1e-12 * largest})
    return float(best.x) if best.fun < height(0.0) else 0.0
