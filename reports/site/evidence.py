"""The page about published figures: what each one measures, rivals side by side, and sums that were refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.site.cell_name import counted
from reports.site.chart import Chart, Column, told_apart
from reports.site.listing import Form, Line, Listing, records, values
from reports.site.page import Page
from reports.site.release_view import View
from reports.site.texts import word

Rows = Sequence[Mapping[str, Any]]
WITHHELD = "do_not_cite"
LIMITED = ("do_not_cite", "claimed_only")
MOST_DRAWN = 20


def pages(view: View) -> Iterator[Page]:
    """Yield the page where the survey is a register of published figures."""
    tables = view.published.tables
    figures = records(tables.get("evidence"))
    if not figures:
        return
    _ = view.gettext
    made = records(tables.get("evidence_derived"))
    refused = sum(row["verdict"] == "refused" for row in made)
    number = view.language.number
    counts = [
        (_("Figures"), number(len(figures))),
        (_("May not be cited"), number(sum(row["citation_restriction"] == WITHHELD for row in figures))),
        (_("Sums and other operations refused"), number(refused)),
    ]
    intro = [
        _(
            "Figures as documents state them. Each keeps what it measures, of whom, when, who counted it and "
            "through whom it came, and whether it may be cited."
        ),
        _(
            "Only figures that agree in kind of measure, unit, definition and period are added; rivals are "
            "shown side by side, none is preferred and nothing is averaged."
        ),
    ]
    parts = [
        rivals(view, records(tables.get("evidence_rivals"))),
        derived(view, made),
        age_bases(view, records(tables.get("evidence_age_bases"))),
        every(view, figures),
    ]
    yield Page("evidence", _("Published figures"), "listing.html.j2", "results", values(intro, parts, counts))


def told(view: View, row: Mapping[str, Any], value: str = "value") -> str:
    """Write a figure as it is worded: about 4,000, 200 – 500; say that it is withheld where it may not be cited."""
    _ = view.gettext
    if row.get("citation_restriction") == WITHHELD:
        return _("withheld")
    unit = row["unit"] or ""
    if row[value] is None and row["low"] is not None:
        return f"{counted(view.language, row['low'], unit)} – {counted(view.language, row['high'], unit)}"
    if row[value] is None:
        return view.language.number(None)
    number = counted(view.language, row[value], unit)
    wording = row["comparator"]
    said = {"approx": _("about"), "nearly": _("nearly"), "at_least": _("at least"), "at_most": _("at most")}
    return f"{said[wording]} {number}" if wording in said else number


def unit(view: View, code: str | None) -> str:
    """Name a unit in words."""
    return view.code("unit", code).replace("_", " ")


def rivals(view: View, rows: Rows) -> Listing:
    """Lay out figures of one thing side by side, group by group."""
    _ = view.gettext
    headings: list[tuple[str, Form]] = [
        (_("What the figures are of"), "text"),
        (_("Figure"), "number"),
        (_("Unit"), "text"),
        (_("Date"), "text"),
        (_("Source"), "english"),
        (_("Kind of measure"), "text"),
        (_("Largest over smallest"), "number"),
        (_("Same definition"), "text"),
        (_("May be cited"), "text"),
    ]
    lines = []
    before = None
    for row in rows:
        new, before = row["rival"] != before, row["rival"]
        title = view.own(row, "title") or str(row["rival"])
        lines.append(
            Line(
                [
                    title,
                    told(view, row),
                    unit(view, row["unit"]),
                    row["dates"] or "",
                    row["source_organisation"] or "",
                    view.code("measure_type", row["measure_type"]),
                    view.language.number(row["ratio"], 1) if new else "",
                    word(view.language, "answer", row["same_definition"]),
                    word(view.language, "citation_restriction", row["citation_restriction"]),
                ]
            )
        )
    about = [
        _("Figures of one thing from several sources. Where the definition differs, so may the number, and rightly.")
    ]
    return Listing("rivals", _("Rival figures"), about, headings, lines, "evidence_rivals")


def derived(view: View, rows: Rows) -> Listing:
    """Lay out numbers made of several figures; those that were refused come first, with the reason."""
    _ = view.gettext
    headings: list[tuple[str, Form]] = [
        (_("Number"), "text"),
        (_("Verdict"), "text"),
        (_("Result"), "number"),
        (_("Unit"), "text"),
        (_("Why refused"), "text"),
        (_("Reason"), "prose"),
        (_("Figures"), "english"),
    ]
    ordered = sorted(rows, key=lambda row: (row["verdict"] != "refused", row["derivation"]))
    lines = [
        Line(
            [
                view.own(row, "title"),
                word(view.language, "evidence_verdict", row["verdict"]),
                told(view, row, "estimate"),
                unit(view, row["unit"]),
                word(view.language, "refusal", row["refusal"]),
                view.own(row, "reason"),
                str(row["figures"]).replace(";", "; "),
            ],
            row["verdict"],
            "refused" if row["verdict"] == "refused" else "",
        )
        for row in ordered
    ]
    about = [
        _(
            "Sums, ratios and changes that the survey declares. A sum across kinds of measure, units or periods "
            "is refused, because it would count unlike things as one."
        )
    ]
    choices = {code: word(view.language, "evidence_verdict", code) for code in ("refused", "computed")}
    return Listing(
        "derived", _("Sums and ratios, and those refused"), about, headings, lines, "evidence_derived", choices
    )


def age_bases(view: View, rows: Rows) -> Listing:
    """Lay out shares of minors with the age at recruitment beside those at identification."""
    _ = view.gettext
    headings: list[tuple[str, Form]] = [
        (_("Population"), "text"),
        (_("Verdict"), "text"),
        (_("At recruitment, %"), "number"),
        (_("Limits"), "number"),
        (_("At identification, %"), "number"),
        (_("Limits"), "number"),
        (_("Base"), "number"),
        (_("Reason"), "prose"),
    ]
    number, limits = view.language.number, view.language.limits
    lines = [
        Line(
            [
                view.own(row, "title"),
                word(view.language, "age_verdict", row["verdict"]),
                number(row["at_recruitment"], 1),
                limits(row["recruitment_low"], row["recruitment_high"], 1),
                number(row["at_identification"], 1),
                limits(row["identification_low"], row["identification_high"], 1),
                number(row["base"]),
                view.own(row, "reason"),
            ],
            mark="refused" if row["verdict"] == "violated" else "",
        )
        for row in rows
    ]
    about = [_("Age only grows, so the share of minors at identification cannot be above that at recruitment.")]
    drawn = _ages(view, rows)
    title = _("Minors at recruitment and at identification")
    return Listing("ages", title, about, headings, lines, "evidence_age_bases", figures=[drawn] if drawn else [])


def _ages(view: View, rows: Rows) -> Chart | None:
    _ = view.gettext
    series = {"recruitment": _("At recruitment"), "identification": _("At identification")}
    marks = [
        {
            "label": view.own(row, "title"),
            "series": name,
            "value": row[f"at_{key}"],
            "low": row[f"{key}_low"],
            "high": row[f"{key}_high"],
            "n": None if row["base"] is None else int(row["base"]),
            "status": "publish",
        }
        for row in rows[:MOST_DRAWN]
        for key, name in series.items()
        if row[f"at_{key}"] is not None
    ]
    if not marks:
        return None
    columns = (
        Column("label", _("Population"), "text"),
        Column("series", _("Age at"), "text"),
        Column("value", _("Share, %"), "rate"),
        Column("low", view.column("ci_low"), "rate"),
        Column("high", view.column("ci_high"), "rate"),
        Column("n", _("Base"), "whole"),
    )
    confidence = next((row["confidence"] for row in rows if row["confidence"] is not None), None)
    title, percent = _("Share of minors, by the moment of the age"), _("Per cent of the population")
    return Chart("ages", "dots", title, percent, None, told_apart(marks), columns, confidence=confidence)


def every(view: View, rows: Rows) -> Listing:
    """Lay out every figure of the register; it can be narrowed to one kind of measure."""
    _ = view.gettext
    headings: list[tuple[str, Form]] = [
        (_("What is counted"), "english"),
        (_("Figure"), "number"),
        (_("Unit"), "text"),
        (_("Share, %"), "number"),
        (_("Limits"), "number"),
        (_("Place"), "text"),
        (_("Period"), "text"),
        (_("Kind of measure"), "text"),
        (_("Grade"), "text"),
        (_("May be cited"), "text"),
        (_("Source"), "english"),
        (_("Name in the register"), "english"),
    ]
    kinds = dict.fromkeys(row["measure_type"] for row in rows)
    about = [
        _(
            "Grade A: follows from what the document holds; B: cited from another source; C: one case or one "
            "informant; D: derived. Limits are those of a share of a sample (Wilson)."
        )
    ]
    return Listing(
        id="every",
        title=_("Every figure"),
        about=about,
        headings=headings,
        lines=[_figure(view, row) for row in rows],
        file="evidence",
        choices={kind: view.code("measure_type", kind) for kind in kinds},
    )


def _figure(view: View, row: Mapping[str, Any]) -> Line:
    what = ", ".join(filter(None, (row["indicator"], row["category"], row["counted"], row["statement"])))
    place = row["place"] or (view.region(row["region"]) if row["region"] else view.country(row["country"]))
    dates = dict.fromkeys(filter(None, (row["period_start"], row["period_end"])))
    shown = row["citation_restriction"] != WITHHELD
    document = ", ".join(filter(None, (row["document"], row["section"], row["page"])))
    through = row["cited_by"] and str(row["cited_by"]).replace(";", " → ")
    source = "; ".join(filter(None, (row["source_organisation"], through, document)))
    cells = [
        what,
        told(view, row),
        unit(view, row["unit"]),
        view.language.number(row["share"] if shown else None, 1),
        view.language.limits(row["ci_low"], row["ci_high"], 1) if shown else view.language.number(None),
        place,
        " – ".join(dates),
        view.code("measure_type", row["measure_type"]),
        row["grade"],
        word(view.language, "citation_restriction", row["citation_restriction"]),
        source,
        row["figure"],
    ]
    return Line(cells, row["measure_type"], "noted" if row["citation_restriction"] in LIMITED else "")
