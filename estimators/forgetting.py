"""How fast cases would have to be forgotten to make an equal number a year look like a rise.

Omission as exponential decay, Sudman and Bradburn (1973), as in the variants `recall` of `sensitivity`.
"""

from __future__ import annotations

import numpy as np

FASTEST = 20.0
"""Upper end of the search for the decay a year: one case in half a billion is still told after a year."""
HALVINGS = 80


def apparent_ratio(decay: np.ndarray, recent: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    """Return yearly cases told of the last `recent` years over those of the `earlier` years before, if none changed.

    With the share e^(-d t) told of what is t years ago:
    (e^(d L1) - 1) L0 / (L1 (1 - e^(-d L0))), which is 1 without decay.
    """
    return np.expm1(decay * recent) * earlier / (recent * -np.expm1(-decay * earlier))


def loss_that_explains(ratio: np.ndarray, recent: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    """Return the share forgotten each year that alone would make the ratio; null where the ratio is not above 1.

    ratio, recent, earlier: arrays of one shape, years. By bisection, as the apparent ratio rises with the decay.
    """
    low, high = np.full(ratio.shape, 1e-9), np.full(ratio.shape, FASTEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        over = apparent_ratio(middle, recent, earlier) > ratio
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    return np.where(ratio > 1, -np.expm1(-low), np.nan)
