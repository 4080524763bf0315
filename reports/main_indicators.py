"""The numbers of a survey of records that a reader is shown first: those its instrument names, or the plainest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

MOST = 6
COUNTS, QUOTIENTS, SHARES = ("tally", "distinct", "total"), ("ratio", "complement"), ("share",)
MOST_COUNTS, MOST_QUOTIENTS = 2, 3
"""Counts and quotients that go before shares, where the instrument names nothing."""


def widest(estimates: pd.DataFrame, indicators: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of all countries together, or of the one nation, each with what `indicators` says of it.

    estimates, indicators: tables of one release. In the order of the form; None where there is nothing.
    """
    level = "group" if estimates["level"].eq("group").any() else "national"
    about = indicators.drop(columns=["survey_id", "unit"])
    rows = estimates[estimates["level"] == level].merge(about, on="indicator")
    rows = rows.sort_values("position", kind="stable")
    found: list[dict[str, Any]] = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return found


def main_indicators(rows: Sequence[dict[str, Any]], named: Sequence[str]) -> list[dict[str, Any]]:
    """Choose the rows that are shown first.

    rows: as `widest` returns them.  named: identifiers that the instrument gives as its headlines, of an indicator or
    of one of its codes; of several rows the first with the largest number. Without names: up to six indicators of a
    single row with a number, counts before quotients before shares, each in the order of the form.
    """
    if named:
        groups = ([row for row in rows if name in (row["indicator"], row["topic"])] for name in named)
        return [max(group, key=_number) for group in groups if group]
    numbers: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        numbers.setdefault(row["topic"], []).append(row)
    single = [group[0] for group in numbers.values() if len(group) == 1 and group[0]["estimate"] is not None]
    counts, quotients, shares = ([row for row in single if row["kind"] in k] for k in (COUNTS, QUOTIENTS, SHARES))
    return [*counts[:MOST_COUNTS], *quotients[:MOST_QUOTIENTS], *shares][:MOST]


def _number(row: dict[str, Any]) -> float:
    return -1.0 if row["estimate"] is None else float(row["estimate"])
