"""The ratio of two counts when neither is a part of the other, with limits that say so.

Victims at organisations and crimes in a register are such counts: a share with binomial limits would suppose that each
crime is one of the victims. Not here: shares (`simple_random.share`).
"""

from __future__ import annotations

import math

from estimators.simple_random import normal_quantile


def poisson_ratio(
    numerator: float, denominator: float, confidence: float, per: float = 1.0
) -> tuple[float, float, float, float]:
    """Return numerator / denominator x per with its lower limit, upper limit and standard error.

    Both are counts of independent Poisson events. Limits are log-normal, estimate x exp(-+z sqrt(1/x + 1/y)); the error
    is the delta method's, estimate x sqrt(1/x + 1/y). Without a numerator the log-normal has no limits: then from 0 up
    to the exact limit of x given x + y (Clopper-Pearson), and the error is that limit's distance over the normal
    quantile. Without a denominator nothing can be said: four times NaN. Raises ValueError for a negative count.
    Source: Rothman, Greenland and Lash, Modern Epidemiology (2008), chapter 14, ratio of two rates; the exact limits
    are those of Przyborowski and Wilenski (1940).
    """
    if numerator < 0 or denominator < 0:
        raise ValueError(f"counts are 0 or more, not {numerator:g} and {denominator:g}")
    if not denominator > 0 or math.isnan(numerator):
        return math.nan, math.nan, math.nan, math.nan
    z = normal_quantile(confidence)
    if numerator == 0:
        tail = ((1 - confidence) / 2) ** (1 / denominator)
        high = (1 - tail) / tail * per
        return 0.0, 0.0, high, high / z
    estimate = numerator / denominator * per
    spread = math.sqrt(1 / numerator + 1 / denominator)
    factor = math.exp(z * spread)
    return estimate, estimate / factor, estimate * factor, estimate * spread
