"""The page about definitions: how many cases each one makes certain, and how many more are possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.site.chart import Chart, Column, told_apart
from reports.site.listing import Form, Line, Listing, records, values
from reports.site.page import Page
from reports.site.release_view import View
from reports.site.texts import word

WHOLE = {"practice": "include", "border": "all"}
"""The switches under which nothing is left out."""
MOST_DRAWN = 40


def pages(view: View) -> Iterator[Page]:
    """Yield the page where the instrument puts its records to several definitions."""
    rows = records(view.published.tables.get("definitions"))
    if not rows:
        return
    _ = view.gettext
    intro = [
        _(
            "The same cases under several definitions. A fact that is not known makes a case possible and not"
            " certain: the share lies between the certain cases, and the certain and possible ones together."
        ),
        _(
            "These ranges are no confidence limits. They say what is not known of the cases that were told "
            "of, and nothing about cases that were not."
        ),
    ]
    yield Page("definitions", _("Definitions"), "listing.html.j2", "results", values(intro, [listing(view, rows)]))


def listing(view: View, rows: Sequence[Mapping[str, Any]]) -> Listing:
    """Lay out every definition under every switch."""
    _ = view.gettext
    headings: list[tuple[str, Form]] = [
        (_("Definition"), "text"),
        (_("Certain to possible"), "number"),
        (_("Certain"), "number"),
        (_("Possible"), "number"),
        (_("Excluded"), "number"),
        (_("Of"), "number"),
        (_("Counted"), "text"),
        (_("Practices"), "text"),
        (_("Where"), "text"),
        (_("Source"), "english"),
    ]
    drawn = _chart(view, rows)
    return Listing(
        id="definitions",
        title=_("Cases by definition"),
        about=(),
        headings=headings,
        lines=[_line(view, row) for row in rows],
        file="definitions",
        choices={
            code: word(view.language, "counted_by", code) for code in dict.fromkeys(row["counted_by"] for row in rows)
        },
        figures=[drawn] if drawn else [],
    )


def _line(view: View, row: Mapping[str, Any]) -> Line:
    number = view.language.number
    spread = _range(view, row)
    return Line(
        [
            view.own(row, "title") or str(row["definition"]),
            spread,
            *(number(row[name]) for name in ("certain", "possible", "excluded", "n")),
            word(view.language, "counted_by", row["counted_by"]),
            word(view.language, "practice", row["practice"]),
            word(view.language, "border", row["border"]),
            row.get("source") or "",
        ],
        row["counted_by"],
    )


def _range(view: View, row: Mapping[str, Any]) -> str:
    if row["n"] is None:
        return view.gettext("hidden")
    if row["share_low"] is None:
        return view.language.number(None)
    return f"{view.language.share(row['share_low'], 0)} – {view.language.share(row['share_high'], 0)}"


def _chart(view: View, rows: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Draw the ranges with nothing left out, a heading for mentions and one for distinct cases."""
    _ = view.gettext
    whole = [row for row in rows if all(row[name] == value for name, value in WHOLE.items())]
    shown = [row for row in whole if row["share_low"] is not None][:MOST_DRAWN]
    if not shown:
        return None
    marks = [
        {
            "group": word(view.language, "counted_by", row["counted_by"]),
            "label": view.own(row, "title") or str(row["definition"]),
            "value": row["share_low"],
            "low": row["share_low"],
            "high": row["share_high"],
            "n": int(row["n"]),
            "status": "publish",
        }
        for row in shown
    ]
    columns = (
        Column("label", _("Definition"), "text"),
        Column("group", _("Counted"), "text"),
        Column("value", _("Certain"), "share"),
        Column("high", _("Certain and possible"), "share"),
        Column("n", _("Of"), "whole"),
    )
    note = _(
        "The mark stands at the certain share; the line reaches to the certain and possible ones together. It"
        " is no confidence interval."
    )
    title, unit = _("Certain and possible cases, by definition"), view.code("unit", "share")
    return Chart(
        "definitions", "forest", title, unit, None, told_apart(marks), columns, note, interval=_("Certain to possible")
    )
