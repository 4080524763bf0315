"""Quotients and products of sums that may be zero: null where nothing can be said, never a warning."""

from __future__ import annotations

import numpy as np


def ratio(numerator: np.ndarray | float, denominator: np.ndarray | float) -> np.ndarray:
    """Divide, giving null where the denominator is zero."""
    return np.asarray(numerator / np.where(np.equal(denominator, 0), np.nan, denominator))


def times(amount: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Multiply, giving zero where the amount is zero whatever the share."""
    return np.where(amount == 0, 0.0, amount * share)
