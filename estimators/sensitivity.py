"""What the answer depends on: the national total under other network sizes, counting rules, windows and recall.

Lives here: estimate, error and limits of every variant of `sensitivity_variants`, by country. All forms of
exploitation and both places together. Not here: the sums themselves, and the table `estimates`.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from estimators import design_effect
from estimators.design_levels import levels, row_weights
from estimators.domain_totals import KEY, PLACES, SurveyTotals, survey_totals
from estimators.linearised import sums_by
from estimators.quotients import ratio
from estimators.sampling_design import Design, degrees_of_freedom, sampling_design, variance
from estimators.sampling_limits import garwood_steadied
from estimators.sensitivity_variants import DEFAULTS, Factors, Variant, variants

WINDOW = ("labour_{place}_any_last_3_years", "sexual_{place}_last_3_years")
COUNTED = {
    "cases_within": ("n_within", "cases_within"),
    "cases_per_relative": ("n_sized", "cases"),
    "cases_all_time": ("n_respondents", "cases_all_time"),
}
"""Interviews and cases behind a variant, by its first factor; all interviews and the window's cases otherwise."""
COLUMNS = [
    "country", "variant", "topic", "parameter", "family_size", "thousand_families", "rate_per_1000_families",
    "estimate", "std_error", "cv", "ci_low", "ci_high", "confidence", "ratio_to_leading", "n_respondents",
    "n_cases", "n_psu", "df", "cap_p99", "cap_p97_5", "note",
]  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """PSU sums of one survey with the populations they stand for.

    sums: one row per PSU or kind of family, weighted. counts: the same without weights. country: (n_rows,) codes of
    `countries`. post: (n_rows,) codes of post-strata, as the leading method has them. population: (n_posts,)
    persons. post_country: (n_posts,).
    """

    sums: pd.DataFrame
    counts: pd.DataFrame
    design: Design
    countries: list[str]
    country: np.ndarray
    post: np.ndarray
    population: np.ndarray
    post_country: np.ndarray

    @cached_property
    def df(self) -> np.ndarray:
        """Return the degrees of freedom of each country."""
        held = self.counts[["n_respondents"]].to_numpy() > 0
        return degrees_of_freedom(self.design, self.country, len(self.countries), held)[:, 0]

    @cached_property
    def first(self) -> np.ndarray:
        """Return the first row of each PSU, (n_psus,), in the order of the rows."""
        return np.sort(np.unique(self.design.psu, return_index=True)[1])

    def by_psu(self, names: list[str]) -> np.ndarray:
        """Return weighted sums by PSU, (n_psus, k), in the order of `first`."""
        sums = sums_by(self.design.psu, self.sums[names].to_numpy(float), len(self.first))
        return sums[self.design.psu[self.first]]

    def counted(self, name: str) -> np.ndarray:
        """Return an unweighted sum by country."""
        return np.bincount(self.country, self.counts[name].to_numpy(float), len(self.countries))

    def cap(self, name: str) -> np.ndarray:
        """Return a cap on network sizes by country, which stands in every row of the country."""
        return self.counts[name].to_numpy(float)[np.unique(self.country, return_index=True)[1]]


def sensitivity(
    psu_totals: pd.DataFrame, psu_sensitivity: pd.DataFrame, population: pd.DataFrame, settings: Mapping[str, Any]
) -> pd.DataFrame:
    """Estimate every variant for every country.

    psu_totals, psu_sensitivity: the PSU sums of one survey, in any order. population: country, region (null
    for the nation), population_thousands. settings: rates (years, confidence), methods (the design of
    `design`), sensitivity (options, see DEFAULTS). Returns COLUMNS, sorted by country, leading variant first.
    Raises LonelyPsu where the design does, and ValueError for an option that is not known.
    """
    own = settings.get("sensitivity") or {}
    unknown = sorted(set(own) - set(DEFAULTS))
    if unknown:
        raise ValueError(f"sensitivity: unknown option {unknown[0]}; known are {', '.join(DEFAULTS)}")
    options = {**DEFAULTS, **own}
    rates = settings["rates"]
    totals = survey_totals(psu_totals, population)
    sums = joined(totals.psu, psu_sensitivity)
    design_options = {**rates, **((settings.get("methods") or {}).get("design") or {})}
    by_region = sample(totals, sums, design_options)
    whole = sample(totals, sums, {**design_options, "combination": "pooled"})
    parts = []
    for variant in variants(options, float(rates["years"])):
        chosen = whole if variant.pooled else by_region
        parts.append(rows(chosen, variant, float(rates["years"]), float(rates["confidence"]), options))
        parts[-1]["ratio_to_leading"] = ratio(parts[-1]["estimate"], parts[0]["estimate"])
    table = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in COLUMNS})
    return table.sort_values("country", kind="stable", ignore_index=True)


