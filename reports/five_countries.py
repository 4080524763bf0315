"""The table of countries: annual victims inside and abroad, ours beside the printed ones, and all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

LIMITS = {"victims": "estimate", "victims_lower_limit": "ci_low", "victims_upper_limit": "ci_high"}
TOGETHER = ""
"""Stands for the country of the row that holds all countries together."""


def rank(order: Sequence[str]) -> dict[str, int]:
    """Number the countries as they are to be shown."""
    return {country: number for number, country in enumerate(order)}


def comparison(reproduction: pd.DataFrame, estimates: pd.DataFrame, order: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return one row per country and place in the order given, and three for all countries together.

    Each holds ours with its limits, the printed three, and `verdict`: equal, differs, or nothing where none is printed.
    Countries are compared with their own tables of the publication, all together with its text.
    """
    ours = estimates[
        (estimates["method"] == "pennington")
        & (estimates["indicator"] == "victims")
        & (estimates["exploitation"] == "all")
        & (estimates["sex"] == "all")
        & estimates["level"].isin(["national", "group"])
    ]
    ours = ours[(ours["level"] == "group") | (ours["location"] != "both")]
    ours = ours.assign(country=ours["country"].fillna(TOGETHER), together=ours["level"] == "group")
    ours = ours.assign(place=ours["location"].map({"inside": 0, "abroad": 1, "both": 2}))
    ours = ours.assign(rank=ours["country"].map(rank(order)))
    printed = _printed_victims(reproduction)
    return [
        _row(cell, printed.loc[(printed["country"] == cell["country"]) & (printed["location"] == cell["location"])])
        for cell in ours.sort_values(["together", "rank", "country", "place"]).to_dict("records")
    ]


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


def _row(cell: dict[str, Any], theirs: pd.DataFrame) -> dict[str, Any]:
    numbers = theirs.set_index("indicator")["printed"]
    equal = (theirs["verdict"] == "match").all()
    return {
        "country": cell["country"],
        "location": cell["location"],
        **{name: cell[name] for name in LIMITS.values()},
        **{f"printed_{ours}": float(numbers[name]) if name in numbers else None for name, ours in LIMITS.items()},
        "verdict": "" if len(theirs) < len(LIMITS) else "equal" if equal else "differs",
    }
