"""The page about findings: figures that contradict each other or do not add up, found by declared rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.site.cell_name import counted
from reports.site.listing import Form, Line, Listing, records, values
from reports.site.page import Page
from reports.site.release_view import View

VERDICTS = ("differs", "undecidable", "holds")


def pages(view: View) -> Iterator[Page]:
    """Yield the page where rules found or confirmed something."""
    rows = records(view.published.tables.get("findings"))
    if not rows:
        return
    _ = view.gettext
    named = verdicts(view)
    intro = [
        _(
            "Rules that the survey declares set figures against each other: parts against totals, what is "
            "stated against what is listed, one table against another."
        ),
        _(
            "A difference is worth a look and is not proof of a mistake. Undecidable means that a number is "
            "missing, or that the figures are not about the same thing. What holds is listed too."
        ),
    ]
    counts = [
        (named[verdict], view.language.number(sum(row["verdict"] == verdict for row in rows))) for verdict in VERDICTS
    ]
    yield Page(
        "findings", _("What does not add up"), "listing.html.j2", "trust", values(intro, [listing(view, rows)], counts)
    )


def verdicts(view: View) -> dict[str, str]:
    """Name what a rule can end with, differences first."""
    _ = view.gettext
    return {"differs": _("Differs"), "undecidable": _("Undecidable"), "holds": _("Holds")}


def listing(view: View, rows: list[dict[str, Any]]) -> Listing:
    """Lay out every finding; what differs comes first, then what nobody can decide."""
    _ = view.gettext
    named = verdicts(view)
    ordered = sorted(rows, key=lambda row: (VERDICTS.index(row["verdict"]), row["finding"]))
    headings: list[tuple[str, Form]] = [
        (_("Subject"), "text"),
        (_("Verdict"), "text"),
        (_("Stated"), "number"),
        (_("Found"), "number"),
        (_("Difference"), "number"),
        (_("Allowed"), "number"),
        (_("What was found"), "prose"),
        (_("Source"), "english"),
    ]
    return Listing(
        id="findings",
        title=_("Findings"),
        about=(),
        headings=headings,
        lines=[_line(view, row, named) for row in ordered],
        file="findings",
        choices={verdict: named[verdict] for verdict in VERDICTS if any(row["verdict"] == verdict for row in rows)},
    )


def _line(view: View, row: Mapping[str, Any], named: Mapping[str, str]) -> Line:
    subject = view.own(row, "subject") or str(row["finding"]).replace("_", " ")
    where = f" ({view.region(row['region'])})" if row["region"] else ""
    unit = row["unit"] or ""
    numbers = [counted(view.language, row[name], unit) for name in ("stated", "found", "difference", "tolerance")]
    mark = {"differs": "refused", "undecidable": "noted"}.get(row["verdict"], "")
    cells = [subject + where, named[row["verdict"]], *numbers, view.own(row, "reason"), row["source"] or ""]
    return Line(cells, row["verdict"], mark)  # type: ignore[arg-type]
