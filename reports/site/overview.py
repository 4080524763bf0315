"""The first page: the headline numbers with their limits, how reliable they are, and what changed and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from reports.five_countries import victims
from reports.site import country
from reports.site.cell import confidence
from reports.site.chart import Chart, Column, status_of
from reports.site.national import columns
from reports.site.page import Page
from reports.site.release_view import HIDDEN, NO_LIMITS, View
from schemas.deliveries import lines

PLACES = ("inside", "abroad", "both")
"""Rows of a country, its sum last."""
HEADLINES = ("both", "inside", "abroad")


def pages(view: View) -> Iterator[Page]:
    """Yield the overview."""
    _ = view.gettext
    published = view.published
    values = {
        "headlines": headlines(view),
        "confidence": confidence(view),
        "national": national(view),
        "chart": chart(view),
        "reliability": reliability(view),
        "revised": revised(view),
        "printed": printed(view),
        "files": [vars(line) for line in lines(published.loads)],
        "checks": published.tables["quality"]["verdict"].value_counts().to_dict(),
    }
    yield Page("index", _("Overview"), "overview.html.j2", "results", values)


def headlines(view: View) -> list[dict[str, Any]]:
    """Lay out the totals a reader came for: all countries together, or the only one, by where people were exploited."""
    published = view.published
    rows = victims(published.estimates, published.method)
    level = "group" if len(published.countries) > 1 else "national"
    rows = rows[rows["level"] == level].set_index("location", drop=False)
    return [_cell(view, rows.loc[place]) for place in HEADLINES if place in rows.index]


def national(view: View) -> list[dict[str, Any]]:
    """Lay out the nations' and the group's yearly totals, inside, abroad and both, one row each."""
    published = view.published
    rows = victims(published.estimates, published.method)
    order = {code: number for number, code in enumerate(published.countries)}
    rows = rows.assign(
        place=rows["location"].map({place: number for number, place in enumerate(PLACES)}),
        rank=rows["country"].map(order).fillna(len(order)),
    ).sort_values(["rank", "place"])
    return [_cell(view, row) for _, row in rows.iterrows()]


def chart(view: View) -> Chart | None:
    """Draw the nations' totals with their limits, one heading a place; None for one country, whose page does so.

    All countries together are not drawn: beside them the small countries would be a dot.
    """
    _ = view.gettext
    cells = sorted(national(view), key=lambda cell: HEADLINES.index(cell["location"]))
    rows = [
        {
            "group": cell["place"],
            "label": cell["name"],
            "value": cell["estimate"],
            "low": cell["ci_low"],
            "high": cell["ci_high"],
            "n": cell["n_respondents"],
            "status": status_of(cell["conf_status"], cell["reliability"], cell["estimate"]),
        }
        for cell in cells
        if cell["level"] == "national"
    ]
    if len(view.published.countries) < 2:
        return None
    shown = (Column("group", view.column("location"), "text"), *columns(view, view.column("country"), "whole"))
    n = int(sum(cell["n_respondents"] for cell in cells if (cell["level"], cell["location"]) == ("national", "both")))
    title, unit = _("People exploited in a year, by country"), view.code("unit", "persons")
    return Chart("countries", "forest", title, unit, n, rows, shown, confidence=confidence(view))


def reliability(view: View) -> list[dict[str, Any]]:
    """Count the cells of the leading method by what a reader may do with them: quote, quote with care, not quote."""
    _ = view.gettext
    lead = view.published.lead
    shown = lead[lead["estimate"].notna()]
    found = [
        {
            "verdict": verdict,
            "name": view.code("reliability", verdict),
            "cells": int((shown["reliability"] == verdict).sum()),
        }
        for verdict in ("publish", "caution", "suppress")
    ]
    hidden = int(lead["conf_status"].isin(HIDDEN).sum())
    without = int((lead["conf_status"] == NO_LIMITS).sum())
    return [
        *found,
        {"verdict": "withheld", "name": _("Hidden, because too few families stand behind the number"), "cells": hidden},
        {"verdict": "withheld", "name": _("Withheld, because its error cannot be estimated"), "cells": without},
    ]


def revised(view: View) -> dict[str, Any]:
    """Say which release this one follows, why, and how many numbers moved."""
    published = view.published
    rows = published.tables["revisions"]
    rows = rows[rows["release_id"] == published.release["release_id"]]
    lead = rows[(rows["method"] == published.method) & rows["relative_change"].notna()]
    return {
        "supersedes": published.release["supersedes"],
        "reason": published.release["reason"],
        "cells": len(rows),
        "leading": len(lead),
        "largest": float(lead["relative_change"].abs().max()) if len(lead) else None,
    }


def printed(view: View) -> dict[str, int]:
    """Count the printed numbers by how far we repeat them; empty when the survey was never published."""
    found: dict[str, int] = view.published.tables["reproduction"]["verdict"].value_counts().to_dict()
    return found


def _cell(view: View, row: pd.Series) -> dict[str, Any]:
    cell: dict[str, Any] = row.to_dict()
    return {
        **cell,
        "place": view.code("location", cell["location"]),
        "name": view.country(cell["country"]),
        "page": country.name(cell["country"]) if cell["level"] == "national" else None,
        "reliable": view.code("reliability", cell["reliability"]),
        "hidden": cell["conf_status"] in HIDDEN,
    }
