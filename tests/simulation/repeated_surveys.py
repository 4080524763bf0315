"""The same survey drawn many times with known truth, and what the design estimator says of each draw.

Truth is set in `samples/synthetic/clustering.py`, never estimated. PSU totals of many replicates lie side by
side as columns, so that one call of the estimator serves them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from estimators import design_effect
from estimators.sampling_design import Design, variance
from estimators.sampling_limits import garwood_effective, garwood_steadied, log_t, no_case, wald
from samples.synthetic.clustering import FamilySizes, clustering_for, families, unit_gamma

CONFIDENCE = 0.95
SIZES = FamilySizes()
NEIGHBOURS = 5
"""Replicates taken together as the regions of one country, whose design effects steady each other."""
BLOCK = 50 * NEIGHBOURS
"""Replicates drawn at a time, about 100 MB."""


@dataclass(frozen=True)
class Scenario:
    """One domain surveyed `replicates` times: strata of equal size, PSUs of equal weight unless `spread`.

    mean_count: victims expected in the sample. spread: standard deviation of log weights of PSUs. levels: of
    the rate, one per stratum, as multiples. frame: PSUs in each stratum of a finite population whose PSUs are
    drawn without replacement and taken whole; 0 for PSUs drawn from a population without end. neighbours: the
    rate of each region of a country, as multiples; the clustering stays, so design effects differ too.
    """

    name: str
    design_effect: float
    mean_count: float
    replicates: int
    strata: int = 10
    psus: int = 19
    families: int = 12
    spread: float = 0.0
    levels: tuple[float, ...] = ()
    frame: int = 0
    neighbours: tuple[float, ...] = (1.0,) * NEIGHBOURS

    @property
    def stratum_rates(self) -> np.ndarray:
        """Return victims per relative, (n_strata,)."""
        level = np.array(self.levels or (1.0,) * self.strata)
        return level / level.mean() * self.mean_count / (self.strata * self.psus * self.families * SIZES.mean)

    def region_levels(self, n: int) -> np.ndarray:
        """Return the multiple of the rate of each of n replicates."""
        return np.tile(self.neighbours, n // NEIGHBOURS)


@dataclass(frozen=True)
class Draws:
    """PSU totals of replicates: victims, relatives and weight, each (n_psus, n_replicates); truth (n_replicates,)."""

    victims: np.ndarray
    relatives: np.ndarray
    weight: np.ndarray
    truth: np.ndarray


@dataclass(frozen=True)
class Answers:
    """What is said of each replicate, all (n_replicates,): rate, its variance, cases, truth, and limits by kind."""

    rate: np.ndarray
    variance: np.ndarray
    cases: np.ndarray
    truth: np.ndarray
    limits: dict[str, tuple[np.ndarray, np.ndarray]]


def psu_totals(generator: np.random.Generator, scenario: Scenario, psus: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw victims and relatives of PSUs, each (strata, psus, n)."""
    rate = scenario.stratum_rates[:, None, None]
    clustering = clustering_for(scenario.design_effect, rate, scenario.families, SIZES)
    shape = (scenario.strata, psus, n)
    intensity = rate * scenario.region_levels(n) * unit_gamma(generator, clustering.of_psus, shape)
    relatives, victims = families(
        generator, SIZES, intensity[None], clustering.of_families[None], (scenario.families, *shape)
    )
    return victims.sum(axis=0).astype(float), relatives.sum(axis=0).astype(float)


def draws(scenario: Scenario, seed: int) -> Iterator[Draws]:
    """Draw the replicates block by block; the same seed gives the same draws."""
    for block, first in enumerate(range(0, scenario.replicates, BLOCK)):
        key = [seed, block, *(int(x * 1000) for x in (scenario.design_effect, scenario.mean_count))]
        generator = np.random.default_rng(key)
        n = min(BLOCK, scenario.replicates - first)
        if scenario.frame:
            yield _from_finite(generator, scenario, n)
            continue
        y, x = (_flat(a) for a in psu_totals(generator, scenario, scenario.psus, n))
        weight = np.exp(scenario.spread * generator.standard_normal(y.shape))
        yield Draws(y, x, weight, scenario.stratum_rates.mean() * scenario.region_levels(n))


def _from_finite(generator: np.random.Generator, scenario: Scenario, n: int) -> Draws:
    """Make a finite population per replicate and draw PSUs from each stratum without replacement.

    The truth is the population's own rate, so that a survey of all PSUs would have no error.
    """
    y, x = psu_totals(generator, scenario, scenario.frame, n)
    order = generator.random(y.shape).argsort(axis=1)[:, : scenario.psus]
    truth = y.sum(axis=(0, 1)) / x.sum(axis=(0, 1))
    y, x = (_flat(np.take_along_axis(a, order, axis=1)) for a in (y, x))
    return Draws(y, x, np.ones_like(y), truth)


