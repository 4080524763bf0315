"""The regions of one country: the table that a reader sorts and filters, maps, plots, and what populations rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from reports.boundaries.shapes import Boundaries
from reports.site.cell import FORMS, Cell, Cells, confidence
from reports.site.chart import Chart
from reports.site.national import PLACES, RATE, TOTAL, columns
from reports.site.release_view import View

NUMBERS = (
    *((place, RATE, "per_1000_families", place) for place in PLACES),
    ("persons", TOTAL, "persons", "both"),
)
"""Columns of the table: name, indicator, unit, where."""
RANKED = ("publish", "caution", "suppress", "hidden", "no_limits", "not_surveyed")
"""Statuses in the order in which a filter offers them."""


def table(view: View, cells: Cells, country: str) -> list[dict[str, Any]]:
    """Lay out the regions by name, one row each, those without interviews and those without a shown number too.

    `names` holds what the region is called in every language, for the filter, and `statuses` those of its numbers.
    """
    regions = view.published.tables["regions"]
    regions = regions[regions["country"] == country]
    named = [column for column in regions if column.startswith("name_")]
    records = regions.astype(object).where(regions.notna(), None).to_dict("records")
    rows = [_row(view, cells, region, named) for region in records]
    return sorted(rows, key=lambda row: (row["name"].casefold(), row["region"]))


def choices(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """List the statuses that occur in a regional table, for its filter."""
    there = {status for row in rows for status in row["statuses"]}
    return [status for status in RANKED if status in there]


def pictures(
    view: View, rows: Sequence[Mapping[str, Any]], n: int, boundaries: Boundaries | None
) -> list[dict[str, Any]]:
    """Draw each number of the table: a map, where the survey has boundaries, and a plot with limits.

    Persons have no map: a large region has many of them, whatever its rate.
    """
    _ = view.gettext
    found = []
    for name, indicator, unit, place in NUMBERS:
        marks = [_mark(row, name) for row in rows]
        if all(mark["n"] is None for mark in marks):
            continue
        title = f"{view.code('indicator', indicator)}: {view.code('location', place).lower()}"
        same = (view.code("unit", unit), n, marks)
        shown = columns(view, view.column("region"), FORMS.get(unit, "rate"))
        limits = confidence(view)
        limited = _("%(numbers)s, with limits") % {"numbers": title}
        plot = Chart(f"regions-{name}", "forest", limited, *same, shown, confidence=limits)
        shapes = boundaries and boundaries.of([row["region"] for row in rows])
        if boundaries is None or not shapes or not shapes["features"] or indicator == TOTAL:
            charts = [plot]
        else:
            by = boundaries.named_in(view.language.code)
            charts = [Chart(f"map-{name}", "map", title, *same, shown, by, confidence=limits, shapes=shapes), plot]
        found.append({"name": name, "title": title, "charts": charts})
    return found


def populations(view: View, country: str) -> list[dict[str, Any]]:
    """Lay out what the regions' populations come from, one row a source: grade, source, day, regions."""
    regions = view.published.tables["regions"]
    regions = regions[(regions["country"] == country) & (regions["surveyed"] == "yes")]
    by = ["grade", "source", "reference_date"]
    grouped = regions.assign(**{name: regions[name].fillna("") for name in by}).groupby(by, sort=True)
    return [
        {
            "grade": grade,
            "source": source,
            "day": _day(view, day),
            "regions": sorted(map(view.region, members["region"]), key=str.casefold),
        }
        for (grade, source, day), members in grouped
    ]


def add_up(view: View, country: str) -> bool | None:
    """Tell from the release's checks whether the regions add up to their nation; None if that was not checked.

    Where they do, a nation stands for the regions that were surveyed, else for all its people.
    """
    method, quality = view.published.method, view.published.tables["quality"]
    checked = dict(zip(zip(quality["check_id"], quality["scope"], strict=True), quality["verdict"], strict=True))
    if ("regions_less_nation", f"{country} {method}") in checked:
        return False
    verdict = checked.get(("regions_add_up_to_the_nation", method))
    return None if verdict is None else verdict == "passed"


def unvisited(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Name the regions in which nobody was interviewed."""
    return [row["name"] for row in rows if not row["surveyed"]]


def _mark(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return one number of a region as a chart takes it; on a map its name stands without what is in brackets."""
    known = {"region": row["region"], "label": row["name"], "short": row["name"].split(" (")[0]}
    return {**known, **row["cells"][name].row}


def _day(view: View, written: str) -> str:
    """Write a day as the language does; what is no day of ISO 8601 stays as the survey wrote it."""
    try:
        return view.language.date(date.fromisoformat(written))
    except ValueError:
        return written


def _row(view: View, cells: Cells, region: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    country, code = region["country"], region["region"]
    held = [cells.all[key] for key in cells.keys(country, code)]
    surveyed = region["surveyed"] == "yes" or bool(held)
    numbers = {
        name: cells.annual(indicator, place, country, code) if surveyed else Cell("not_surveyed")
        for name, indicator, _unit, place in NUMBERS
    }
    return {
        **region,
        "name": view.region(code),
        "names": " ".join([code, *(str(region[name]) for name in names if isinstance(region[name], str))]),
        "surveyed": surveyed,
        "cells": numbers,
        "statuses": sorted({cell.status for cell in numbers.values()}, key=RANKED.index),
        "n": max((cell.n or 0 for cell in held), default=None),
        "settlements": max((cell.settlements or 0 for cell in held), default=None),
    }
