"""Means and shares with standard errors and limits under simple random sampling.

Arrays in, arrays out. Not here: which mean or share, and any sampling design.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from estimators.quotients import ratio


@dataclass(frozen=True)
class Estimate:
    """A number, its standard error and its limits, arrays of one shape."""

    value: np.ndarray
    std_error: np.ndarray
    low: np.ndarray
    high: np.ndarray


def normal_quantile(confidence: float) -> float:
    """Return z such that a standard normal lies within -z and z with the given confidence."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + confidence / 2))


def mean(total: np.ndarray, total_of_squares: np.ndarray, n: np.ndarray, confidence: float) -> Estimate:
    """Return means with normal limits, without finite population correction; one observation has no error."""
    value = ratio(total, n)
    variance = ratio(np.maximum(total_of_squares - n * value**2, 0), n - 1)
    std_error = np.sqrt(ratio(np.where(n > 1, variance, np.nan), n))
    z = normal_quantile(confidence)
    return Estimate(value, std_error, np.maximum(value - z * std_error, 0), value + z * std_error)


def share(cases: np.ndarray, n: np.ndarray, confidence: float) -> Estimate:
    """Return shares with Wilson limits, which stay within 0 and 1 also for no case or only cases."""
    value = ratio(cases, n)
    low, high = wilson(value, n, confidence)
    return Estimate(value, np.sqrt(ratio(np.maximum(value * (1 - value), 0), n)), low, high)


def weighted_share(cases: np.ndarray, n: np.ndarray, weight: np.ndarray, confidence: float) -> Estimate:
    """Combine shares of strata (axis 0) by weights, with Wilson limits on the equally precise sample size.

    cases, n: (n_strata, n_cells). weight: of the same shape, what each stratum's n stand for; a stratum with
    no n counts nothing. Null if no stratum has any.
    """
    used = np.where(n > 0, weight, 0.0)
    part = ratio(used, used.sum(axis=0))
    p = np.where(n > 0, ratio(cases, n), 0.0)
    value = (part * p).sum(axis=0)
    variance = np.where(n > 0, ratio(part**2 * np.maximum(p * (1 - p), 0), n), 0.0).sum(axis=0)
    effective_n = np.where(variance > 0, ratio(value * (1 - value), variance), n.sum(axis=0))
    low, high = wilson(value, effective_n, confidence)
    return Estimate(value, np.sqrt(variance), low, high)


def wilson(value: np.ndarray, n: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's score limits of a share observed among n."""
    z = normal_quantile(confidence)
    spread = np.maximum(value * (1 - value), 0)
    centre = (value + ratio(z**2, 2 * n)) / (1 + ratio(z**2, n))
    half = z * np.sqrt(ratio(spread, n) + ratio(z**2, 4 * n**2)) / (1 + ratio(z**2, n))
    # At 0 and 1 the limit is the value itself; the subtraction would leave a rounding error there.
    low = np.where(value == 0, 0.0, np.maximum(centre - half, 0))
    high = np.where(value == 1, 1.0, np.minimum(centre + half, 1))
    return low, high
