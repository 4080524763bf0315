"""The page about comparability: numbers of two surveys that could be taken for a change, and whether they may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.site.cell_name import counted
from reports.site.listing import Form, Line, Listing, records, values
from reports.site.page import Page
from reports.site.release_view import View
from reports.site.texts import word

VERDICTS = ("not_comparable", "undecidable", "comparable")
QUESTIONS = ("same_question", "same_population", "matched_panel", "reused_text")


def pages(view: View) -> Iterator[Page]:
    """Yield the page where the survey declares what might be compared."""
    rows = records(view.published.tables.get("comparability"))
    if not rows:
        return
    _ = view.gettext
    intro = [
        _(
            "A difference between two surveys is a change only if the same was asked of the same population, "
            "or of the same units, and if the later number does not just repeat the words of the earlier "
            "document."
        ),
        _("Where this does not hold the two numbers stand side by side and no change is given."),
    ]
    number = view.language.number
    counts = [
        (word(view.language, "comparability", verdict), number(sum(row["verdict"] == verdict for row in rows)))
        for verdict in VERDICTS
    ]
    parts = [listing(view, rows)]
    yield Page("comparability", _("What can be compared"), "listing.html.j2", "trust", values(intro, parts, counts))


def listing(view: View, rows: list[dict[str, Any]]) -> Listing:
    """Lay out each pair of numbers with what speaks for and against taking their difference."""
    _ = view.gettext
    headings: list[tuple[str, Form]] = [
        (_("Number"), "text"),
        (_("Verdict"), "text"),
        (_("Here"), "number"),
        (_("There"), "number"),
        (_("Change"), "number"),
        (_("Same question"), "text"),
        (_("Same population"), "text"),
        (_("Same units, matched"), "text"),
        (_("Text repeated"), "text"),
        (_("Reason"), "prose"),
        (_("Source"), "english"),
    ]
    units = dict(zip(*(view.published.tables["indicators"][name] for name in ("indicator", "unit")), strict=True))
    ordered = sorted(rows, key=lambda row: (VERDICTS.index(row["verdict"]), row["comparison"]))
    return Listing(
        id="pairs",
        title=_("Numbers of two surveys"),
        about=(),
        headings=headings,
        lines=[_line(view, row, units.get(row["indicator"], "")) for row in ordered],
        file="comparability",
    )


def _line(view: View, row: Mapping[str, Any], unit: str) -> Line:
    name = view.indicator(row["indicator"])
    return Line(
        [
            (name if name != row["indicator"] else str(row["comparison"]).replace("_", " ")),
            word(view.language, "comparability", row["verdict"]),
            counted(view.language, row["value"], unit),
            counted(view.language, row["other_value"], unit),
            counted(view.language, row["change"], unit),
            *(word(view.language, "answer", row[question]) for question in QUESTIONS),
            view.own(row, "reason"),
            row["source"] or "",
        ],
        row["verdict"],
        "refused" if row["verdict"] == "not_comparable" else "",
    )
