"""The page on the trend: cases of the last three years against those before, under the assumption it hangs on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from estimators.forgetting import loss_that_explains
from reports.site.chart import MOST_SERIES, Chart, Column, Reference
from reports.site.overview import PLACES
from reports.site.page import Page
from reports.site.rates import columns, confidence, select
from reports.site.release_view import View

FORMS = ("all", "labour", "sexual")


def pages(view: View) -> Iterator[Page]:
    """Yield the trend; without one, a page that says so."""
    _ = view.gettext
    rows = compared(view)
    values: dict[str, Any] = {"rows": rows, "conclusions": conclusions(view, rows)}
    if rows:
        values |= {
            "assumed": assumed(view),
            "recent": rows[0]["recent_years"],
            "forest": forest(view, rows),
            "slope": slope(view),
            "by_length": by_length(view),
            "limits": confidence(view.published.tables["trend"]),
        }
    yield Page("trend", _("Trend"), "trend.html.j2", "results", values)


def compared(view: View) -> list[dict[str, Any]]:
    """Lay out every country, form and place under the length that the survey assumes.

    Beside the ratio and its limits: the length of the earlier window at which there would be no change, and the yearly
    share of cases forgotten that alone would make the ratio (null where it is not above 1).
    """
    table = view.published.tables["trend"]
    rows = table[table["assumed"] == "yes"]
    loss = loss_that_explains(*(rows[name].to_numpy(float) for name in ("ratio", "recent_years", "earlier_years")))
    rows = rows.assign(loss=loss, same=rows["earlier_years"] / rows["ratio"])
    rows = rows.assign(
        same_low=rows["earlier_years"] / rows["ci_high"], same_high=rows["earlier_years"] / rows["ci_low"]
    )
    order = [_order(view, row) for row in rows.itertuples()]
    interviews = _interviews(view)
    numbered = sorted(zip(order, rows.to_dict("records"), strict=True), key=lambda one: one[0])
    return [_record(view, row, interviews) for _, row in numbered]


def _order(view: View, row: Any) -> tuple[int, int, int]:
    countries = view.published.countries
    country = countries.index(row.country) if row.country in countries else len(countries)
    return FORMS.index(row.exploitation), country, PLACES.index(row.location)


def _interviews(view: View) -> dict[str, int]:
    """Return the interviews by country, and of all countries by an empty name."""
    rows = [*select(view, "national", "victims"), *select(view, "group", "victims")]
    return {row["country"] if row["level"] == "national" else "": int(row["n_respondents"]) for row in rows}


def _record(view: View, row: dict[str, Any], interviews: dict[str, int]) -> dict[str, Any]:
    shown = pd.notna(row["ratio"])
    status = "publish" if shown else "hidden" if pd.isna(row["n_recent"]) else "no_limits"
    code = row["country"] if isinstance(row["country"], str) else ""
    return {
        **row,
        "code": code,
        "label": view.country(code or None),
        "group": view.code("location", row["location"]),
        "value": row["ratio"] if shown else None,
        "low": row["ci_low"] if shown else None,
        "high": row["ci_high"] if shown else None,
        "n": interviews.get(code, 0),
        "status": status,
        "verdict": _verdict(row["ci_low"], row["ci_high"], status),
    }


def _verdict(low: float, high: float, status: str) -> str:
    if pd.isna(low) or pd.isna(high):
        return "hidden" if status == "hidden" else "untested"
    return "more" if low > 1 else "fewer" if high < 1 else "alike"


def conclusions(view: View, rows: Sequence[dict[str, Any]]) -> list[str]:
    """Say what may be concluded: under the assumption, under the others, and what forgetting would do."""
    _ = view.gettext
    if not rows:
        return [
            _(
                "The release has no trend: the survey has no earlier window to compare with, or declares no length "
                "for it."
            )
        ]
    headline = [
        row for row in rows if row["exploitation"] == "all" and row["location"] == "both" and row["level"] == "national"
    ]
    out = [text for text in (_under_assumption(view, headline), _whatever_the_length(view)) if text]
    losses = [row["loss"] for row in headline if row["verdict"] == "more" and pd.notna(row["loss"])]
    if losses:
        spread = view.language.share(min(losses), 0), view.language.share(max(losses), 0)
        low, high = spread
        out.append(
            _(
                "This is no proof of a rise. Cases long ago are told less often: if families no longer told %(share)s "
                "of the cases each year, a constant number would look like this."
            )
            % {"share": low if low == high else f"{low} – {high}"}
        )
    return out


def _under_assumption(view: View, headline: Sequence[dict[str, Any]]) -> str:
    """Say how many countries tell more cases a year now, and by how much, if the assumed length is right."""
    _ = view.gettext
    taken = assumed(view)
    named = {
        verdict: ", ".join(
            f"{row['label']} ({view.language.number(row['ratio'], 1)})" if row["value"] is not None else row["label"]
            for row in headline
            if row["verdict"] == verdict
        )
        for verdict in ("more", "fewer", "alike", "hidden", "untested")
    }
    texts = {
        "more": _("more cases a year in the last years than earlier (how many times as many): %(names)s"),
        "fewer": _("fewer: %(names)s"),
        "alike": _("not to be told apart: %(names)s"),
        "hidden": _("hidden: %(names)s"),
        "untested": _("not comparable: %(names)s"),
    }
    parts = "; ".join(texts[verdict] % {"names": names} for verdict, names in named.items() if names)
    years = view.language.number(taken, int(not taken.is_integer()))
    lead = _("If “earlier” means the %(years)s years before the last ones, as the survey assumes:") % {"years": years}
    return f"{lead} {parts}."


def _whatever_the_length(view: View) -> str:
    """Say for which countries the direction does not hang on the assumed length."""
    _ = view.gettext
    rows = _headline(view.published.tables["trend"])
    rows = rows[(rows["level"] == "national") & rows["ci_low"].notna()]
    grid = lengths(view)
    ends = {"first": view.language.number(min(grid)), "last": view.language.number(max(grid))}
    by_country = rows.groupby("country")
    more = set(by_country["ci_low"].min().loc[lambda low: low > 1].index)
    fewer = set(by_country["ci_high"].max().loc[lambda high: high < 1].index)
    steady = [view.country(code) for code in view.published.countries if code in more | fewer]
    unsteady = [
        view.country(code)
        for code in view.published.countries
        if code in by_country.groups and code not in more | fewer
    ]
    text = []
    if steady:
        text.append(
            _("The direction is the same whether “earlier” means %(first)s or %(last)s years: %(names)s.")
            % {**ends, "names": ", ".join(steady)}
        )
    if unsteady:
        text.append(_("The direction depends on it: %(names)s.") % {"names": ", ".join(unsteady)})
    if len(rows) and len(grid) > 1:
        text.append(_("How large the change is depends on it everywhere."))
    return " ".join(text)


def _headline(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["exploitation"] == "all") & (table["location"] == "both")]


def lengths(view: View) -> list[float]:
    """Return every length of the earlier window that the release has."""
    return sorted(float(years) for years in view.published.tables["trend"]["earlier_years"].unique())


def assumed(view: View) -> float:
    """Return the length that the survey assumes."""
    table = view.published.tables["trend"]
    return float(table.loc[table["assumed"] == "yes", "earlier_years"].iloc[0])


def forest(view: View, rows: Sequence[dict[str, Any]]) -> Chart:
    """Draw the ratio of every country by place under the assumed length, all forms together."""
    _ = view.gettext
    kept = ("group", "label", "value", "low", "high", "n", "status", "n_recent", "n_earlier")
    shown = [
        {**{key: row[key] for key in kept}, "remark": remark(view, row["status"])}
        for place in reversed(PLACES)
        for row in rows
        if row["location"] == place and row["exploitation"] == "all"
    ]
    first = (Column("group", view.column("location"), "text"), Column("label", view.column("country"), "text"))
    last = (
        Column("n_recent", _("Cases of the last years"), "whole"),
        Column("n_earlier", _("Cases before"), "whole"),
        Column("remark", _("Remark"), "text"),
    )
    return Chart(
        id="ratio",
        kind="forest",
        title=_("Cases a year now, to one a year before"),
        unit=_("ratio of yearly cases, under the assumed length of the earlier window"),
        n=None,
        rows=shown,
        columns=(*columns(view, "rate", *first, judged=False), *last),
        confidence=confidence(view.published.tables["trend"]),
        reference=Reference(1.0, _("as many as before")),
        note=_("The intervals hold the error of asking some families and not all. What is forgotten is not in them."),
    )


def slope(view: View) -> Chart | None:
    """Draw how the ratio grows with the assumed length; one line per country. None for one length or many countries."""
    _ = view.gettext
    grid = lengths(view)
    every = by_length(view)
    rows = [row for row in every if any(cell["value"] is not None for cell in row["cells"])]
    absent = ", ".join(row["label"] for row in every if row not in rows)
    if len(grid) < 2 or not rows or len(rows) > MOST_SERIES:
        return None
    points = [
        {**cell, "series": row["label"], "label": row["label"], "n": row["n"], "remark": remark(view, cell["status"])}
        for row in rows
        for cell in row["cells"]
    ]
    notes = [
        _("The lines rise because one number is divided by a longer and longer window, and not over time."),
        _("The lengths stand at equal distances, whatever lies between them."),
        *([_("Hidden at every length: %(names)s.") % {"names": absent}] if absent else []),
    ]
    first = (Column("label", view.column("country"), "text"), Column("period", _("Assumed length"), "text"))
    return Chart(
        id="by-length",
        kind="slope",
        title=_("The same ratio under other lengths of the earlier window"),
        unit=_("ratio of yearly cases; from left to right the earlier window is taken to be longer"),
        n=None,
        rows=points,
        columns=(*columns(view, "rate", *first, judged=False), Column("remark", _("Remark"), "text")),
        confidence=confidence(view.published.tables["trend"]),
        note=" ".join(notes),
    )


def remark(view: View, status: str) -> str:
    """Say why a number is not there; nothing where it is."""
    _ = view.gettext
    return {"hidden": _("hidden"), "no_limits": _("not shown")}.get(status, "")


def by_length(view: View) -> list[dict[str, Any]]:
    """Lay out the ratio of all forms and places by country and assumed length."""
    rows = _headline(view.published.tables["trend"])
    interviews = _interviews(view)
    names = [*view.published.countries, *([""] if len(view.published.countries) > 1 else [])]
    codes = rows["country"].fillna("").where(rows["level"] == "national", "")
    out = []
    for code in names:
        own = rows[(codes == code) & (rows["level"] == ("national" if code else "group"))].sort_values("earlier_years")
        if len(own):
            cells = [_cell(view, row) for row in own.to_dict("records")]
            out.append({"label": view.country(code or None), "n": interviews.get(code, 0), "cells": cells})
    return out


def _cell(view: View, row: dict[str, Any]) -> dict[str, Any]:
    shown = pd.notna(row["ratio"])
    years = row["earlier_years"]
    return {
        "period": view.gettext("%(years)s years") % {"years": view.language.number(years, int(not years.is_integer()))},
        "value": row["ratio"] if shown else None,
        "low": row["ci_low"] if shown else None,
        "high": row["ci_high"] if shown else None,
        "status": "publish" if shown else "hidden" if np.isnan(row["n_recent"]) else "no_limits",
    }
