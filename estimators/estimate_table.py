"""The rows of every method, brought to the columns and order of the result table `estimates`.

Not here: any statistic but the coefficient of variation and the marks.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from estimators.rate_cells import KEY
from estimators.reliability import reliability
from estimators.simple_random import normal_quantile

COLUMNS = [
    *KEY, "method", "estimate", "std_error", "cv", "ci_low", "ci_high", "confidence",
    "n_respondents", "n_cases", "n_psu", "df", "deff", "implied_deff", "lonely_psu", "unit", "reliability",
    "obs_status", "conf_status",
]  # fmt: skip
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high"]


def estimate_table(rows: pd.DataFrame, thresholds: Mapping[str, float]) -> pd.DataFrame:
    """Complete the rows of methods, in the order they have.

    rows: KEY, method, confidence, unit, the four numbers, n_respondents, n_psu, n_cases and base (both may be
    fractions or null), and optionally df, deff, implied_deff and lonely_psu. A cell without an estimate gets
    obs_status M and no number. No case shows no spread, so where a method gives an estimate of zero no error it is the
    upper limit over z, and the CV of a zero is its error over the upper limit it stands for, so 1 / z.
    """
    table = rows.copy()
    for optional in ("df", "deff", "implied_deff"):
        if optional not in table:
            table[optional] = np.nan
    table.loc[table["estimate"].isna(), NUMBERS] = np.nan
    if "lonely_psu" not in table:
        table["lonely_psu"] = None
    zero = table["estimate"] == 0
    z = table["confidence"].map({level: normal_quantile(level) for level in table["confidence"].unique()})
    table["std_error"] = table["std_error"].mask(zero & (table["std_error"] == 0), table["ci_high"] / z)
    table["cv"] = table["std_error"] / table["estimate"].mask(zero, table["std_error"] * z)
    table["reliability"] = reliability(table, thresholds)
    table["obs_status"] = np.where(table["estimate"].isna(), "M", "A")
    table["conf_status"] = "F"
    return table[COLUMNS]


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Sort completed rows by their full key, nulls first."""
    return table.sort_values([*KEY, "method"], na_position="first", ignore_index=True)
