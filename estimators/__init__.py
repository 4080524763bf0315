"""Statistics only: PSU totals in, estimates with uncertainty out. No file, no database, no flow.

A method is a module of this room with a function `estimate(totals, options)`; a survey names it under
`methods`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from estimators import bootstrap, design, jackknife, pennington, poisson, poisson_ppf, small_area
from estimators.domain_totals import SurveyTotals, survey_totals
from estimators.estimate_table import COLUMNS, estimate_table

Method = Callable[[SurveyTotals, Mapping[str, Any]], pd.DataFrame]

METHODS: dict[str, Method] = {
    "bootstrap": bootstrap.estimate,
    "bootstrap_poisson": bootstrap.estimate_poisson,
    "design": design.estimate,
    "design_log_t": design.estimate_log_t,
    "design_pooled": design.estimate_pooled,
    "design_wald": design.estimate_wald,
    "jackknife": jackknife.estimate,
    "pennington": pennington.estimate,
    "poisson": poisson.estimate,
    "poisson_ppf": poisson_ppf.estimate,
    "small_area": small_area.estimate,
    "small_area_fay_herriot": small_area.estimate_fay_herriot,
}

__all__ = ["COLUMNS", "METHODS", "Method", "SurveyTotals", "estimate", "find_method", "survey_totals"]


def estimate(psu_totals: pd.DataFrame, population: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Estimate every cell of every declared method for regions, countries and all countries together.

    psu_totals: one survey, one row per country, region, stratum and PSU. population: country, region (null
    for the nation), population_thousands. settings: `rates` (years, confidence, countries: what all methods
    share), `methods` (name -> its own options, which win over `rates`) and `reliability` (thresholds).
    Returns the columns of the result table `estimates` without release_id, survey_id and wave, sorted by the
    full key and the same for any order of the input rows. All countries together have level `group`, country
    and region null. Raises ValueError for an unknown method or malformed input.
    """
    totals = survey_totals(psu_totals, population)
    rates = settings.get("rates") or {}
    frames = []
    for name, own in settings["methods"].items():
        options = {**rates, **(own or {})}
        frames.append(find_method(name)(totals, options).assign(method=name, confidence=float(options["confidence"])))
    return estimate_table(pd.concat(frames, ignore_index=True), settings["reliability"])


def find_method(name: str) -> Method:
    """Return a known method by name, or the function `estimate` of the module estimators/<name>.py."""
    if name not in METHODS:
        try:
            METHODS[name] = importlib.import_module(f"estimators.{name}").estimate
        except (ModuleNotFoundError, AttributeError) as error:
            raise ValueError(
                f'methods: "{name}" is not a method; known are {", ".join(sorted(METHODS))}, '
                f"or add estimators/{name}.py with a function estimate(totals, options)"
            ) from error
    return METHODS[name]
