"""Confidence limits from an estimate, its variance under the design, and its degrees of freedom.

Arrays in, arrays out. Not here: where variances come from.
"""

from __future__ import annotations

import numpy as np

from estimators.design_effect import Steadied
from estimators.poisson_distribution import garwood
from estimators.quotients import ratio
from estimators.simple_random import normal_quantile

COUNT_LIMITS = ("garwood_effective", "garwood_own", "log_t", "wald")
"""Garwood's on effective cases, by a steadied design effect or by the domain's own; R exp(-+ t CV); R -+ t SE."""
SHARE_LIMITS = ("korn_graubard", "korn_graubard_own", "logit_t", "wald")
"""Clopper-Pearson's on an effective sample, by a steadied design effect or by the domain's own; logit; R -+ t SE."""
Limits = tuple[np.ndarray, np.ndarray]


def t_quantile(confidence: float, df: np.ndarray) -> np.ndarray:
    """Return t such that a Student variable lies within -t and t with the given confidence; null without df."""
    from scipy.special import stdtrit

    few, back = np.unique(np.where(df > 0, df, np.nan), return_inverse=True)  # the quantile is slow, df are few
    return np.asarray(stdtrit(few, 0.5 + confidence / 2))[back].reshape(np.shape(df))


def garwood_effective(
    estimate: np.ndarray, variance: np.ndarray, cases: np.ndarray, df: np.ndarray, confidence: float
) -> Limits:
    """Return exact Poisson limits of the effective number of cases, scaled to the estimate.

    cases k, unweighted; v0 = R^2 / k; deff = max(1, V / v0); k* = k / deff (z / t_df)^2; limits R / k* times
    Garwood's. An estimate of zero has no limits here (see `no_case`). Source: Garwood (1936) on the effective
    count of Korn and Graubard (1998, Survey Methodology 24), carried from shares to rates.
    """
    effective = np.fmin(cases, ratio(estimate**2, variance))
    effective = effective * (normal_quantile(confidence) / t_quantile(confidence, df)) ** 2
    low, high = garwood(np.where(estimate > 0, effective, np.nan), confidence)
    return ratio(estimate, effective) * low, ratio(estimate, effective) * high


def garwood_steadied(estimate: np.ndarray, cases: np.ndarray, steadied: Steadied, confidence: float) -> Limits:
    """Return the same with a design effect d* that others lent (`design_effect.for_limits`) for the domain's own.

    k* = k / d* (z / t)^2, t with the degrees of freedom of d*. One case more is worth a step s of k*, s = 1 / d* where
    d* is borrowed, 1 where it is the domain's own; limits R / k* times the gamma quantiles of shapes k* + (1 - s) / 2
    and k* + (1 + s) / 2. Garwood's whole step would make limits of few effective cases cover too much.
    """
    effective = cases / steadied.effect * (normal_quantile(confidence) / t_quantile(confidence, steadied.df)) ** 2
    low, high = garwood(np.where(estimate > 0, effective, np.nan), confidence, steadied.step)
    return ratio(estimate, effective) * low, ratio(estimate, effective) * high


def log_t(estimate: np.ndarray, variance: np.ndarray, df: np.ndarray, confidence: float) -> Limits:
    """Return R exp(-+ t_df CV), which never goes below zero; none for an estimate of zero."""
    spread = np.exp(t_quantile(confidence, df) * ratio(np.sqrt(variance), estimate))
    return estimate / spread, estimate * spread


def wald(estimate: np.ndarray, variance: np.ndarray, df: np.ndarray, confidence: float) -> Limits:
    """Return R -+ t_df SE."""
    half = t_quantile(confidence, df) * np.sqrt(variance)
    return estimate - half, estimate + half


def logit_t(share: np.ndarray, variance: np.ndarray, df: np.ndarray, confidence: float) -> Limits:
    """Return limits of a share from t limits of its logit; none for 0 and 1."""
    inner = np.where((share > 0) & (share < 1), share, np.nan)
    odds = inner / (1 - inner)
    spread = np.exp(t_quantile(confidence, df) * np.sqrt(variance) / (inner * (1 - inner)))
    return odds / spread / (1 + odds / spread), odds * spread / (1 + odds * spread)


def korn_graubard(share: np.ndarray, variance: np.ndarray, n: np.ndarray, df: np.ndarray, confidence: float) -> Limits:
    """Return Clopper-Pearson limits on the effective sample size n* = min(n, p (1 - p) / V) (t_{n-1} / t_df)^2.

    For 0 and 1, where the sample shows no variance, n* rests on n itself. Source: Korn and Graubard (1998),
    Survey Methodology 24, 193-201; R survey's svyciprop(method = "beta"), which does not cap n*.
    """
    inside = (share > 0) & (share < 1)
    effective = np.where(inside, np.fmin(n, ratio(share * (1 - share), variance)), n)
    return _clopper_pearson(share, effective * _freedom(n, df, confidence), confidence)


def korn_graubard_steadied(
    share: np.ndarray, n: np.ndarray, effect: np.ndarray, df: np.ndarray, confidence: float
) -> Limits:
    """Return the same on n* = n / d* (t_{n-1} / t_df)^2, with a design effect d* of at least 1 from elsewhere.

    Shares of 0 and 1 too, whose own sample shows no variance.
    """
    return _clopper_pearson(share, n / effect * _freedom(n, df, confidence), confidence)


def _freedom(n: np.ndarray, df: np.ndarray, confidence: float) -> np.ndarray:
    return np.asarray((t_quantile(confidence, n - 1) / t_quantile(confidence, df)) ** 2)


def _clopper_pearson(share: np.ndarray, n: np.ndarray, confidence: float) -> Limits:
    """Return exact limits of a share of n, which need not be whole; null where n is."""
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    cases, others = n * share, n * (1 - share)
    low = betaincinv(np.where(share > 0, cases, np.nan), others + 1, tail)
    high = betaincinv(cases + 1, np.where(share < 1, others, np.nan), 1 - tail)
    known = np.isfinite(n)
    return np.where((share == 0) & known, 0.0, low), np.where((share == 1) & known, 1.0, high)


def no_case(one_case: np.ndarray, confidence: float, steadied: Steadied | None = None) -> np.ndarray:
    """Return the upper limit of an estimate of zero: 3.689 cases at 95 %, one tail of 2.5 %.

    one_case: the estimate that one case would have given. steadied: the design effect that neighbours lend, if it is
    to count; no case has none of its own. With D it is D times the gamma quantile of shape (1 + 1 / D) / 2. Source:
    Garwood (1936).
    """
    if steadied is None:
        return one_case * garwood(np.zeros(1), confidence)[1][0]
    return one_case * steadied.effect * garwood(np.zeros_like(one_case), confidence, steadied.step)[1]


def error_without_spread(estimate: np.ndarray, low: np.ndarray, high: np.ndarray, confidence: float) -> np.ndarray:
    """Return the standard error of an estimate whose sample shows no spread: the farther limit's distance over z.

    A rate of zero, a share of 0 or 1, or one that PSUs happen to agree on has a linearised variance of zero, which
    is not what is known of it.
    """
    return np.maximum(estimate - low, high - estimate) / normal_quantile(confidence)
