"""The table of countries: annual victims by the leading method, beside the printed numbers and their reproduction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

LEADING = ("design", "pennington", "poisson")
"""The method a reader is shown first, or the next one a survey declares."""
REPRODUCING = "pennington"
"""The method that repeats the earlier publication's rule."""
LIMITS = {"victims": "estimate", "victims_lower_limit": "ci_low", "victims_upper_limit": "ci_high"}
TOGETHER = ""
"""Stands for the country of the row that holds all countries together."""


def rank(order: Sequence[str]) -> dict[str, int]:
    """Number the countries as they are to be shown."""
    return {country: number for number, country in enumerate(order)}


def leading(estimates: pd.DataFrame) -> str:
    """Name the method to lead with: the first of LEADING that has rows, else the first there is; empty without rows."""
    there = sorted(estimates["method"].unique())
    return next((method for method in (*LEADING, *there) if method in there), "")


def comparison(reproduction: pd.DataFrame, estimates: pd.DataFrame, order: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return one row per country and place in the order given, and three for all countries together.

    Each holds the leading estimate with its limits and reliability; the printed three, their reproduction (both null
    where there is none) and `verdict`: equal or differs, printed against reproduced, or nothing where none is printed.
    Countries are compared with their own tables of the publication, all together with its text.
    """
    ours = victims(estimates, leading(estimates))
    ours = ours[(ours["level"] == "group") | (ours["location"] != "both")]
    ours = ours.assign(country=ours["country"].fillna(TOGETHER), together=ours["level"] == "group")
    ours = ours.assign(place=ours["location"].map({"inside": 0, "abroad": 1, "both": 2}))
    ours = ours.assign(rank=ours["country"].map(rank(order)))
    again = victims(estimates, REPRODUCING)
    again = again.assign(country=again["country"].fillna(TOGETHER))
    printed = _printed_victims(reproduction)
    return [
        _row(cell, *(part.loc[_same_place(part, cell)] for part in (printed, again)))
        for cell in ours.sort_values(["together", "rank", "country", "place"]).to_dict("records")
    ]


def victims(estimates: pd.DataFrame, method: str) -> pd.DataFrame:
    """Select the yearly victims, all forms and both sexes, of nations and the group by one method."""
    cell = estimates[["method", "indicator", "exploitation", "sex"]] == [method, "victims", "all", "all"]
    return estimates[cell.all(axis=1) & estimates["level"].isin(["national", "group"])]


def _same_place(rows: pd.DataFrame, cell: dict[str, Any]) -> pd.Series:
    return (rows["country"] == cell["country"]) & (rows["location"] == cell["location"])


def _printed_victims(reproduction: pd.DataFrame) -> pd.DataFrame:
    """Select the printed totals and limits; a total that the text prints twice is taken where it stands first."""
    rows = reproduction[
        reproduction["indicator"].isin(LIMITS)
        & (reproduction["exploitation"] == "all")
        & (reproduction["sex"] == "all")
        & reproduction["region"].isna()
    ]
    own_table = rows["source_table"].isin([f"2-{number}a" for number in range(1, 6)])
    together = (rows["source_table"] == "text") & rows["country"].isna()
    rows = rows[own_table | together].assign(country=lambda frame: frame["country"].fillna(TOGETHER))
    return rows.sort_values("source_cell").drop_duplicates(["country", "location", "indicator"])


def _row(cell: dict[str, Any], theirs: pd.DataFrame, again: pd.DataFrame) -> dict[str, Any]:
    numbers = theirs.set_index("indicator")["printed"]
    equal = (theirs["verdict"] == "match").all()
    reproduced = again.iloc[0] if len(again) else None
    return {
        "country": cell["country"],
        "location": cell["location"],
        "reliability": cell["reliability"],
        **{name: cell[name] for name in LIMITS.values()},
        **{f"printed_{ours}": float(numbers[name]) if name in numbers else None for name, ours in LIMITS.items()},
        **{f"reproduced_{n}": None if reproduced is None else float(reproduced[n]) for n in LIMITS.values()},
        "verdict": "" if len(theirs) < len(LIMITS) else "equal" if equal else "differs",
    }
