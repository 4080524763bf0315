"""The page about revisions: the releases, and every number of the leading method that this release changed, and why.

A survey of records has no leading method: each of its numbers has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from reports import diff_page
from reports.site.cell_name import counted, limits, place, subject, written
from reports.site.chart import Chart, Column, Form, status_of
from reports.site.page import Page
from reports.site.release_view import View

MOST_DRAWN = 12
"""Changed numbers in the chart."""
RATE, TOTAL = "victims_per_1000_families", "victims"
TURNED = ("hidden", "shown")
"""Changes that disclosure control made."""


def pages(view: View) -> Iterator[Page]:
    """Yield the page."""
    _ = view.gettext
    changed = changes(view)
    lead = view.published.by_method(changed)
    moved = lead[~lead["change"].isin(TURNED)]
    drawn, units = chart(view, moved), _units(view)
    values = {
        "history": history(view),
        "reasons": reasons(view, changed),
        "kinds": kinds(view),
        "counts": diff_page.counts(changed),
        "leading": diff_page.counts(lead),
        "cells": [_record(view, cell, units) for cell in listed(moved)],
        "left_out": max(0, len(moved) - diff_page.MOST_ROWS),
        "turned": [_record(view, cell, units) for cell in listed(lead[lead["change"].isin(TURNED)])],
        "figures": [drawn] if drawn else [],
        "one_method": view.published.of_records,
    }
    yield Page("revisions", _("Revisions"), "revisions.html.j2", "trust", values)


def anchor(cell: Mapping[str, Any]) -> str:
    """Return the identifier of a cell on the page: its country, region, indicator, splits, window and method.

    cell: a row of `estimates` or of `revisions`.
    """
    parts = [cell[name] if isinstance(cell[name], str) and cell[name] else "all" for name in diff_page.CELL]
    return "cell-" + "-".join(re.sub(r"[^A-Za-z0-9]+", "_", part) for part in parts)


def anchors(view: View) -> frozenset[str]:
    """Return the identifiers that the page has: cells of the leading method that this release changed."""
    changed = changes(view)
    lead = view.published.by_method(changed)
    turned = lead["change"].isin(TURNED)
    return frozenset(anchor(cell) for part in (lead[~turned], lead[turned]) for cell in listed(part))


def changes(view: View) -> pd.DataFrame:
    """Return what this release changed, with `beyond_limits`: the new estimate lies outside the old one's limits."""
    rows = view.published.tables["revisions"]
    rows = rows[rows["release_id"] == view.published.release["release_id"]]
    outside = (rows["estimate"] < rows["previous_ci_low"]) | (rows["estimate"] > rows["previous_ci_high"])
    return rows.assign(beyond_limits=outside)