def joined(psu_totals: pd.DataFrame, psu_sensitivity: pd.DataFrame) -> pd.DataFrame:
    """Put the sums of both tables on one row and add up places and forms, sorted by key.

    A row is a PSU, or where both tables have a column family, a PSU's families with the same answers. A row whose
    interviews give no network size at all has zeros from the second table.
    """
    key = [name for name in (*KEY, "family") if name in psu_totals]
    other = psu_sensitivity.drop(columns=["survey_id", "relatives"], errors="ignore").rename(
        columns={
            "n_respondents": "n_sized",
            **{f"{e}_{p}": f"{e}_{p}_window" for e in ("labour", "sexual") for p in PLACES},
        }
    )
    sums = psu_totals.merge(other, on=key, how="left", validate="one_to_one").sort_values(key, ignore_index=True)
    numbers = [name for name in other.columns if name not in key]
    sums[numbers] = sums[numbers].fillna(0)
    caps = ["cap_p99", "cap_p97_5"]
    sums[caps] = sums.groupby("country")[caps].transform("max")
    forms = [f"{exploitation}_{place}" for exploitation in ("labour", "sexual") for place in PLACES]
    labour, sexual = (sum(sums[name.format(place=place)] for place in PLACES) for name in WINDOW)
    sums["cases"] = labour + sexual
    sums["cases_all_time"] = sum(sums[f"labour_{p}_any_earlier"] + sums[f"sexual_{p}"] for p in PLACES) + labour
    sums["cases_within"] = sum(sums[f"{form}_within"] for form in forms)
    sums["cases_per_relative"] = sum(sums[f"{form}_per_relative"] for form in forms) / 1e12
    sums["inverse_relatives"] = sums["inverse_relatives"] / 1e12
    return sums


def sample(totals: SurveyTotals, sums: pd.DataFrame, options: Mapping[str, Any]) -> Sample:
    """Attach design, weights and post-strata as the leading method does; sums: rows in the order of totals.psu."""
    level = levels(totals, options)[1]
    weighted = sums.copy()
    numbers = [name for name in sums.select_dtypes("number") if name not in ("cap_p99", "cap_p97_5", "weight")]
    weighted[numbers] = sums[numbers].mul(row_weights(totals), axis=0)
    population = np.where(level.known[level.to], level.population, np.nan) * 1000
    countries = totals.domains["country"].iloc[level.domains].tolist()
    design = sampling_design(totals.psu, options)
    return Sample(weighted, sums, design, countries, level.row_domain, level.of_row, population, level.to)


def product(given: Sample, factors: Factors) -> tuple[np.ndarray, np.ndarray]:
    """Return N times a product of powers of sums by country, and the influence of each PSU on it.

    For theta = prod T_k^p_k in each stratum of population, the influence of PSU i is
    N theta sum_k p_k t_ki / T_k. Source: Woodruff (1971).
    """
    theta, slope = np.ones(len(given.population)), np.zeros(len(given.post))
    for name, power in factors:
        values = given.sums[name].to_numpy(float)
        total = np.bincount(given.post, weights=values)
        theta = theta * (ratio(1.0, total) if power < 0 else total)
        slope = slope + power * np.where(values == 0, 0.0, ratio(values, total[given.post]))
    stands = given.population * theta
    return np.bincount(given.post_country, weights=stands), stands[given.post] * slope