def _flat(totals: np.ndarray) -> np.ndarray:
    """Lay PSUs of all strata under each other."""
    return totals.reshape(-1, totals.shape[-1])


def design_of(scenario: Scenario) -> Design:
    """Return strata, PSUs and sampled shares as the estimator is told them."""
    n_psus = scenario.strata * scenario.psus
    return Design(
        psu=np.arange(n_psus),
        stratum=np.repeat(np.arange(scenario.strata), scenario.psus),
        drawn=np.full(scenario.strata, scenario.psus),
        sampled=np.full(scenario.strata, scenario.psus / scenario.frame if scenario.frame else 0.0),
        ruled=np.zeros(n_psus, dtype=bool),
    )


def answer(scenario: Scenario, drawn: Draws) -> Answers:
    """Estimate the rate per relative of each replicate, with every kind of limits."""
    y, x = drawn.weight * drawn.victims, drawn.weight * drawn.relatives
    rate = y.sum(axis=0) / x.sum(axis=0)
    influence = (y - rate * x) / x.sum(axis=0)
    design = design_of(scenario)
    spread = variance(design, influence, np.zeros(len(y), dtype=int), 1)[0]
    cases = drawn.victims.sum(axis=0)
    df = np.full(rate.shape, float(scenario.strata * (scenario.psus - 1)))
    one_case = 1 / drawn.relatives.sum(axis=0)
    country = np.repeat(np.arange(len(rate) // NEIGHBOURS), NEIGHBOURS)
    rates, spreads, counts, freedom = (array[:, None] for array in (rate, spread, cases, df))
    least = design_effect.least_effect(design, np.zeros(len(y), dtype=int), 1)
    steadied = design_effect.for_limits(rates, spreads, counts, freedom, country, least).of((slice(None), 0))
    limits = {
        "steadied": garwood_steadied(rate, cases, steadied, CONFIDENCE),
        "garwood_own": garwood_effective(rate, spread, cases, df, CONFIDENCE),
        "log_t": log_t(rate, spread, df, CONFIDENCE),
        "wald": wald(rate, spread, df, CONFIDENCE),
    }
    none = rate == 0
    for kind, (low, high) in limits.items():
        upper = no_case(one_case, CONFIDENCE, steadied if kind == "steadied" else None)
        limits[kind] = np.where(none, 0.0, low), np.where(none, upper, high)
    return Answers(rate, spread, cases, drawn.truth, limits)


def summary(scenario: Scenario, seed: int) -> dict[str, float | str]:
    """Hold the answers against the truth: one row of the table of results.

    least_region, most_region: coverage of `steadied` in single regions where the regions of a country differ.
    """
    parts = [answer(scenario, drawn) for drawn in draws(scenario, seed)]
    rate, spread, cases, truth = (
        np.concatenate([getattr(p, name) for p in parts]) for name in ("rate", "variance", "cases", "truth")
    )
    error = (rate - truth) / truth
    row: dict[str, float | str] = {
        "scenario": scenario.name,
        "design_effect": scenario.design_effect,
        "mean_count": scenario.mean_count,
        "effective_count": scenario.mean_count / scenario.design_effect,
        "strata": scenario.strata,
        "psus": scenario.strata * scenario.psus,
        "replicates": len(rate),
        "no_case": float((cases == 0).mean()),
        "bias": float(error.mean()),
        "bias_error": float(error.std() / np.sqrt(len(rate))),
        "se_ratio": float(np.sqrt((spread / truth**2).mean()) / error.std()),
        "mean_se_ratio": float((np.sqrt(spread) / truth).mean() / error.std()),
        "found_design_effect": float(error.var() * cases.mean()),
    }
    for kind in parts[0].limits:
        low, high = (np.concatenate([p.limits[kind][side] for p in parts]) for side in (0, 1))
        row[f"{kind}_coverage"] = float(((low <= truth) & (truth <= high)).mean())
        row[f"{kind}_above"] = float((low > truth).mean())
        row[f"{kind}_below"] = float((high < truth).mean())
        row[f"{kind}_width"] = float(np.nanmean((high - low) / truth))
    low, high = (np.concatenate([p.limits["steadied"][side] for p in parts]) for side in (0, 1))
    by_region = ((low <= truth) & (truth <= high)).reshape(-1, NEIGHBOURS).mean(axis=0)
    alike = len(set(scenario.neighbours)) == 1
    row["least_region"], row["most_region"] = (np.nan, np.nan) if alike else (by_region.min(), by_region.max())
    return row
