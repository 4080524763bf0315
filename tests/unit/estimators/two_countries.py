"""A small invented survey of two countries for the tests of method `design`, and how it is estimated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import estimators
from estimators.domain_totals import COUNT_COLUMNS

THRESHOLDS = {"min_cases": 10, "min_base": 10, "max_relative_width": 1.6, "min_df": 8, "max_cv": 0.3}
RATES: dict[str, Any] = {"years": 3, "confidence": 0.95}
KEY = ["level", "country", "region", "indicator", "exploitation", "location", "sex", "period"]
NUMBERS = ["estimate", "std_error", "cv", "ci_low", "ci_high"]
METHODS: dict[str, dict[str, Any]] = {
    "design": {}, "design_log_t": {}, "design_wald": {}, "design_pooled": {}, "jackknife": {},
    "bootstrap": {"replicates": 200, "seed": 7}, "bootstrap_poisson": {"replicates": 200, "seed": 7},
}  # fmt: skip


def survey(seed: int = 1, psus: int = 4, empty: bool = True) -> pd.DataFrame:
    """Two countries of three regions; the last region has no case at all."""
    draw = np.random.default_rng(seed)
    rows = []
    for country in ("KZ", "KG"):
        for region in (f"{country}-1", f"{country}-2", f"{country}-3"):
            for psu in range(psus):
                n = int(draw.integers(8, 15))
                row = dict.fromkeys(COUNT_COLUMNS, 0) | {
                    "survey_id": "invented", "country": country, "region": region, "stratum": region, "psu": f"s{psu}",
                    "n_respondents": n, "relatives": 6 * n + psu, "relatives_squared": 40 * n + psu**2,
                    "migrant_inside": n // 3, "migrant_abroad": n // 2, "migrant_both": n // 5,
                    "migrant_any": n // 3 + n // 2 - n // 5,
                }  # fmt: skip
                if region[-1] != "3" or not empty:
                    for place in ("inside", "abroad"):
                        women, men, more, sexual = (int(x) for x in draw.poisson([3, 5, 1, 1]))
                        row |= {
                            f"labour_{place}_women_last_3_years": women, f"labour_{place}_women": women + 2,
                            f"labour_{place}_men_last_3_years": men, f"labour_{place}_men": men + 1,
                            f"labour_{place}_any_last_3_years": women + men + more, f"labour_{place}_any_earlier": 3,
                            f"sexual_{place}_last_3_years": sexual, f"sexual_{place}": sexual + 1,
                        }  # fmt: skip
                rows.append(row)
    return pd.DataFrame(rows)


def population(**changes: float | None) -> pd.DataFrame:
    """Populations of the regions and, not equal to their sums, of the countries."""
    people = {"KZ-1": 500.0, "KZ-2": 900.0, "KZ-3": 250.0, "KG-1": 120.0, "KG-2": 80.0, "KG-3": 700.0} | changes
    rows = [{"country": r[:2], "region": r, "population_thousands": p} for r, p in people.items() if p is not None]
    rows += [{"country": c, "region": None, "population_thousands": p} for c, p in (("KZ", 1700.0), ("KG", 950.0))]
    return pd.DataFrame(rows)


def run(psu: pd.DataFrame, people: pd.DataFrame | None = None, **methods: dict[str, Any]) -> pd.DataFrame:
    people = population() if people is None else people
    chosen = methods or {"design": {}}
    return estimators.estimate(psu, people, {"rates": RATES, "methods": chosen, "reliability": THRESHOLDS})
