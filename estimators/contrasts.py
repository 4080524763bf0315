"""Tests of one estimate against another, and of several together.

Arrays in, arrays out. Not here: which estimates are compared, and their variances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimators.quotients import ratio
from estimators.sampling_limits import t_quantile


@dataclass(frozen=True)
class Test:
    """A statistic, its degrees of freedom and its two-sided p value, arrays of one shape."""

    statistic: np.ndarray
    df: np.ndarray
    p_value: np.ndarray


def t_test(effect: np.ndarray, variance: np.ndarray, df: np.ndarray) -> Test:
    """Test an effect against zero; null without a variance or degrees of freedom."""
    from scipy.special import stdtr

    statistic = ratio(effect, np.sqrt(variance))
    usable = np.where(df > 0, df, np.nan)
    return Test(statistic, usable, 2 * stdtr(usable, -np.abs(statistic)))


def log_ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return log(a / b), null unless both are positive."""
    quotient = np.where((a > 0) & (b > 0), ratio(a, b), np.nan)
    return np.log(quotient)


def ratio_limits(effect: np.ndarray, variance: np.ndarray, df: np.ndarray, confidence: float) -> tuple[np.ndarray, ...]:
    """Return t limits of exp(effect)."""
    half = t_quantile(confidence, df) * np.sqrt(variance)
    return np.exp(effect - half), np.exp(effect + half)


def satterthwaite(variance_a: np.ndarray, df_a: np.ndarray, variance_b: np.ndarray, df_b: np.ndarray) -> np.ndarray:
    """Return the degrees of freedom of a difference of independent estimates. Source: Satterthwaite (1946)."""
    return ratio((variance_a + variance_b) ** 2, ratio(variance_a**2, df_a) + ratio(variance_b**2, df_b))


def holm(p_values: np.ndarray) -> np.ndarray:
    """Return p values adjusted for their number by Holm's step-down rule; nulls stay null and do not count.

    Source: Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    adjusted = np.full(p_values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    steps = np.arange(len(order), 0, -1) * p_values[order]
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def wald_f(effects: np.ndarray, covariance: np.ndarray, df: float) -> tuple[float, float, float, float]:
    """Test that K effects are equal: return F, its two degrees of freedom, and p; nulls if the test is not possible.

    X2 = (C t)' (C V C')^-1 (C t) with C the differences from the first; F = (d - K + 2) / (d (K - 1)) X2 on
    K - 1 and d - K + 2 degrees of freedom. Source: Korn and Graubard (1990), American Statistician 44.
    """
    from scipy.special import fdtrc

    k = len(effects)
    lower = df - k + 2
    if k < 2 or lower <= 0 or not np.isfinite(effects).all() or not np.isfinite(covariance).all():
        return np.nan, np.nan, np.nan, np.nan
    differences = np.column_stack([-np.ones(k - 1), np.eye(k - 1)])
    spread = differences @ covariance @ differences.T
    if np.linalg.matrix_rank(spread) < k - 1:
        return np.nan, np.nan, np.nan, np.nan
    effect = differences @ effects
    statistic = float(effect @ np.linalg.solve(spread, effect)) * lower / (df * (k - 1))
    return statistic, float(k - 1), float(lower), float(fdtrc(k - 1, lower, statistic))