def listed(changed: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the cells that the page has room for: beyond their limits first, then by size of the change."""
    return diff_page.rows(changed)[: diff_page.MOST_ROWS]


def kinds(view: View) -> dict[str, str]:
    """Name what can become of a cell."""
    _ = view.gettext
    return {
        "revised": _("The number moved"),
        "uncertainty": _("Only its limits or what it rests on changed"),
        "added": _("There is a number now, and was none"),
        "removed": _("There was a number, and is none now"),
        "hidden": _("The number is hidden now, because too few stand behind it")
        if view.published.of_records
        else _("The number is hidden now, to protect the families who answered"),
        "shown": _("The number was hidden and is shown now"),
        "beyond_their_limits": _("Moved beyond the limits of the release before"),
    }


def reasons(view: View, changed: pd.DataFrame) -> list[dict[str, Any]]:
    """List the reasons of the changes, with the number of cells of each."""
    _ = view.gettext
    named = {
        "new_data": _("New data: the raw files differ"),
        "correction": _("Correction: something was wrong and was put right"),
        "method": _("Method: the code or the declaration differs"),
        "reclassification": _("Reclassification: regions, columns or codes differ"),
    }
    counted = changed.assign(reason=changed["reason"].fillna("")).groupby(["reason_code", "reason"]).size()
    return [
        {"code": named.get(str(code), str(code)), "words": words, "cells": int(number)}
        for (code, words), number in counted.items()
    ]


def history(view: View) -> list[dict[str, Any]]:
    """Lay out the releases, the newest first, with their status in words; missing words are None."""
    _ = view.gettext
    named = {"provisional": _("provisional"), "final": _("final"), "withdrawn": _("withdrawn")}
    rows = view.published.tables["releases"].sort_values("published_at", ascending=False, kind="stable")
    records = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return [
        {
            **record,
            "status_name": named[record["status"]],
            "final_from": date.fromisoformat(record["final_from"]) if record["final_from"] else None,
        }
        for record in records
    ]


def chart(view: View, moved: pd.DataFrame) -> Chart | None:
    """Draw the largest changes before and after, with limits: rates where some moved, totals otherwise."""
    _ = view.gettext
    rows = moved[(moved["change"] == "revised") & moved["estimate"].notna() & moved["relative_change"].notna()]
    of_one = next((part for name in (RATE, TOTAL) if len(part := rows[rows["indicator"] == name])), None)
    if of_one is None:
        return None
    cells = diff_page.rows(of_one)[:MOST_DRAWN]
    unit = _units(view)[cells[0]["indicator"]]
    form: Form = "whole" if unit == "persons" else "rate"
    columns = (
        Column("label", _("Cell"), "text"),
        Column("series", _("Release"), "text"),
        Column("value", _("Estimate"), form),
        Column("low", view.column("ci_low"), form),
        Column("high", view.column("ci_high"), form),
        Column("n", _("Interviews"), "whole"),
        Column("status", _("Reliability"), "status"),
    )
    return Chart(
        "largest",
        "dots",
        _("The largest changes: %(indicator)s") % {"indicator": view.code("indicator", cells[0]["indicator"])},
        view.code("unit", unit),
        None,
        list(_drawn(view, cells)),
        columns,
        confidence=view.published.declaration.rates.confidence,
    )


def _drawn(view: View, cells: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the marks of the chart: each cell as the release before has it, and as this one has it."""
    vintages = view.published.tables["estimates"]
    vintages = view.published.by_method(vintages).fillna({"country": "", "region": ""})
    known = vintages.set_index(["release_id", *diff_page.CELL])
    for cell in cells:
        key = [cell[name] or "" for name in diff_page.CELL]
        label = ": ".join(filter(None, (place(view, cell), subject(view, cell))))
        for release, prefix in ((cell["previous_release_id"], "previous_"), (cell["release_id"], "")):
            row = known.loc[(release, *key)]
            value, low, high = (cell[f"{prefix}{name}"] for name in ("estimate", "ci_low", "ci_high"))
            yield {
                "label": label,
                "series": release,
                "value": value,
                "low": low,
                "high": high,
                "n": None if pd.isna(row["n_respondents"]) else int(row["n_respondents"]),
                "status": status_of("F", row["reliability"], value),
            }


def _record(view: View, cell: Mapping[str, Any], units: Mapping[str, str]) -> dict[str, Any]:
    """Lay out one changed cell. units: those of the indicators."""
    unit, language = units.get(cell["indicator"], "persons"), view.language
    number = counted if view.published.of_records else written
    return {
        "anchor": anchor(cell),
        "place": place(view, cell),
        "country": view.country(cell["country"]) if cell["region"] else "",
        "indicator": view.indicator(cell["indicator"]),
        "subject": subject(view, cell),
        "change": cell["change"],
        "before": number(language, cell["previous_estimate"], unit),
        "before_limits": limits(language, cell["previous_ci_low"], cell["previous_ci_high"], unit),
        "after": number(language, cell["estimate"], unit),
        "after_limits": limits(language, cell["ci_low"], cell["ci_high"], unit),
        "relative": cell["relative_change"],
        "beyond": bool(cell["beyond_limits"]),
    }


def _units(view: View) -> Mapping[str, str]:
    """Return the unit of each indicator."""
    rows = view.published.estimates.drop_duplicates("indicator")
    return dict(zip(rows["indicator"], rows["unit"], strict=True))
