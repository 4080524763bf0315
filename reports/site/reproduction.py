"""The page about an earlier publication: its numbers beside ours, and why some of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from reports.five_countries import REPRODUCING, comparison, victims
from reports.site.cell_name import place, subject
from reports.site.chart import Chart, Column, status_of
from reports.site.page import Page
from reports.site.release_view import View

EXPLAINED = ("publication_error", "rounding", "not_reproducible")
"""Verdicts that need a reason, in the order in which they are shown."""
MOST_DECIMALS = 3
MOST_SHOWN = 40
"""Explained numbers of a verdict from which on they are folded."""
NAMES = ("estimate", "ci_low", "ci_high")


def pages(view: View) -> Iterator[Page]:
    """Yield the page; none for a survey without an earlier publication."""
    _ = view.gettext
    rows = view.published.tables["reproduction"]
    if rows.empty:
        return
    beside = [] if view.published.of_records else compared(view)
    values = {
        "beside": beside,
        "figures": [chart(view, beside)] if any(row["printed_estimate"] is not None for row in beside) else [],
        "verdicts": verdicts(view),
        "counts": rows["verdict"].value_counts().to_dict(),
        "tables": by_table(rows),
        "explained": explained(view),
        "printed": printed(view),
        "most_shown": MOST_SHOWN,
        "reproducing": REPRODUCING,
    }
    yield Page("reproduction", _("Printed numbers beside ours"), "reproduction.html.j2", "trust", values)


def verdicts(view: View) -> dict[str, tuple[str, str]]:
    """Name the verdicts, and say what each means."""
    _ = view.gettext
    return {
        "match": (_("Match"), _("Equal to the printed number at the precision of the print.")),
        "rounding": (_("Rounding"), _("The print was cut, or rounded to a coarser step than its digits show.")),
        "publication_error": (_("Error of the publication"), _("The publication contradicts itself.")),
        "not_reproducible": (_("Cannot be computed"), _("The survey cannot give this number.")),
    }


def compared(view: View) -> list[dict[str, Any]]:
    """Lay out the yearly totals: printed, by the reproducing rule, by the leading method, with interviews and status.

    One row per country and place, and three for all countries together; see `five_countries.comparison`.
    """
    published = view.published
    statuses = {"": _statuses(published.estimates, published.method)}
    statuses["reproduced_"] = _statuses(published.estimates, REPRODUCING)
    interviews = _interviews(published.estimates, published.method)
    found = []
    for row in comparison(published.tables["reproduction"], published.estimates, published.countries):
        cell = (row["country"], row["location"])
        found.append(
            {
                **{name: None if isinstance(value, float) and pd.isna(value) else value for name, value in row.items()},
                "name": view.country(row["country"]),
                "place": view.code("location", row["location"]),
                "n": interviews.get(cell),
                **{f"{prefix}status": known.get(cell) for prefix, known in statuses.items()},
            }
        )
    return found


def _statuses(estimates: pd.DataFrame, method: str) -> dict[tuple[str, str], str]:
    """Return what may be done with each yearly total of a method, by country (empty for all) and place."""
    return {
        (cell.country, cell.location): status_of(cell.conf_status, cell.reliability, cell.estimate)
        for cell in victims(estimates, method).fillna({"country": ""}).itertuples()
    }


def _interviews(estimates: pd.DataFrame, method: str) -> dict[tuple[str, str], int]:
    cells = victims(estimates, method).fillna({"country": ""})
    cells = cells[cells["n_respondents"].notna()]
    return {(cell.country, cell.location): int(cell.n_respondents) for cell in cells.itertuples()}


def chart(view: View, rows: Sequence[Mapping[str, Any]]) -> Chart:
    """Draw the countries' printed totals with their limits beside ours; all together would flatten them."""
    _ = view.gettext
    published = view.published
    sources = {"printed_": _("Printed"), "reproduced_": _("Its rule, from the raw files"), "": _("Leading method")}
    if published.method == REPRODUCING:
        del sources[""]
    drawn = [
        {
            "group": row["place"],
            "label": row["name"],
            "series": series,
            **_within(*(row[f"{prefix}{name}"] for name in NAMES)),
            "n": row["n"],
            "status": row.get(f"{prefix}status") or "publish",
        }
        for row in sorted(rows, key=lambda row: row["location"] != "inside")
        if row["country"] or len(published.countries) == 1
        for prefix, series in sources.items()
        if row[f"{prefix}estimate"] is not None or row.get(f"{prefix}status")
    ]
    columns = (
        Column("label", _("Country"), "text"),
        Column("group", _("Where"), "text"),
        Column("series", _("Source of the number"), "text"),
        Column("value", _("Estimate"), "whole"),
        Column("low", view.column("ci_low"), "whole"),
        Column("high", view.column("ci_high"), "whole"),
        Column("n", _("Interviews"), "whole"),
        Column("status", _("Reliability"), "status"),
    )
    title, unit = _("Victims a year: printed, repeated, and by the leading method"), view.code("unit", "persons")
    return Chart(
        "printed", "dots", title, unit, None, drawn, columns, confidence=published.declaration.rates.confidence
    )


