"""Two releases against each other: counts, cells in the order of how far they moved, and the page that shows both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.pages import environment

KINDS = ("added", "removed", "revised", "uncertainty", "hidden", "shown")
CELL = ("country", "region", "indicator", "exploitation", "location", "sex", "period", "method")
MOST_ROWS = 1000
"""What a page can show and a person can read."""


def counts(changed: pd.DataFrame) -> dict[str, int]:
    """Count the changed cells by kind, and those that moved beyond their own limits.

    changed: cells with `change` and `beyond_limits`.
    """
    found = changed["change"].value_counts()
    kinds = {kind: int(found.get(kind, 0)) for kind in KINDS}
    return {**kinds, "beyond_their_limits": int(changed["beyond_limits"].sum())}


def rows(changed: pd.DataFrame) -> list[dict[str, Any]]:
    """Lay out changed cells: those beyond their limits first, then by size of the change; missing values are None."""
    order = changed.assign(size=changed["relative_change"].abs().fillna(-1.0), away=~changed["beyond_limits"])
    order = order.sort_values(["away", "size"], ascending=[True, False], kind="stable").drop(columns=["size", "away"])
    records: list[dict[str, Any]] = order.astype(object).where(order.notna(), None).to_dict("records")
    return records


def cell(row: Mapping[str, Any]) -> str:
    """Name a cell in one line; what is empty, or all there is, is left out."""
    words = [str(row[name]) for name in CELL if row[name] and row[name] != "all"]
    return " ".join(words if row["country"] else [str(row["level"]), *words])


def number(value: float | None) -> str:
    """Write a number at the digits a reader needs: whole from 1,000 on, three digits below."""
    if value is None or pd.isna(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"


def render(changed: pd.DataFrame, before: str, after: str, title: str, notice: str = "") -> str:
    """Return the page as HTML that needs nothing but itself. before, after: names of the releases."""
    listed = [{**row, "cell": cell(row)} for row in rows(changed)]
    pages = environment()
    pages.filters["number"] = number
    return pages.get_template("diff.html.j2").render(
        before=before,
        after=after,
        title=title,
        notice=notice,
        counts=counts(changed),
        rows=listed[:MOST_ROWS],
        left_out=max(0, len(listed) - MOST_ROWS),
    )
