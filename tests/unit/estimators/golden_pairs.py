"""Scenario files under tests/golden: PSU totals in, expected cells out, with the arithmetic that gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

import estimators
from estimators.domain_totals import COUNT_COLUMNS

GOLDEN = Path(__file__).parents[2] / "golden"
KEY = ["level", "country", "region", "indicator", "exploitation", "location", "sex"]
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high"]
THRESHOLDS = {"min_cases": 10, "min_base": 10, "max_relative_width": 1.6, "min_df": 8, "max_cv": 0.3}


def pair(folder: str, scenario: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the two files of a scenario."""
    text = {"country": "str", "region": "str"}
    read = (pd.read_csv(GOLDEN / folder / f"{scenario}_{part}.csv", dtype=text) for part in ("input", "output"))
    return next(read), next(read)


def check(method: str, scenario: str, rates: dict[str, Any], own: dict[str, Any]) -> None:
    """Run one method on a scenario's PSU totals and compare every expected number; sums not given are zero."""
    psu, expected = pair(method, scenario)
    population = psu[["country", "population_thousands"]].drop_duplicates().assign(region=None)
    psu = psu.drop(columns="population_thousands").reindex(
        columns=["country", "region", "stratum", "psu", *COUNT_COLUMNS]
    )
    settings = {"rates": rates, "methods": {method: own}, "reliability": THRESHOLDS}
    got = estimators.estimate(psu.fillna(dict.fromkeys(COUNT_COLUMNS, 0)), population, settings)
    got = got.fillna({"country": "", "region": ""}).set_index(KEY)
    for row in expected.fillna({"country": "", "region": ""}).to_dict("records"):
        cell = got.loc[tuple(row[name] for name in KEY)]
        for number in NUMBERS:
            if pd.notna(row[number]):
                difference = abs(cell[number] - row[number])
                assert difference <= 1e-9 * max(1, abs(row[number])), (row, number, cell[number])
