"""Methods `small_area` and `small_area_fay_herriot`: regional rates that borrow from the country's other regions.

Lives here: which model for which cell, its limits and rows. `small_area` is gamma-Poisson empirical Bayes on
effective counts, `small_area_fay_herriot` the Fay-Herriot model on log rates, which wants more than a handful of
effective cases in every region. Both are benchmarked: regions add up to the design-based nation, which is
published with them. Not here: the models' algebra.

In simulation the gamma limits of nominal 95 % cover 93 to 95 % of regions at 15 and more effective cases a region,
90 % at 4 and 88 % at 1: with so few, most samples cannot tell a spread from none.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from estimators import design, fay_herriot, gamma_poisson
from estimators.domain_totals import SurveyTotals
from estimators.fay_herriot import AreaModel
from estimators.gamma_poisson import Posterior, Prior
from estimators.quotients import ratio
from estimators.rate_cells import domain_rows
from estimators.sampling_limits import no_case
from estimators.simple_random import normal_quantile
from estimators.small_area_inputs import KEYS, Direct, benchmarked, direct, smoothed_deff

FEWEST_REGIONS = 3
"""Below, a spread between regions cannot be told from none."""
DEFAULTS: dict[str, Any] = {"replicates": 200, "seed": 2009}
SAME = {
    **{("sexual", place, "women"): ("sexual", place, "all") for place in ("inside", "abroad", "both")},
    **{("all", place, "men"): ("labour", place, "men") for place in ("inside", "abroad", "both")},
}
"""Cells with the same cases as an earlier one, which need no model of their own."""
INDICATORS = ("victims_per_1000_families", "victims", "victims_per_1000_population")
SCALED = ("estimate", "std_error", "ci_low", "ci_high")
MODEL_COLUMNS = [
    "method", "country", "region", "exploitation", "location", "sex", "direct_rate", "direct_cv", "effective_cases",
    "deff", "shrinkage", "model_rate", "benchmark", "rate", "model_mean", "model_spread", "fitted_by", "note",
]  # fmt: skip


@dataclass(frozen=True)
class Modelled:
    """One cell of a country by a model, arrays (n_regions,): rates with squared coefficients of variation.

    weight: of the region's own rate. mean, spread: the model's centre per 1,000 families and its parameter
    (shape of the gamma distribution, or variance of the log rates). fitted_by and note: in words.
    """

    rate: np.ndarray
    cv2: np.ndarray
    weight: np.ndarray
    effective: np.ndarray
    deff: float
    mean: float
    spread: float
    fitted_by: str
    note: str


Model = Callable[[np.ndarray, np.ndarray, np.ndarray, Mapping[str, Any], Sequence[str]], list[Modelled]]


def estimate(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return regional rates and totals by gamma-Poisson empirical Bayes, and the design's nations they add up to.

    options: those of `design`, and replicates and seed of the parametric bootstrap. Limits are gamma quantiles
    that hold the uncertainty of the prior. A country with fewer than three regions keeps the design's rates.
    """
    return _rows(totals, options, by_gamma_poisson, _gamma_limits)


