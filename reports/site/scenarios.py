"""The page about scenarios: what a number becomes under other assumptions, the grid first, then where it tips over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.site.cell_name import counted, limits
from reports.site.chart import MOST_SERIES, Chart, Column, told_apart
from reports.site.listing import Form, Line, Listing, records, values
from reports.site.page import Page
from reports.site.release_view import View
from reports.site.texts import word

Rows = Sequence[Mapping[str, Any]]


def pages(view: View) -> Iterator[Page]:
    """Yield the page where the instrument declares scenarios."""
    rows = records(view.published.tables.get("scenarios"))
    if not rows:
        return
    _ = view.gettext
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(row["scenario"], []).append(row)
    grids = [grid(view, name, group) for name, group in by_name.items() if is_grid(group)]
    others = [listing(view, name, group) for name, group in by_name.items() if not is_grid(group)]
    intro = [
        _(
            "What the numbers would be under other assumptions than those they rest on. None of the scenarios"
            " is a forecast, and none is preferred."
        ),
        _("Limits carry the error of the counts through; what the assumptions could be wrong by is not in them."),
    ]
    yield Page("scenarios", _("What if"), "listing.html.j2", "results", values(intro, [*grids, *others]))


def is_grid(rows: Rows) -> bool:
    """Tell whether two assumptions vary, each over several values."""
    return all(len({row[name] for row in rows} - {None}) > 1 for name in ("victims_per_crime", "overlap"))


def grid(view: View, name: str, rows: Rows) -> Listing:
    """Lay a scenario out with the victims per crime downwards and the overlap across."""
    _ = view.gettext
    down = sorted({row["victims_per_crime"] for row in rows})
    across = sorted({row["overlap"] for row in rows})
    cells = {(row["victims_per_crime"], row["overlap"]): row for row in rows}
    title = word(view.language, "scenario", name)
    headings: list[tuple[str, Form]] = [(_("Victims per crime"), "text")]
    headings += [(_("counted twice: %(share)s") % {"share": _part(view, share)}, "number") for share in across]
    lines = [
        Line([counted(view.language, victims, ""), *(_cell(view, cells.get((victims, share))) for share in across)])
        for victims in down
    ]
    about = [
        _(
            "Each cell is the number with its limits, if every registered crime had so many victims and so "
            "large a share of those counted had been counted at another organisation before."
        ),
        *_notes(view, rows),
    ]
    drawn = _chart(view, name, title, rows)
    return Listing(name, title, about, headings, lines, "scenarios", figures=[drawn] if drawn else [])


def listing(view: View, name: str, rows: Rows) -> Listing:
    """Lay a scenario out with a row for each set of assumptions."""
    _ = view.gettext
    headings: list[tuple[str, Form]] = [
        (_("Assumed"), "text"),
        (_("Number"), "number"),
        (_("Limits"), "number"),
        (_("Unit"), "text"),
        (_("Why there is none"), "prose"),
    ]
    lines = [
        Line(
            [
                assumptions(view, row["assumptions"]),
                counted(view.language, row["estimate"], row["unit"]),
                _limits(view, row),
                view.code("unit", row["unit"]).replace("_", " "),
                view.own(row, "reason"),
            ]
        )
        for row in rows
    ]
    return Listing(name, word(view.language, "scenario", name), (), headings, lines, "scenarios")


def assumptions(view: View, text: str) -> str:
    """Write `victims_per_crime=1.5;overlap=0.1` in words; another text as it is, or as the catalogue names it."""
    said = []
    for part in text.split(";"):
        name, sign, value = part.partition("=")
        said.append(word(view.language, "assumption", name.strip()) + (f": {_plain(view, value)}" if sign else ""))
    return ", ".join(said)


def _part(view: View, share: float) -> str:
    """Write an assumed share: whole per cents without a decimal."""
    return view.language.share(share, 0 if abs(share * 100 - round(share * 100)) < 1e-9 else 1)


def _plain(view: View, value: str) -> str:
    try:
        return counted(view.language, float(value), "")
    except ValueError:
        return value


def _cell(view: View, row: Mapping[str, Any] | None) -> str:
    if row is None or row["estimate"] is None:
        return view.language.number(None)
    if row["feasible"] == "no":
        return view.gettext("impossible")
    return f"{counted(view.language, row['estimate'], row['unit'])} ({_limits(view, row)})"


def _limits(view: View, row: Mapping[str, Any]) -> str:
    return limits(view.language, row["ci_low"], row["ci_high"], row["unit"])


def _notes(view: View, rows: Rows) -> list[str]:
    _ = view.gettext
    judged = [row for row in rows if row["claim_holds"] is not None]
    told = [view.own(row, "reason") for row in rows if row["feasible"] == "no"]
    notes = [_("Impossible: %(reason)s.") % {"reason": reason} for reason in dict.fromkeys(filter(None, told))]
    if judged:
        holds, sure = (sum(row[name] == "yes" for row in judged) for name in ("claim_holds", "claim_sure"))
        counts = {name: view.language.number(n) for name, n in (("holds", holds), ("sure", sure), ("all", len(judged)))}
        said = _(
            "The survey's claim holds in %(holds)s of %(all)s scenarios; in %(sure)s the whole interval is on one side "
            "of what it needs."
        )
        notes.append(said % counts)
    return notes


def _chart(view: View, name: str, title: str, rows: Rows) -> Chart | None:
    """Draw the scenarios that can be, a row for each number of victims per crime; None where there are too many."""
    _ = view.gettext
    shown = [row for row in rows if row["estimate"] is not None and row["feasible"] != "no"]
    if not shown or len({row["overlap"] for row in rows}) > MOST_SERIES:
        return None
    is_share = shown[0]["unit"] == "share"
    marks = [
        {
            "label": _("%(number)s victims per crime")
            % {"number": counted(view.language, row["victims_per_crime"], "")},
            "series": _("counted twice: %(share)s") % {"share": _part(view, row["overlap"])},
            "value": row["estimate"],
            "low": row["ci_low"],
            "high": row["ci_high"],
            "status": "publish",
            "n": None,
        }
        for row in sorted(shown, key=lambda row: (row["victims_per_crime"], row["overlap"]))
    ]
    form: Any = "share" if is_share else "rate"
    columns = (
        Column("label", _("Assumed"), "text"),
        Column("series", _("Counted twice"), "text"),
        Column("value", _("Estimate"), form),
        Column("low", view.column("ci_low"), form),
        Column("high", view.column("ci_high"), form),
    )
    confidence = next((row["confidence"] for row in shown if row["confidence"] is not None), None)
    unit, place = view.code("unit", shown[0]["unit"]).replace("_", " "), name.replace("_", "-")
    return Chart(place, "dots", title, unit, None, told_apart(marks), columns, confidence=confidence)
