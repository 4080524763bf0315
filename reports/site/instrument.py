"""The first page of a survey of records: what was asked of whom, the main numbers, and every question with its base."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.main_indicators import main_indicators, widest
from reports.site.chart import Chart, Column, told_apart
from reports.site.page import Page
from reports.site.release_view import View
from reports.site.topics import line, status_of, topics

MANY = 12
"""Questions from which on the page has a box to find one."""
FEWEST_DRAWN, MOST_DRAWN = 3, 40
"""Shares of one answer that make a chart, and that have room in one."""


def pages(view: View) -> Iterator[Page]:
    """Yield the page."""
    _ = view.gettext
    every = topics(view)
    answered = [topic for topic in every if topic.is_answered]
    drawn = chart(view)
    values = {
        "about": about(view),
        "beside": beside(view),
        "headlines": headlines(view),
        "figures": [drawn] if drawn else [],
        "topics": answered,
        "unanswered": [topic for topic in every if not topic.is_answered],
        "many": len(answered) >= MANY,
        "keeps_bases_apart": keeps_bases_apart(view),
    }
    yield Page("index", _("Overview"), "instrument.html.j2", "results", values)


def about(view: View) -> list[tuple[str, str]]:
    """Say what the survey is: what one record is, how many there are, when and where, who printed it before."""
    _ = view.gettext
    published, language = view.published, view.language
    kind, declared = published.instrument, published.declaration
    assert kind is not None
    first, last = (language.date(day) for day in (declared.fieldwork.first_day, declared.fieldwork.last_day))
    read, used = (sum(getattr(load, f"rows_{what}") for load in published.loads) for what in ("read", "accepted"))
    whole = language.number(used)
    records = _("%(used)s of %(read)s delivered") % {"used": whole, "read": language.number(read)}
    surveyed = published.tables["regions"]
    surveyed = surveyed[surveyed["surveyed"] == "yes"]
    lines = [
        (_("Instrument"), str(getattr(kind.title, language.code, kind.title.en))),
        (_("One record is"), str(getattr(kind.row, language.code, kind.row.en))),
        (_("Records"), records if read != used else whole),
        (_("Countries"), ", ".join(view.country(code) for code in published.countries)),
        (_("Regions"), ", ".join(view.region(code) for code in surveyed["region"]) if kind.REGION else ""),
        (_("Collected"), first if first == last else f"{first} – {last}"),
        (_("Reference period"), declared.reference_period),
        (_("Earlier publication"), view.survey("publication")),
    ]
    return [(name, value) for name, value in lines if value]


def beside(view: View) -> dict[str, str] | None:
    """Say beside which survey this one stands, and why the two are never added; None where it declares none."""
    declared = getattr(view.published.declaration, "beside", None)
    if declared is None:
        return None
    own = declared.reason if view.language.is_first else getattr(declared, f"reason_{view.language.code}", "")
    return {"survey": declared.survey, "reason": own or declared.reason}


def headlines(view: View) -> list[dict[str, Any]]:
    """Lay out the main numbers: what is asked, the answer, the number with its limits, and of how many."""
    _ = view.gettext
    kind = view.published.instrument
    rows = widest(view.published.estimates, view.published.tables["indicators"])
    return [
        {
            "title": view.own(row, "title"),
            "answer": view.own(row, "code_name"),
            "unit": "" if row["unit"] == "share" else view.code("unit", row["unit"]).replace("_", " "),
            "line": line(view, row),
            "has_limits": row["ci_low"] is not None,
            "parts": parts(view, row),
        }
        for row in main_indicators(rows, kind.headlines if kind else ())
    ]


def parts(view: View, row: dict[str, Any]) -> str:
    """Write the two numbers of a share or ratio; `of` is said only where the first is a part of the second."""
    _ = view.gettext
    if row["kind"] not in ("share", "ratio") or row["n_cases"] is None or row["n_respondents"] is None:
        return ""
    said = _("%(count)s against %(base)s") if row["limits"] == "poisson_ratio" else _("%(count)s of %(base)s")
    return said % {"count": view.language.number(row["n_cases"]), "base": view.language.number(row["n_respondents"])}


def keeps_bases_apart(view: View) -> bool:
    """Tell whether the numbers count unlike units, which are never added."""
    bases = view.published.tables["indicators"]["count_basis"].dropna()
    return bases.nunique() > 1


def chart(view: View) -> Chart | None:
    """Draw the questions that have one share, with its limits; None for fewer than three."""
    _ = view.gettext
    found = widest(view.published.estimates, view.published.tables["indicators"])
    times: dict[str, int] = {}
    for row in found:
        times[row["topic"]] = times.get(row["topic"], 0) + 1
    shares = [row for row in found if row["unit"] == "share" and times[row["topic"]] == 1 and not _is_absent(row)]
    if len(shares) < FEWEST_DRAWN:
        return None
    rows = told_apart([_drawn(view, row) for row in shares[:MOST_DRAWN]])
    confidence = next((row["confidence"] for row in shares if row["confidence"] is not None), None)
    columns = (
        Column("label", _("Question"), "text"),
        Column("value", _("Share"), "share"),
        Column("low", view.column("ci_low"), "share"),
        Column("high", view.column("ci_high"), "share"),
        Column("n", _("Base"), "whole"),
    )
    note = _("Each line is a question with one share, usually of those who said yes; the base differs.")
    title, unit = _("Shares, with their limits"), view.code("unit", "share")
    return Chart("shares", "forest", title, unit, None, rows, columns, note, confidence=confidence)


def _is_absent(row: dict[str, Any]) -> bool:
    return status_of(row) == "absent"


def _drawn(view: View, row: dict[str, Any]) -> dict[str, Any]:
    name = view.own(row, "title")
    said = view.own(row, "code_name")
    mark = {"label": f"{name}: {said}" if said else name, "n": row["n_respondents"], "status": status_of(row)}
    keys = {"value": "estimate", "low": "ci_low", "high": "ci_high"}
    return {**mark, **{key: row[column] if mark["status"] == "publish" else None for key, column in keys.items()}}
