"""Rates of the leading method as the rows of charts and tables, hidden ones among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.site.chart import Column, status_of
from reports.site.release_view import CELL, View

PER_POPULATION = "victims_per_1000_population"
PER_FAMILIES = "victims_per_1000_families"
HEADLINE = {"exploitation": "all", "location": "both", "sex": "all"}


def select(view: View, level: str, indicator: str, **cell: str) -> list[dict[str, Any]]:
    """Return the rows of one cell of nations or the group, all forms, places and sexes unless said otherwise."""
    wanted = {**HEADLINE, **cell, "level": level, "indicator": indicator}
    return view.published.cells.get(tuple(wanted[name] for name in CELL), [])


def nations(view: View, indicator: str, **cell: str) -> list[dict[str, Any]]:
    """Lay out one cell of every country in their order; a country without a row is left out."""
    rows = {row["country"]: row for row in select(view, "national", indicator, **cell)}
    return [record(view, rows[code]) for code in view.published.countries if code in rows]


def unreliable(view: View, indicator: str, **cell: str) -> set[str]:
    """Name the countries whose rate is not to be quoted."""
    rows = select(view, "national", indicator, **cell)
    return {row["country"] for row in rows if row["reliability"] == "suppress"}


def record(view: View, row: Mapping[str, Any]) -> dict[str, Any]:
    """Lay out one cell: what a chart draws, and what a table beside it says of its error."""
    status = status_of(row["conf_status"], row["reliability"], row["estimate"])
    shown = {"value": row["estimate"], "low": row["ci_low"], "high": row["ci_high"]}
    return {
        "code": row["country"],
        "label": view.country(row["country"]),
        **{key: float(number) if pd.notna(number) else None for key, number in shown.items()},
        "n": int(row["n_respondents"]),
        "n_psu": int(row["n_psu"]),
        "status": status,
        **{name: float(row[name]) for name in ("std_error", "cv", "df")},
        "reliable": view.code("reliability", row["reliability"]),
    }


def drawn(records: list[dict[str, Any]], **more: str) -> list[dict[str, Any]]:
    """Keep of each record what a chart draws, and give all of them a group or a series."""
    kept = ("label", "value", "low", "high", "n", "status")
    return [{**{key: one[key] for key in kept}, **more} for one in records]


def confidence(rows: pd.DataFrame) -> float | None:
    """Return the confidence of the limits; None where no row has any."""
    known = rows["confidence"].dropna()
    return float(known.iloc[0]) if len(known) else None


def columns(view: View, form: str, *first: Column, judged: bool = True) -> tuple[Column, ...]:
    """Return the columns of a chart's data table: those given, then the number with its limits and what it rests on.

    judged: whether the rows are cells of `estimates`, which have a reliability.
    """
    _ = view.gettext
    rest = [("value", _("Estimate"), form), ("low", _("Lower limit"), form), ("high", _("Upper limit"), form)]
    last = [("n", _("Interviews"), "whole"), *([("status", _("Reliability"), "status")] if judged else [])]
    return (*first, *(Column(*one) for one in (*rest, *last)))  # type: ignore[arg-type]
