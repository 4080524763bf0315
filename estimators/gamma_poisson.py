"""Empirical Bayes for counts of areas: rates vary between areas like a gamma variable, counts like Poisson around them.

Arrays in, arrays out. Source: Clayton and Kaldor (1987). Not here: what a count and its exposure are in a survey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NO_SPREAD = 1e6
"""Shape from which on areas are taken to be alike; a gamma variable then varies by a thousandth."""
SMALLEST_SHAPE = 1e-3
GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Prior:
    """Gamma distribution of area rates. shape a and mean mu, each (n_replicates,); a >= NO_SPREAD means no spread.

    source: `likelihood`, or `moments` where the likelihood has no maximum inside.
    """

    shape: np.ndarray
    mean: np.ndarray
    source: str = "likelihood"


@dataclass(frozen=True)
class Posterior:
    """Rates of areas given the counts, each (n_areas,). weight: of the area's own rate; the mean's is 1 less that."""

    mean: np.ndarray
    variance: np.ndarray
    weight: np.ndarray


def fit(count: np.ndarray, exposure: np.ndarray) -> Prior:
    """Fit the prior to counts (n_areas,), which may be fractions, and exposures (n_areas,) above 0.

    Maximum of the negative-binomial likelihood; by moments where it runs to the smallest shape. Without
    spread beyond Poisson's the shape is NO_SPREAD and the mean the pooled rate.
    """
    return fit_each(count[None, :], exposure[None, :])[0]


def fit_each(count: np.ndarray, exposure: np.ndarray) -> list[Prior]:
    """Fit a prior to each row of counts and exposures, (n_rows, n_areas), as `fit` does to one."""
    together = fit_replicates(count, exposure)
    priors = []
    for row, k in enumerate(count):
        inside = together.shape[row] > SMALLEST_SHAPE * 1.01 or not k.any()
        own = Prior(together.shape[[row]], together.mean[[row]])
        priors.append(own if inside else moments(k, exposure[row]))
    return priors


def fit_replicates(count: np.ndarray, exposure: np.ndarray, steps: int = 50, tolerance: float = 1e-12) -> Prior:
    """Fit one prior to each row of counts, (n_replicates, n_areas), all at once.

    exposure: (n_areas,) or one row per replicate. steps, tolerance: of the search for the shape, and of the mean
    within it.

    Golden-section search over log shape of the likelihood with the mean at its best. Before, the sign of its
    slope at no spread is asked: sum of (k - mu E)^2 - k, not above 0, means none. Source: Dean (1992) for the
    slope.
    """
    pooled = count.sum(axis=1) / exposure.sum(axis=-1)
    spread = ((count - pooled[:, None] * exposure) ** 2 - count).sum(axis=1) > 0
    shape, mean = np.full(len(count), NO_SPREAD), pooled.copy()
    if not spread.any():
        return Prior(shape, mean)
    k, e = count[spread], np.broadcast_to(exposure, count.shape)[spread]
    low, high = np.full(len(k), np.log(SMALLEST_SHAPE)), np.full(len(k), np.log(NO_SPREAD))
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = (profile_likelihood(k, e, np.exp(x), tolerance)[0] for x in (left, right))
    found = pooled[spread]
    for _ in range(steps):
        down = at_left > at_right
        high, low = np.where(down, right, high), np.where(down, low, left)
        fresh = np.where(down, high - GOLDEN * (high - low), low + GOLDEN * (high - low))
        value, found = profile_likelihood(k, e, np.exp(fresh), tolerance, found)
        left, right = np.where(down, fresh, right), np.where(down, left, fresh)
        at_left, at_right = np.where(down, value, at_right), np.where(down, at_left, value)
    best = np.exp((low + high) / 2)
    shape[spread], mean[spread] = best, profile_likelihood(k, e, best, tolerance, found)[1]
    return Prior(shape, mean)


def profile_likelihood(
    count: np.ndarray,
    exposure: np.ndarray,
    shape: np.ndarray,
    tolerance: float = 1e-12,
    start: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the log-likelihood at given shapes, up to a constant, and the mean that makes it largest.

    count, exposure: (n_replicates, n_areas). shape: (n_replicates,). The mean solves sum (k - mu E) / (a + mu E) = 0,
    which falls and is convex in mu, by Newton's steps from `start` or the pooled rate, halved if one goes below 0.
    """
    from scipy.special import gammaln

    a = shape[:, None]
    mean = count.sum(axis=1) / exposure.sum(axis=-1) if start is None else start
    falling = exposure * (a + count)
    for _ in range(200):
        expected = mean[:, None] * exposure
        weight = 1 / (a + expected)
        excess = np.einsum("ij,ij->i", weight, count - expected)
        better = mean + excess / np.einsum("ij,ij->i", weight * weight, falling)
        better = np.where(better > 0, better, mean / 2)
        settled = np.abs(better - mean) <= tolerance * better
        mean = better
        if settled.all():
            break
    expected = mean[:, None] * exposure
    part = gammaln(a + count) - gammaln(a) - a * np.log1p(expected / a) + count * np.log(expected / (a + expected))
    return part.sum(axis=1), mean