def rows(
    given: Sample, variant: Variant, years: float, confidence: float, options: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """Estimate one variant for every country: columns of (n_countries,).

    Limits: those of `design`, each country alone; null without a case.
    """
    n = len(given.countries)
    if variant.median:
        per_year, families, spread = _median_size(given, years, options)
    else:
        total, influence = product(given, variant.cases)
        scale = variant.scale / years
        per_year, families = total * scale, product(given, variant.families)[0]
        spread = variance(given.design, influence[:, None], given.country, n)[:, 0] * scale**2
    base, counted = COUNTED.get(variant.cases[0][0], ("n_respondents", "cases"))
    df, cases = given.df, given.counted(counted)
    std_error = np.where(per_year > 0, np.sqrt(spread), np.nan)
    alone = np.arange(n)
    v, u, k, f = (part[:, None] for part in (per_year, spread, cases, df))
    least = design_effect.least_effect(given.design, given.country, n)
    steadied = design_effect.for_limits(v, u, k, f, alone, least).of((slice(None), 0))
    low, high = garwood_steadied(per_year, cases, steadied, confidence)
    words = {"variant": variant.name, "topic": variant.topic, "parameter": variant.parameter, "note": variant.note}
    return {
        "country": np.array(given.countries, dtype=object),
        **{name: np.full(n, text, dtype=object) for name, text in words.items()},
        "family_size": ratio(np.bincount(given.post_country, weights=given.population), families),
        "thousand_families": families / 1000, "rate_per_1000_families": ratio(per_year * 1000, families),
        "estimate": per_year, "std_error": std_error, "cv": ratio(std_error, per_year),
        "ci_low": low, "ci_high": high, "confidence": np.full(n, confidence),
        "n_respondents": given.counted(base), "n_cases": cases,
        "n_psu": np.bincount(given.country[given.first], minlength=n),
        "df": df, "cap_p99": given.cap("cap_p99"), "cap_p97_5": given.cap("cap_p97_5"),
    }  # fmt: skip


def _median_size(given: Sample, years: float, options: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return total per year, families and the total's variance with the median of PSU mean sizes as size, by country.

    A median has no influence to sum, so its variance is that of Rao and Wu's bootstrap: n_h - 1 of the n_h PSUs of each
    stratum are drawn again, and a stratum of one PSU stays as it is. Source: Rao and Wu (1988).
    """
    columns = given.by_psu(["cases", "n_respondents", "relatives_uncapped", "n_sized"])
    estimate, families = np.zeros(len(given.countries)), np.zeros(len(given.countries))
    drawn = np.zeros((len(given.countries), int(options["replicates"])))
    for post, persons in enumerate(given.population):
        country = given.post_country[post]
        generator = np.random.default_rng([int(options["seed"]), zlib.crc32(given.countries[country].encode()), post])
        inside = np.flatnonzero((given.post[given.first] == post) & (columns[:, 3] > 0))
        if not inside.size:
            estimate[country], families[country], drawn[country] = np.nan, np.nan, np.nan
            continue
        cases, n, size = _rates(columns[inside][None])
        estimate[country] += (persons * ratio(cases, n * size) / years)[0]
        families[country] += (persons / size)[0]
        again = np.hstack([_redrawn(inside[part], drawn.shape[1], generator) for part in _strata(given, inside)])
        cases, n, size = _rates(columns[again])
        drawn[country] += persons * ratio(cases, n * size) / years
    return estimate, families, drawn.var(axis=1, ddof=1)


def _rates(psus: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return cases, interviews and the median of PSU mean sizes of samples (n_samples, n_psus, 4)."""
    means = ratio(psus[..., 2], psus[..., 3])
    return psus[..., 0].sum(axis=1), psus[..., 1].sum(axis=1), np.median(means, axis=1)


def _strata(given: Sample, inside: np.ndarray) -> list[np.ndarray]:
    """Return the positions within `inside` of each stratum's PSUs."""
    strata = given.design.row_stratum[given.first][inside]
    return [np.flatnonzero(strata == h) for h in np.unique(strata)]


def _redrawn(psus: np.ndarray, replicates: int, generator: np.random.Generator) -> np.ndarray:
    """Draw n - 1 of n PSUs with replacement, (replicates, n - 1); a single PSU stays."""
    if len(psus) == 1:
        return np.repeat(psus[None], replicates, axis=0)
    return psus[generator.integers(len(psus), size=(replicates, len(psus) - 1))]
