"""Numbers that somebody printed about records, beside the same ones computed here, under the rounding of the print."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from estimators.reproduction import COLUMNS, TOLERANCE, judge

KEY = ["country", "region", "indicator", "exploitation", "location", "sex", "period"]
QUANTITIES: Mapping[str, tuple[str, float]] = {
    "estimate": ("estimate", 1),
    "percent": ("estimate", 100),
    "rank": ("estimate", 1),
    "count": ("n_cases", 1),
    "base": ("n_respondents", 1),
    "ci_low": ("ci_low", 1),
    "ci_high": ("ci_high", 1),
    "percent_low": ("ci_low", 100),
    "percent_high": ("ci_high", 100),
}
"""Quantity of published.csv to the column of `estimates` it is taken from, and what that is multiplied by."""
TRUNCATED = "truncate"


def reproduce(published: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Compare every printed number with ours and say whether they are equal at its printed precision.

    published: the survey's published.csv.  Its `rounding` says how the print was made: `truncate`, or to the nearest.
    estimates: rows of `estimates` before anything is hidden.  Returns the columns of the table `reproduction` but
    survey_id. Raises ValueError for an unknown quantity.
    """
    table = published.copy()
    for column in ("value", "decimals"):
        table[column] = pd.to_numeric(table[column])
    cells = estimates.fillna({"region": "", "country": ""}).to_dict("records")
    found = {tuple(cell[name] for name in KEY): cell for cell in cells}
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    ours = [_computed(row, found) for row in rows]
    out = table.assign(printed_text=table["printed"], printed=table["value"].astype(float), computed=ours)
    out["difference"] = out["computed"] - out["printed"]
    judged = [_judged(row) for row in out.to_dict("records")]
    out["verdict"] = [verdict for verdict, _ in judged]
    out["reason"] = pd.Series([reason for _, reason in judged], dtype="str", index=out.index)
    return out[COLUMNS[1:]].sort_values(COLUMNS[1:4], ignore_index=True)


def _computed(row: Mapping[str, Any], found: Mapping[tuple[str, ...], Mapping[str, Any]]) -> float:
    quantity = row["quantity"]
    if not quantity:
        return math.nan
    if quantity not in QUANTITIES:
        place = f"{row['source_table']} {row['source_cell']}"
        raise ValueError(f'{place}: quantity "{quantity}" is not known; known are {", ".join(QUANTITIES)}')
    cell = found.get(tuple(str(row[name] or "") for name in KEY))
    column, factor = QUANTITIES[quantity]
    return math.nan if cell is None else float(np.float64(cell[column]) * factor)


def _judged(row: Mapping[str, Any]) -> tuple[str, str | None]:
    """Judge by the rounding that was declared; a number that was cut is equal if cutting ours gives it."""
    if row.get("rounding") == TRUNCATED and not math.isnan(row["computed"]):
        unit = 10.0 ** -row["decimals"]
        if abs(math.floor(row["computed"] / unit + TOLERANCE) * unit - row["printed"]) <= TOLERANCE:
            return "match", f'printed "{row["printed_text"]}", which was cut and not rounded'
    return judge(row)
