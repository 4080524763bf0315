"""Which regions differ from their nation: the rate per 1,000 population of each, less that of the whole nation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from estimators.variance_recovery import difference_limits, of_part_with_whole
from reports.site.chart import status_of
from reports.site.rates import HEADLINE, PER_POPULATION
from reports.site.release_view import View


def contrasts(view: View) -> list[dict[str, Any]]:
    """Lay out every surveyed region: its rate, the nation's, their difference with limits, and a verdict.

    Only under `design`, where a nation is the mean of its regions by population, so that the part's correlation with
    the whole is known. Limits are each region's own. The verdict is one of country_pairs.VERDICTS.
    """
    if view.published.method != "design":
        return []
    lead = view.published.lead
    rates = lead[(lead["indicator"] == PER_POPULATION) & (lead[list(HEADLINE)] == list(HEADLINE.values())).all(axis=1)]
    regional, national = (rates[rates["level"] == level] for level in ("regional", "national"))
    if not len(regional):
        return []
    population = view.published.tables["regions"]
    population = population[population["surveyed"] == "yes"]
    weight = population.set_index("region")["population_thousands"] / population.groupby("country")[
        "population_thousands"
    ].transform("sum").set_axis(population["region"])
    rows = regional.merge(national, on="country", suffixes=("", "_nation"))
    parts = [tuple(rows[f"{name}{of}"].to_numpy(float) for name in ("estimate", "ci_low", "ci_high")) for of in OF]
    shared = of_part_with_whole(
        rows["region"].map(weight).to_numpy(float),
        *(rows[f"std_error{of}"].to_numpy(float) for of in OF),
    )
    low, high = difference_limits(parts[0], parts[1], shared)
    rows = rows.assign(difference=parts[0][0] - parts[1][0], low=low, high=high)
    order = {code: number for number, code in enumerate(view.published.countries)}
    rows = rows.assign(rank=rows["country"].map(order)).sort_values(
        ["rank", "difference", "region"], ascending=[True, False, True], kind="stable", na_position="last"
    )
    return [_record(view, row) for _, row in rows.iterrows()]


OF = ("", "_nation")
"""Suffixes of a region's columns and of those of its nation."""


def _record(view: View, row: pd.Series) -> dict[str, Any]:
    tested = bool(np.isfinite([row["low"], row["high"]]).all())
    status = status_of(row["conf_status"], row["reliability"], row["estimate"])
    value = {key: float(row[key]) if tested else None for key in ("low", "high")}
    return {
        "code": row["country"],
        "group": view.country(row["country"]),
        "label": view.region(row["region"]),
        "value": float(row["difference"]) if tested else None,
        **value,
        "status": status if tested or status == "hidden" else "no_limits",
        "n": int(row["n_respondents"]),
        "rate": row["estimate"],
        "rate_low": row["ci_low"],
        "rate_high": row["ci_high"],
        "nation": row["estimate_nation"],
        "verdict": _verdict(value["low"], value["high"], status),
        "reliable": view.code("reliability", row["reliability"]),
    }


def _verdict(low: float | None, high: float | None, status: str) -> str:
    if low is None or high is None:
        return "hidden" if status == "hidden" else "untested"
    if status == "suppress":
        return "unreliable"
    return "higher" if low > 0 else "lower" if high < 0 else "alike"
