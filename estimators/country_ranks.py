"""Which of several independent rates differ, and which ranks they may have.

Arrays in, arrays out. Not here: which rates are compared, and their errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from estimators.contrasts import holm, log_ratio, ratio_limits, satterthwaite, t_test


@dataclass(frozen=True)
class Pairs:
    """Every pair of K rates, (K (K - 1) / 2,) each.

    first, other: positions of the rates.  ratio, low, high: first over other, with limits of the pair alone.
    p_value_holm: adjusted over all pairs. Null where a rate is zero or has no error.
    """

    first: np.ndarray
    other: np.ndarray
    ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value_holm: np.ndarray


def pairs(rate: np.ndarray, cv: np.ndarray, df: np.ndarray, confidence: float) -> Pairs:
    """Compare every pair of independent rates on the log scale; rate, cv, df: (K,).

    SE^2 = CV_A^2 + CV_B^2 with t on the degrees of freedom of Satterthwaite (1946), p values by Holm (1979).
    """
    every = np.array(list(combinations(range(len(rate)), 2)), dtype=int).reshape(-1, 2)
    a, b = every.T
    relative = cv**2
    effect, spread = log_ratio(rate[a], rate[b]), relative[a] + relative[b]
    freedom = satterthwaite(relative[a], df[a], relative[b], df[b])
    low, high = ratio_limits(effect, spread, freedom, confidence)
    return Pairs(a, b, np.exp(effect), low, high, holm(t_test(effect, spread, freedom).p_value))


def rank_ranges(
    number: int, first: np.ndarray, other: np.ndarray, ratio: np.ndarray, p_value_holm: np.ndarray, alpha: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the best and the worst rank, (number,) each, that the tests leave to every rate; rank 1 is the highest.

    best = 1 + how many are higher beyond chance, worst = number - how many are lower. All ranges hold together with
    confidence 1 - alpha, as the p values are adjusted over all pairs. A pair without a p value decides nothing.
    Source: Al Mohamad, Goeman and van Zwet (2022), Biometrics 78, 238-247.
    """
    real = np.nan_to_num(p_value_holm, nan=1.0) <= alpha
    above, below = real & (ratio > 1), real & (ratio < 1)
    higher = np.bincount(other[above], minlength=number) + np.bincount(first[below], minlength=number)
    lower = np.bincount(first[above], minlength=number) + np.bincount(other[below], minlength=number)
    return 1 + higher, number - lower
