"""The countries' totals make all countries together, in every method that publishes both."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from schemas.additivity import Additivity
from tasks.gates import sums
from tasks.gates.check import Check

KEY = ["indicator", "exploitation", "location", "sex", "period", "method"]
NAME = "countries_add_up_to_the_group"


def countries_add_up(cells: pd.DataFrame, promises: Additivity) -> Iterator[Check]:
    """Compare the totals. cells: the estimates before rounding and disclosure control."""
    totals = cells[cells["indicator"].isin(promises.country_indicators) & cells["level"].isin(["national", "group"])]
    levels = totals.groupby("method")["level"].nunique()
    totals = totals[totals["method"].isin(levels.index[levels == 2])]
    nations = totals[totals["level"] == "national"].groupby(KEY)["estimate"].agg(_sum).rename("parts")
    group = totals[totals["level"] == "group"].set_index(KEY)["estimate"].rename("whole")
    both = pd.concat([nations, group], axis=1)
    both = both[both.notna().any(axis=1)]
    worst = sums.largest((both["parts"] - both["whole"]).abs() / both["whole"].abs().clip(lower=1))
    detail = f"largest relative gap over {len(both):,} totals"
    yield sums.gap(NAME, "all methods", worst, promises.tolerance, detail)
    lacking = int(both.isna().any(axis=1).sum())
    yield sums.missing(NAME, lacking, f"{lacking:,} of {len(both):,} sums lack a country, or all together")


def _sum(values: pd.Series) -> float:
    """Add up; a sum with a missing part is missing."""
    return float(values.sum(skipna=False))
