"""Statistics only: PSU totals in, estimates with uncertainty out. No file, no database, no flow.

A method is a module of this room with a function `estimate(totals, options)`; a survey names it under
`methods`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from estimators.domain_totals import SurveyTotals

    Method = Callable[[SurveyTotals, Mapping[str, Any]], pd.DataFrame]

METHODS: dict[str, str] = {
    "bootstrap": "bootstrap:estimate",
    "bootstrap_poisson": "bootstrap:estimate_poisson",
    "design": "design:estimate",
    "design_log_t": "design:estimate_log_t",
    "design_pooled": "design:estimate_pooled",
    "design_wald": "design:estimate_wald",
    "jackknife": "jackknife:estimate",
    "pennington": "pennington:estimate",
    "poisson": "poisson:estimate",
    "poisson_ppf": "poisson_ppf:estimate",
    "small_area": "small_area:estimate",
    "small_area_fay_herriot": "small_area:estimate_fay_herriot",
}
"""Module and function of each known method; imported when asked for, so that the array core needs no pandas."""

__all__ = ["METHODS", "estimate", "find_method"]


def estimate(psu_totals: pd.DataFrame, population: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Estimate every cell of every declared method for regions, countries and all countries together.

    psu_totals: one survey, one row per country, region, stratum and PSU. population: country, region (null
    for the nation), population_thousands. settings: `rates` (years, confidence, countries: what all methods
    share), `methods` (name -> its own options, which win over `rates`) and `reliability` (thresholds).
    Returns the columns of the result table `estimates` without release_id, survey_id and wave, sorted by the
    full key and the same for any order of the input rows. All countries together have level `group`, country
    and region null. Raises ValueError for an unknown method or malformed input.
    """
    import pandas as pd

    from estimators.estimate_table import in_order
    from estimators.parts import estimate_parts, parts

    made = estimate_parts(psu_totals, population, settings, parts(psu_totals, settings)).values()
    return in_order(pd.concat([cells for cells in made if len(cells)], ignore_index=True))


def find_method(name: str) -> Method:
    """Return a known method by name, or the function `estimate` of the module estimators/<name>.py."""
    module, function = METHODS.get(name, f"{name}:estimate").split(":")
    try:
        method: Method = getattr(importlib.import_module(f"estimators.{module}"), function)
    except (ModuleNotFoundError, AttributeError) as error:
        raise ValueError(
            f'methods: "{name}" is not a method; known are {", ".join(sorted(METHODS))}, '
            f"or add estimators/{name}.py with a function estimate(totals, options)"
        ) from error
    return method
