"""Yearly rates of victims per 1,000 families by the 2010 study's rule, with the variants a country declares.

Lives here: the rates, the women's share and the cases behind them, inside and abroad. Not here: limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from estimators.domain_totals import SurveyTotals
from estimators.quotients import ratio, times

COUNTRY_OPTIONS = ("national_rate", "labour_rate_decimals", "sexual_rate_decimals", "family_size_decimals")
NATIONAL_RATES = ("pooled", "victim_share")


@dataclass(frozen=True)
class StudyRates:
    """Rates per 1,000 families and year, cases in the window and the women's share, each (n_places, 2)."""

    labour: np.ndarray
    sexual: np.ndarray
    labour_cases: np.ndarray
    sexual_cases: np.ndarray
    women_share: np.ndarray


def study_rates(totals: SurveyTotals, options: Mapping[str, Any]) -> StudyRates:
    """Compute the study's rates for every region and country, inside and abroad.

    Labour: T (N3 / N) / years / n * 1000, where T sums the question "in all", N the women and men ever
    reported and N3 those of the window; N3 / N and the women's share W / N are the country's, in its regions
    too. Sexual: the same with its one total. A country's `national_rate: victim_share` takes instead the mean
    of its regional rates weighted by regional victims; `*_decimals` rounds the national rate before anything
    is made from it. Null where nobody was interviewed, or where cases exist but no split by time or sex does.
    """
    n = totals.places["n_respondents"].to_numpy(float)[:, None]
    years = float(options["years"])
    ever = totals.by_place("labour_{place}_women") + totals.by_place("labour_{place}_men")
    window = totals.by_place("labour_{place}_women_last_3_years") + totals.by_place("labour_{place}_men_last_3_years")
    labour_total, sexual_total = totals.by_place("labour_{place}_total"), totals.by_place("sexual_{place}")
    sexual_window = totals.by_place("sexual_{place}_last_3_years")
    labour_cases = times(labour_total, ratio(window, ever)[totals.nation])
    sexual_cases = times(sexual_total, ratio(sexual_window, sexual_total)[totals.nation])
    labour = ratio(labour_cases, n) / years * 1000
    sexual = ratio(sexual_cases, n) / years * 1000
    women_share = ratio(totals.by_place("labour_{place}_women"), ever)[totals.nation]
    for row, variant in national_variants(totals, options):
        if variant.get("national_rate") == "victim_share":
            regions = (totals.nation == row) & ~totals.is_national
            labour[row] = victim_share_mean(labour[regions], labour_total[regions])
            sexual[row] = victim_share_mean(sexual[regions], sexual_total[regions])
        labour[row] = rounded(labour[row], variant.get("labour_rate_decimals"))
        sexual[row] = rounded(sexual[row], variant.get("sexual_rate_decimals"))
    return StudyRates(labour, sexual, labour_cases, sexual_cases, women_share)


def victim_share_mean(rates: np.ndarray, victims: np.ndarray) -> np.ndarray:
    """Return the mean of regional rates (n_regions, 2) weighted by the regions' shares of all victims.

    Victims enter twice, so the result is never below the pooled rate; zero where there is no victim.
    """
    return np.where(victims.sum(axis=0) > 0, times(ratio(victims, victims.sum(axis=0)), rates).sum(axis=0), 0.0)


def mean_family_size(totals: SurveyTotals, options: Mapping[str, Any]) -> np.ndarray:
    """Return mean close relatives after editing, (n_places,), rounded where a country declares it."""
    size = ratio(totals.places["relatives"].to_numpy(float), totals.places["n_respondents"].to_numpy(float))
    for row, variant in national_variants(totals, options):
        size[row] = rounded(size[row], variant.get("family_size_decimals"))
    return size


def families(totals: SurveyTotals, options: Mapping[str, Any]) -> np.ndarray:
    """Return families in thousands, population / mean size, (n_places,); null without a population."""
    return ratio(totals.places["population_thousands"].to_numpy(float), mean_family_size(totals, options))


def national_variants(totals: SurveyTotals, options: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the position and the declared variant of every country that has one.

    Raises ValueError for an option or a national rate this module does not know.
    """
    variants = []
    rows = dict(zip(totals.places["country"][totals.is_national], np.flatnonzero(totals.is_national), strict=True))
    for country, variant in (options.get("countries") or {}).items():
        unknown = sorted(set(variant) - set(COUNTRY_OPTIONS))
        if unknown:
            raise ValueError(f"rates of {country}: unknown option {unknown[0]}; known are {', '.join(COUNTRY_OPTIONS)}")
        if variant.get("national_rate", "pooled") not in NATIONAL_RATES:
            raise ValueError(f"rates of {country}: national_rate must be one of {', '.join(NATIONAL_RATES)}")
        if country in rows:
            variants.append((int(rows[country]), variant))
    return variants


def rounded(value: np.ndarray, decimals: int | None) -> np.ndarray:
    """Round if a number of decimals is declared."""
    return value if decimals is None else np.round(value, decimals)
