"""Limits of a Poisson count: exact (Garwood) limits, quantiles, and the 2010 study's coverage rule.

Arrays in, arrays out. Not here: what is counted, and the scale on which limits are published.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def garwood(count: np.ndarray, confidence: float, step: np.ndarray | float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return exact limits of the mean of a Poisson count; the count may be a fraction, and null stays null.

    With a count of zero the lower limit is 0 and the upper one leaves a single tail of (1 - confidence) / 2. step:
    what one case more adds to the count, at most 1. The limits are gamma quantiles of shapes count + (1 - step) / 2,
    never above the count itself, and count + (1 + step) / 2: Garwood's at 1, and Jeffreys's as the step goes to 0.
    Source: Garwood (1936), chi-square limits written as incomplete gamma functions; Brown, Cai and DasGupta (2003,
    Statistica Sinica 13) for Jeffreys's; Fay and Feuer (1997, Statistics in Medicine 16) for a case that is not
    worth 1.
    """
    from scipy.special import gammainccinv, gammaincinv

    tail = (1 - confidence) / 2
    count = np.asarray(count, dtype=float)
    some = count > 0
    below = np.where(some, count + (1 - step) / 2, 1.0)
    low = np.where(some, np.minimum(gammaincinv(below, tail), count), np.where(count == 0, 0.0, np.nan))
    high = gammainccinv(np.where(count >= 0, count, np.nan) + (1 + step) / 2, tail)
    return low, high


def quantiles(mean: np.ndarray, probability: float) -> np.ndarray:
    """Return the smallest k with F(k) >= probability for each Poisson mean (k = 0 for a mean of zero)."""
    return _each_distinct(mean, lambda k, cdf: _at(k, (cdf >= probability).argmax(axis=1)))


def coverage_limits(mean: np.ndarray, confidence: float, decimals: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the 2010 study's integer limits of a Poisson mean.

    The CDF is read from a table of `decimals` places that ends where it first prints 1. Lower limit: F(k)
    nearest to (1 - confidence) / 2. Upper limit: F(k) - F(lower) nearest to confidence. A tie goes to the
    wider interval. This drops P(X = lower), so the interval covers a little more than it says. It was found
    after the fact and is kept because it gives all twenty printed limits, which quantiles and normal limits do
    not. A mean of zero has no such table and is the caller's business.
    """
    unit = 10**decimals
    tail, cover = round(unit * (1 - confidence) / 2), round(unit * confidence)

    def limits(k: np.ndarray, cdf: np.ndarray) -> np.ndarray:
        table = np.rint(cdf * unit).astype(np.int64)
        after_end = np.cumsum(table == unit, axis=1) > 1
        lower = np.abs(table - tail).argmin(axis=1)
        away = np.abs(table - np.take_along_axis(table, lower[:, None], axis=1) - cover)
        away[after_end] = unit * 2
        upper = away.shape[1] - 1 - away[:, ::-1].argmin(axis=1)
        return np.stack([_at(k, lower), _at(k, upper)], axis=-1)

    both = _each_distinct(mean, limits)
    return both[..., 0], both[..., 1]


def _each_distinct(mean: np.ndarray, rule: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """Apply a rule of (k, CDF at k) to each distinct mean, and put the answers back in the mean's shape.

    k spans five standard deviations and more either side, beyond which a four-decimal table holds only 0 and
    1.
    """
    from scipy.special import pdtr

    mean = np.asarray(mean, dtype=float)
    distinct, back = np.unique(mean[np.isfinite(mean)], return_inverse=True)
    if not distinct.size:
        probe = rule(np.zeros((1, 1)), np.ones((1, 1)))
        return np.full(mean.shape + probe.shape[1:], np.nan)
    parts = []
    for alike in np.array_split(distinct, min(len(distinct), 20)):  # large means need wide tables, small ones do not
        spread = 5 * np.sqrt(alike)
        first = np.floor(np.maximum(alike - spread - 10, 0))
        k = first[:, None] + np.arange(int(2 * spread.max() + 40))
        parts.append(rule(k, pdtr(k, alike[:, None])))
    found = np.concatenate(parts)
    answer = np.full(mean.shape + found.shape[1:], np.nan)
    answer[np.isfinite(mean)] = found[back]
    return answer


def _at(k: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return k at one column of each row."""
    return np.take_along_axis(k, column[:, None], axis=1)[:, 0]