def by_table(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Count the printed numbers by the table in which they stand, and by verdict."""
    counted = rows.groupby(["source_table", "verdict"]).size().unstack(fill_value=0)
    return [
        {"table": str(table), "counts": counts.to_dict(), "all": int(counts.sum())}
        for table, counts in counted.iterrows()
    ]


def explained(view: View) -> list[dict[str, Any]]:
    """Group the numbers that do not match by verdict and by reason; the reasons of most numbers come first."""
    rows = view.published.tables["reproduction"]
    found = []
    for verdict in EXPLAINED:
        own = rows[rows["verdict"] == verdict]
        groups = [
            {"reason": str(reason), "cells": [_record(view, cell) for cell in cells.to_dict("records")]}
            for reason, cells in own.assign(reason=own["reason"].fillna("")).groupby("reason", sort=False)
        ]
        groups.sort(key=lambda group: -len(group["cells"]))
        if groups:
            found.append({"verdict": verdict, "groups": groups, "all": len(own)})
    return found


def printed(view: View) -> list[dict[str, Any]]:
    """Lay out every printed number, by the table in which it stands."""
    rows = view.published.tables["reproduction"]
    return [
        {"table": str(table), "rows": [_record(view, cell) for cell in cells.to_dict("records")]}
        for table, cells in rows.groupby("source_table", sort=True)
    ]


def _record(view: View, cell: Mapping[str, Any]) -> dict[str, Any]:
    """Lay out one printed number with ours, written with one digit more than the print."""
    number, ours = cell["printed"], cell["computed"]
    digits = _decimals(number)
    indicator = cell["indicator"]
    named = view.indicator(indicator)
    return {
        "cell": cell["source_cell"],
        "table": cell["source_table"],
        "place": place(view, cell),
        "indicator": named if named != indicator else indicator.replace("_", " "),
        "is_named": named != indicator,
        "subject": subject(view, cell),
        "unit": view.code("unit", cell["unit"]).replace("_", " "),
        "printed": view.language.number(number, digits),
        "ours": view.language.number(ours, digits + 1),
        "difference": view.language.number(cell["difference"], digits + 1),
        "verdict": cell["verdict"],
    }


def _decimals(number: float | None) -> int:
    """Count the decimals with which a number was printed."""
    if number is None or pd.isna(number):
        return 1
    return next((d for d in range(MOST_DECIMALS) if abs(round(number, d) - number) < 1e-9), MOST_DECIMALS)


def _within(value: float | None, low: float | None, high: float | None) -> dict[str, float | None]:
    """Return a number with its limits; without them where they do not hold it, as a misprint may not."""
    held = value is not None and low is not None and high is not None and low <= value <= high
    return {"value": value, "low": low if held else None, "high": high if held else None}
