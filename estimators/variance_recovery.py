"""Limits of sums and differences, from the limits of their parts: the method of variance estimates recovery (MOVER).

Arrays in, arrays out. It keeps limits that are not symmetric, which those of rare counts are not.
"""

from __future__ import annotations

import numpy as np

from estimators.quotients import ratio


def sum_limits(value: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of the sum of independent estimates along the first axis; null where a part is.

    T -+ sqrt(sum of squared distances to the limits). Source: Zou and Donner (2008), Statistics in Medicine 27.
    """
    total = value.sum(axis=0)
    return total - np.sqrt(((value - low) ** 2).sum(axis=0)), total + np.sqrt(((high - value) ** 2).sum(axis=0))


def difference_limits(
    first: tuple[np.ndarray, np.ndarray, np.ndarray],
    other: tuple[np.ndarray, np.ndarray, np.ndarray],
    correlation: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of first less other, each (value, low, high), with the correlation of the two.

    Source: Zou (2007), Psychological Methods 12, 399-413, on correlations that are not zero.
    """
    (a, a_low, a_high), (b, b_low, b_high) = first, other

    def distance(own: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        return np.sqrt(np.maximum(own**2 + theirs**2 - 2 * correlation * own * theirs, 0.0))

    return a - b - distance(a - a_low, b_high - b), a - b + distance(a_high - a, b - b_low)


def of_part_with_whole(weight: np.ndarray, std_error: np.ndarray, whole_std_error: np.ndarray) -> np.ndarray:
    """Return the correlation of a stratum with the whole that it is part of: W SE / SE of the whole, at most 1.

    The whole is the mean of independent strata with weights W, so that its covariance with one of them is W V.
    """
    return np.minimum(ratio(weight * std_error, whole_std_error), 1.0)