def moments(count: np.ndarray, exposure: np.ndarray) -> Prior:
    """Fit the prior by Clayton and Kaldor's fixed point of the smoothed rates' mean and variance.

    m = mean of t, v = sum of (1 + alpha / E)(t - m)^2 / (n - 1), alpha = m / v, nu = m^2 / v, with smoothed
    rates t = (k + nu) / (E + alpha). Source: Clayton and Kaldor (1987), section 2.2.
    """
    rate = count / exposure
    mean, variance = rate.mean(), rate.var(ddof=1)
    for _ in range(500):
        if variance <= 0 or mean**2 / variance >= NO_SPREAD:
            return Prior(np.array([NO_SPREAD]), np.array([count.sum() / exposure.sum()]), "moments")
        scale, shape = mean / variance, mean**2 / variance
        smooth = (count + shape) / (exposure + scale)
        before, mean = mean, smooth.mean()
        variance = ((1 + scale / exposure) * (smooth - mean) ** 2).sum() / (len(count) - 1)
        if abs(mean - before) < 1e-12 * mean:
            break
    return Prior(np.array([mean**2 / variance]), np.array([mean]), "moments")


def posterior(count: np.ndarray, exposure: np.ndarray, shape: np.ndarray, mean: np.ndarray) -> Posterior:
    """Return the gamma posterior of each area's rate: shape a + k, rate a / mu + E, weight E / (E + a / mu).

    shape, mean: scalars in arrays that broadcast against count (..., n_areas). With no spread the weight is 0
    and the rate the mean of all.
    """
    rate = shape / mean + exposure
    none = shape >= NO_SPREAD
    value = np.where(none, mean, (shape + count) / rate)
    variance = np.where(none, 0.0, (shape + count) / rate**2)
    return Posterior(value, variance, np.where(none, 0.0, exposure / rate))


def bootstrap_variance(
    count: np.ndarray, exposure: np.ndarray, prior: Prior, replicates: int, generator: np.random.Generator
) -> np.ndarray:
    """Return the variance of each area's rate with the uncertainty of the prior in it, (n_areas,)."""
    return bootstrap_variances(count[None], exposure[None], [prior], replicates, [generator])[0]


def bootstrap_variances(
    count: np.ndarray,
    exposure: np.ndarray,
    priors: Sequence[Prior],
    replicates: int,
    generators: Sequence[np.random.Generator],
) -> np.ndarray:
    """Return the same for each row of counts and exposures, (n_rows, n_areas), with a prior and a generator a row.

    Counts are drawn from the fitted model, the prior is fitted to each draw, and the rates of the counts
    really seen are taken under every such prior: mean of their variances plus variance of their means.
    Source: Laird and Louis (1987), type III parametric bootstrap.
    """
    models = zip(exposure, priors, generators, strict=True)
    drawn = [_drawn(areas, prior, replicates, generator) for areas, prior, generator in models]
    row = np.repeat(np.arange(len(count)), [len(part) for part in drawn])
    # Shapes within half a percent: sampling moves those of replicates by tens of percent.
    again = fit_replicates(np.concatenate(drawn), exposure[row], steps=17, tolerance=1e-4)
    each = posterior(count[row], exposure[row], again.shape[:, None], again.mean[:, None])
    own = [row == r for r in range(len(count))]
    return np.stack([each.variance[at].mean(axis=0) + each.mean[at].var(axis=0) for at in own])


def _drawn(exposure: np.ndarray, prior: Prior, replicates: int, generator: np.random.Generator) -> np.ndarray:
    """Draw counts of all areas from a fitted model, (at most n_replicates, n_areas), leaving out draws of no case."""
    rates = np.full((replicates, len(exposure)), prior.mean[0])
    if prior.shape[0] < NO_SPREAD:
        rates = generator.gamma(prior.shape[0], prior.mean[0] / prior.shape[0], size=rates.shape)
    drawn = generator.poisson(rates * exposure).astype(float)
    return np.asarray(drawn[drawn.any(axis=1)])


def limits(mean: np.ndarray, variance: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return quantiles of the gamma distribution with given mean and variance; both limits the mean if it has none."""
    from scipy.special import gammaincinv

    spread = variance > 0
    shape = np.where(spread, mean**2 / np.where(spread, variance, 1.0), 1.0)
    scale = np.where(spread, variance / np.where(mean > 0, mean, 1.0), 0.0)
    tail = (1 - confidence) / 2
    low, high = gammaincinv(shape, tail) * scale, gammaincinv(shape, 1 - tail) * scale
    return np.where(spread, low, mean), np.where(spread, high, mean)
