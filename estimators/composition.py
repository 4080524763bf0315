"""Cells that are not rates: family size, families, and shares of families and of victims.

Lives here: which sums make which share, and its rows. All under simple random sampling. Not here: victims per
family.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from estimators import simple_random
from estimators.domain_totals import COUNT_COLUMNS, PLACES, SurveyTotals
from estimators.quotients import ratio
from estimators.rate_cells import domain_rows
from estimators.simple_random import Estimate
from estimators.study_rates import families, mean_family_size


def share_cells() -> list[tuple[tuple[str, ...], list[str], list[str]]]:
    """List shares: key (indicator, exploitation, location, sex, period), sums above and below the line."""
    cells: list[tuple[tuple[str, ...], list[str], list[str]]] = [
        (("share_migrant_families", "all", place, "all", "survey"), [f"migrant_{place}"], ["n_respondents"])
        for place in (*PLACES, "both", "any")
    ]
    for location in (*PLACES, "both"):
        places = PLACES if location == "both" else (location,)
        women = [f"labour_{place}_women" for place in places]
        men = [f"labour_{place}_men" for place in places]
        sexual = [f"sexual_{place}" for place in places]
        cells.append((("share_women", "labour", location, "women", "all_time"), women, women + men))
        for exploitation, sums in (
            ("labour", women + men),
            ("sexual", sexual),
            ("all", women + men + sexual),
        ):
            key = ("share_last_3_years", exploitation, location, "all", "last_3_years")
            cells.append((key, [f"{name}_last_3_years" for name in sums], sums))
    return cells


def composition_rows(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Lay family size, families and shares out as rows for every domain.

    All countries together: families and populations add, size is their quotient, and shares are means over
    countries weighted by the families (or victims) each country's sample stands for. Null where the base of a
    share is empty.
    """
    return pd.concat([family_rows(totals, options), share_rows(totals, options)], ignore_index=True)


def family_rows(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Lay mean family size (persons) and families (thousands) out as rows.

    Limits of families are those of the size, turned. The size is the one that families are made from, rounded
    where a country declares it; its spread is the sample's.
    """
    confidence = float(options["confidence"])
    places = totals.places
    relatives, squares, n = places[["relatives", "relatives_squared", "n_respondents"]].to_numpy(float).T
    sampled = simple_random.mean(relatives, squares, n, confidence)
    size, count = mean_family_size(totals, options), families(totals, options)
    z = simple_random.normal_quantile(confidence)
    cv = ratio(sampled.std_error, size)
    nations = np.flatnonzero(totals.is_national)
    group_count = count[nations].sum()
    group_cv = ratio(np.sqrt(((cv[nations] * count[nations]) ** 2).sum()), group_count)
    count, cv = np.append(count, group_count), np.append(cv, group_cv)
    size = np.append(size, ratio(totals.domains["population_thousands"].to_numpy(float)[-1], group_count))
    low, high = np.maximum(size * (1 - z * cv), 0), size * (1 + z * cv)
    turned = Estimate(count, count * cv, ratio(count * size, high), ratio(count * size, low))
    frames = []
    for indicator, unit, estimate in (
        ("family_size", "persons_per_family", Estimate(size, size * cv, low, high)),
        ("families", "thousand_families", turned),
    ):
        frame = domain_rows(totals, np.arange(len(totals.domains))).assign(
            indicator=indicator, unit=unit, period="survey", n_cases=np.nan
        )
        frame[["exploitation", "location", "sex"]] = "all"
        frame["base"] = frame["n_respondents"].astype(float)
        frames.append(_with_estimate(frame, estimate))
    return pd.concat(frames, ignore_index=True)


def share_rows(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Lay every share out as rows, with Wilson limits."""
    confidence = float(options["confidence"])
    keys, above, below = zip(*share_cells(), strict=True)
    counts = dict(zip(COUNT_COLUMNS, totals.domains[list(COUNT_COLUMNS)].to_numpy(float).T, strict=True))
    cases, base = (
        np.stack([np.sum([counts[name] for name in names], axis=0) for names in sums], axis=1)
        for sums in (above, below)
    )
    places = simple_random.share(cases[:-1], base[:-1], confidence)
    nations = np.flatnonzero(totals.is_national)
    sampled = totals.places["n_respondents"].to_numpy(float)[nations]
    stands_for = ratio(families(totals, options)[nations], sampled)[:, None] * base[nations]
    group = simple_random.weighted_share(cases[nations], base[nations], stands_for, confidence)
    domain = np.repeat(np.arange(len(totals.domains)), len(keys))
    frame = domain_rows(totals, domain).assign(unit="share", n_cases=cases.ravel(), base=base.ravel())
    for position, name in enumerate(("indicator", "exploitation", "location", "sex", "period")):
        frame[name] = np.tile(np.array([key[position] for key in keys], dtype=object), len(totals.domains))
    stacked = {f.name: np.vstack([getattr(places, f.name), getattr(group, f.name)]).ravel() for f in fields(places)}
    return _with_estimate(frame, Estimate(**stacked))


def _with_estimate(frame: pd.DataFrame, estimate: Estimate) -> pd.DataFrame:
    """Attach an estimate to rows that lie in its order."""
    return frame.assign(
        estimate=estimate.value, std_error=estimate.std_error, ci_low=estimate.low, ci_high=estimate.high
    )