def estimate_fay_herriot(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the same by the Fay-Herriot model on log rates, with limits that are symmetric on the log scale."""
    return _rows(totals, options, by_fay_herriot, _log_limits)


def models(totals: SurveyTotals, options: Mapping[str, Any], method: str) -> pd.DataFrame:
    """Return what each model made of each region: MODEL_COLUMNS, one row per region and cell.

    method: `small_area` or `small_area_fay_herriot`. The shrinkage weight is of the region's own rate, 1 no
    borrowing, 0 a synthetic rate. A direct rate whose error the design cannot tell is null.
    """
    model = {"small_area": by_gamma_poisson, "small_area_fay_herriot": by_fay_herriot}[method]
    columns: dict[str, list[np.ndarray]] = {name: [] for name in MODEL_COLUMNS[1:]}
    for given in direct(totals, options):
        cells = _modelled(given, {**options, "replicates": 0}, model)
        final, factor = benchmarked(np.stack([cell.rate for cell in cells], axis=1), given)
        direct_rate = np.where(given.measured[:, None], given.rate, np.nan)
        for c, (key, cell) in enumerate(zip(KEYS, cells, strict=True)):
            found = {
                "country": given.country, "region": totals.domains["region"].to_numpy(object)[given.domains],
                "exploitation": key[0], "location": key[1], "sex": key[2], "direct_rate": direct_rate[:, c],
                "direct_cv": ratio(np.sqrt(given.variance[:, c]), direct_rate[:, c]), "effective_cases": cell.effective,
                "deff": cell.deff, "shrinkage": cell.weight, "model_rate": cell.rate, "benchmark": factor[:, c],
                "rate": final[:, c], "model_mean": cell.mean, "model_spread": cell.spread,
                "fitted_by": cell.fitted_by, "note": cell.note,
            }  # fmt: skip
            for name, value in found.items():
                columns[name].append(
                    np.broadcast_to(np.asarray(value, object if isinstance(value, str) else None), len(given.domains))
                )
    table = pd.DataFrame({name: np.concatenate(parts) for name, parts in columns.items()})
    text = ["country", "region", "exploitation", "location", "sex", "fitted_by", "note"]
    return table.astype(dict.fromkeys(text, "str")).assign(method=method)[MODEL_COLUMNS]


def by_gamma_poisson(
    rate: np.ndarray, spread: np.ndarray, exposure: np.ndarray, options: Mapping[str, Any], keys: Sequence[str]
) -> list[Modelled]:
    """Model cells: k* = R E with E = exposure / deff is Poisson around a gamma variable.

    rate, spread: (n_cells, n_regions) direct rates and their variances. exposure: (n_regions,) thousand
    family-years. keys: name the cells for the seed.
    """
    deff = [smoothed_deff(r, v, exposure) for r, v in zip(rate, spread, strict=True)]
    effective = exposure / np.array(deff)[:, None]
    priors = gamma_poisson.fit_each(rate * effective, effective)
    after = [
        gamma_poisson.posterior(k, e, prior.shape, prior.mean)
        for k, e, prior in zip(rate * effective, effective, priors, strict=True)
    ]
    spreads = [cell.variance for cell in after]
    if options["replicates"]:
        seed, replicates = int(options["seed"]), int(options["replicates"])
        generators = [np.random.default_rng([seed, zlib.crc32(key.encode())]) for key in keys]
        spreads = list(gamma_poisson.bootstrap_variances(rate * effective, effective, priors, replicates, generators))
    cells = zip(rate * effective, after, spreads, priors, deff, strict=True)
    return [_by_gamma_poisson(*cell) for cell in cells]


def _by_gamma_poisson(count: np.ndarray, after: Posterior, variance: np.ndarray, prior: Prior, deff: float) -> Modelled:
    none = prior.shape[0] >= gamma_poisson.NO_SPREAD
    return Modelled(
        rate=after.mean,
        cv2=ratio(variance, after.mean**2),
        weight=after.weight,
        effective=count,
        deff=deff,
        mean=float(prior.mean[0]),
        spread=np.inf if none else float(prior.shape[0]),
        fitted_by=prior.source,
        note="no spread between regions beyond sampling: the synthetic rate" if none else "",
    )


def by_fay_herriot(
    rate: np.ndarray, spread: np.ndarray, exposure: np.ndarray, options: Mapping[str, Any], keys: Sequence[str]
) -> list[Modelled]:
    """Model cells: the log rate with smoothed variance deff / (pooled rate x exposure), areas normal around a mean.

    A region without a case has no log rate and takes the synthetic one. Rates are exp(estimate + g1 / 2), the
    mean of the log-normal area. Arguments as of `by_gamma_poisson`; options and keys are not used.
    """
    deff = np.array([smoothed_deff(r, v, exposure) for r, v in zip(rate, spread, strict=True)])
    pooled = rate @ exposure / exposure.sum()
    seen = rate > 0
    variance = np.where(seen, ratio((deff / pooled)[:, None], exposure), np.inf)
    enough = seen.sum(axis=1) >= FEWEST_REGIONS
    logs = np.log(np.where(seen, rate, 1.0))
    fitted = iter(fay_herriot.fit_each(logs[enough], variance[enough]))
    few = "fewer than three regions with a case: the design's rates"
    return [
        _by_fay_herriot(next(fitted), r, exposure, float(d)) if fits else _design_only(r, exposure, float(d), few)
        for r, d, fits in zip(rate, deff, enough, strict=True)
    ]


def _by_fay_herriot(fitted: AreaModel, rate: np.ndarray, exposure: np.ndarray, deff: float) -> Modelled:
    unseen = int((rate == 0).sum())
    note = f"{unseen} regions without a case take the synthetic rate" if unseen else ""
    if fitted.effect_variance == 0:
        note = "no spread between regions beyond sampling: the synthetic rate"
    return Modelled(
        rate=np.exp(fitted.estimate + fitted.between / 2),
        cv2=fitted.mse,
        weight=fitted.weight,
        effective=rate * exposure / deff,
        deff=deff,
        mean=float(np.exp(fitted.synthetic[0])),
        spread=fitted.effect_variance,
        fitted_by="reml",
        note=note,
    )


def _design_only(rate: np.ndarray, exposure: np.ndarray, deff: float, note: str) -> Modelled:
    """Keep the direct rates, with the smoothed variance R deff / E."""
    cv2 = ratio(deff, rate * exposure)
    return Modelled(rate, cv2, np.ones(len(rate)), rate * exposure / deff, deff, np.nan, np.nan, "none", note)


def _modelled(given: Direct, options: Mapping[str, Any], model: Model) -> list[Modelled]:
    """Model every cell of a country; a region the design says nothing of takes what the model says without it."""
    rates, spreads = np.nan_to_num(given.rate.T), np.nan_to_num(given.variance.T)
    own = [c for c, key in enumerate(KEYS) if key not in SAME]
    wanted = [c for c in own if given.rate.shape[0] >= FEWEST_REGIONS and rates[c].any()]
    names = [f"{given.country}/{'/'.join(KEYS[c])}" for c in wanted]
    made = model(rates[wanted], spreads[wanted], given.exposure, {**DEFAULTS, **options}, names) if wanted else []
    cells = dict(zip(wanted, made, strict=True))
    for c in sorted(set(own) - set(wanted)):
        few = "fewer than three regions: the design's rates"
        deff = smoothed_deff(rates[c], spreads[c], given.exposure)
        cells[c] = _design_only(rates[c], given.exposure, deff, few if rates[c].any() else "no case in the country")
    return [cells[KEYS.index(SAME.get(key, key))] for key in KEYS]


def _rows(
    totals: SurveyTotals, options: Mapping[str, Any], model: Model, limits: Callable[..., tuple[np.ndarray, np.ndarray]]
) -> pd.DataFrame:
    """Lay regions out by a model, and nations as the design has them."""
    nations = design.estimate(totals, {**options, "publish_levels": ["national"]})
    if "regional" not in totals.levels:
        return nations
    countries = direct(totals, options)
    parts = [_of_country(given, options, model, limits) for given in countries]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    domains, families = (
        np.concatenate([getattr(given, name) for given in countries]) for name in ("domains", "families")
    )
    regional = _regional(totals, domains, families, columns)
    return pd.concat([nations[nations["indicator"].isin(INDICATORS)], regional], ignore_index=True)


def _of_country(
    given: Direct, options: Mapping[str, Any], model: Model, limits: Callable[..., tuple[np.ndarray, np.ndarray]]
) -> dict[str, np.ndarray]:
    """Return rates with error and limits, cases and design effects of a country's regions, (n_regions, n_cells)."""
    confidence = float(options["confidence"])
    cells = _modelled(given, options, model)
    rate, _ = benchmarked(np.stack([cell.rate for cell in cells], axis=1), given)
    error = rate * np.sqrt(np.stack([cell.cv2 for cell in cells], axis=1))
    low, high = limits(rate, error, confidence)
    zero = rate == 0
    # No case in the whole country: the upper limit is that of no case in all its interviews.
    highest = no_case(np.array(1 / given.exposure.sum()), confidence)
    return {
        "estimate": rate,
        "std_error": np.where(zero, highest / normal_quantile(confidence), error),
        "ci_low": np.where(zero, 0.0, low),
        "ci_high": np.where(zero, highest, high),
        "n_cases": given.cases,
        "deff": np.broadcast_to([cell.deff for cell in cells], rate.shape),
    }


def _regional(
    totals: SurveyTotals, domains: np.ndarray, families: np.ndarray, columns: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Lay the rates of regions out as rates, totals and totals per 1,000 population; without a population, as rates.

    columns: (n_regions, n_cells). families: thousands, null where not known.
    """
    population = totals.domains["population_thousands"].to_numpy(float)[domains]
    scale = np.stack([np.ones(len(domains)), families, ratio(families, population)])
    indicator, region, cell = np.nonzero(np.broadcast_to(np.isfinite(scale)[..., None], (*scale.shape, len(KEYS))))
    frame = domain_rows(totals, domains[region])
    for position, name in enumerate(("exploitation", "location", "sex")):
        frame[name] = np.array([key[position] for key in KEYS], dtype=object)[cell]
    frame["indicator"] = np.array(INDICATORS, dtype=object)[indicator]
    frame["unit"] = np.array(("per_1000_families", "persons", "per_1000_population"), dtype=object)[indicator]
    for name, values in columns.items():
        frame[name] = values[region, cell] * (scale[indicator, region] if name in SCALED else 1.0)
    return frame.assign(period="annual", base=frame["n_respondents"].astype(float))


def _gamma_limits(rate: np.ndarray, error: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return gamma quantiles with the rate as mean; for fewer than half a case the mean may lie above the upper one."""
    low, high = gamma_poisson.limits(rate, np.nan_to_num(error) ** 2, confidence)
    return np.minimum(low, rate), np.maximum(high, rate)


def _log_limits(rate: np.ndarray, error: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return limits that are symmetric on the log scale."""
    reach = np.exp(normal_quantile(confidence) * ratio(error, rate))
    return rate / reach, rate * reach
