"""The five-country table: annual victims inside and abroad, ours beside the printed ones."""

from __future__ import annotations

from typing import Any

import pandas as pd

LIMITS = {"victims": "estimate", "victims_lower_limit": "ci_low", "victims_upper_limit": "ci_high"}


def comparison(reproduction: pd.DataFrame, estimates: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one row per country and place: ours, its limits, the printed three, and whether all three are equal.

    Printed numbers come from the country tables of the publication; a survey without one has none.
    """
    ours = estimates.query(
        "level == 'national' and method == 'pennington' and indicator == 'victims' and exploitation == 'all' and sex == 'all'"
    ).set_index(["country", "location"])
    printed = reproduction[
        reproduction["indicator"].isin(LIMITS)
        & (reproduction["exploitation"] == "all")
        & (reproduction["sex"] == "all")
        & reproduction["source_table"].isin([f"2-{n}a" for n in range(1, 6)])
    ]
    rows = []
    for (country, location), cell in ours.sort_index().iterrows():
        if location == "both":
            continue
        theirs = printed[(printed["country"] == country) & (printed["location"] == location)].set_index("indicator")
        rows.append(
            {
                "country": country,
                "location": location,
                **{name: cell[name] for name in LIMITS.values()},
                **{f"printed_{ours_name}": _number(theirs, name) for name, ours_name in LIMITS.items()},
                "equal": len(theirs) == len(LIMITS) and bool((theirs["verdict"] == "match").all()),
            }
        )
    return rows


def _number(printed: pd.DataFrame, indicator: str) -> float | None:
    return float(printed.loc[indicator, "printed"]) if indicator in printed.index else None
