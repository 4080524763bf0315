"""The questions of a survey of records, each as a table: its answers, what each number rests on, and places apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from reports.main_indicators import widest
from reports.site.cell_name import counted, place, subject
from reports.site.release_view import HIDDEN, View
from schemas.indicator import DIMENSIONS, Total

QUOTIENTS = ("share", "ratio", "complement")
"""Kinds that have a numerator of their own."""


@dataclass(frozen=True)
class Line:
    """One number: what it is of, the number as it is written, its limits, what it rests on.

    value, low, high: as shares from 0 to 1, for the drawing; None for any other unit and for a number that is hidden.
    status: publish, hidden or absent.
    """

    answer: str
    number: str
    limits: str
    numerator: str
    base: str
    missing: str
    status: str
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Places:
    """The same question by country and region: titles of the columns, and a row for each place."""

    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True)
class Topic:
    """One question with its answers. about: sentences that a reader needs beside its title."""

    id: str
    question: str
    title: str
    kind: str
    unit: str
    about: Sequence[str]
    lines: Sequence[Line]
    places: Places | None = None

    @property
    def has_limits(self) -> bool:
        """Whether any number has limits."""
        return self.kind in QUOTIENTS

    @property
    def is_drawn(self) -> bool:
        """Whether its numbers are shares, which are drawn beside their table."""
        return self.unit == "share"

    @property
    def is_answered(self) -> bool:
        """Whether there is a number, or one that is hidden."""
        return any(line.status != "absent" for line in self.lines)


def topics(view: View) -> list[Topic]:
    """Lay out every question in the order of the form."""
    published = view.published
    about = published.tables["indicators"]
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in widest(published.estimates, about):
        groups.setdefault(row["topic"], []).append(row)
    apart = _by_topic(published.estimates, about)
    return [_topic(view, name, rows, apart.get(name)) for name, rows in groups.items()]


def _topic(view: View, name: str, rows: Sequence[Mapping[str, Any]], apart: pd.DataFrame | None) -> Topic:
    first = rows[0]
    return Topic(
        id=name,
        question=first["question"] or "",
        title=view.own(first, "title"),
        kind=first["kind"],
        unit=first["unit"],
        about=list(_about(view, rows)),
        lines=[line(view, row, is_missing_known(view, row, rows)) for row in rows],
        places=None if apart is None else _places(view, rows, apart),
    )


def line(view: View, row: Mapping[str, Any], missing: bool = True) -> Line:
    """Lay out one number. row: as `main_indicators.widest` gives it.  missing: whether its missing records are told."""
    language, unit = view.language, row["unit"]
    status = status_of(row)
    low, high = (row[name] for name in ("ci_low", "ci_high"))
    number = view.gettext("hidden") if status == "hidden" else counted(language, row["estimate"], unit)
    has_both = low is not None and high is not None
    asked = row["base"] + row["missing"] if row["base"] is not None and row["missing"] is not None else None
    left = asked - row["n_respondents"] if asked is not None and row["n_respondents"] is not None else None
    drawn = {name: row[key] for name, key in (("value", "estimate"), ("low", "ci_low"), ("high", "ci_high"))}
    return Line(
        answer=answer(view, row),
        number=number,
        limits=f"{counted(language, low, unit)} – {counted(language, high, unit)}"
        if has_both
        else language.number(None),
        numerator=counted(language, row["n_cases"] if row["kind"] in QUOTIENTS else None, ""),
        base=language.number(row["n_respondents"]),
        missing=language.number(left if missing else None),
        status=status,
        **(drawn if unit == "share" and status == "publish" else {}),
    )


def status_of(row: Mapping[str, Any]) -> str:
    """Say whether a number of records is shown, hidden, or not there because nobody stated any."""
    if row["conf_status"] in HIDDEN:
        return "hidden"
    return "absent" if row["estimate"] is None or pd.isna(row["estimate"]) else "publish"


def answer(view: View, row: Mapping[str, Any]) -> str:
    """Name what a number is of: the answer, form, place and sex, where they are not all there is."""
    _ = view.gettext
    said = ", ".join(filter(None, (view.own(row, "code_name"), subject(view, row))))
    return said or (_("Yes") if row["kind"] == "share" else _("All"))


def is_missing_known(view: View, row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether what is missing follows for a row: `indicators` says it of the first row of each indicator alone.

    Sums of several columns are of the same records, so that what one lacks follows from its base.
    """
    if row is next(one for one in rows if one["indicator"] == row["indicator"]):
        return True
    kind = view.published.instrument
    declared = next((one for one in kind.indicators if one.id == row["topic"]), None) if kind else None
    return isinstance(declared, Total) and bool(declared.columns) and not declared.dimensions and not declared.within


def _about(view: View, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    _ = view.gettext
    first = rows[0]
    kind, several = first["kind"], len({row["code"] for row in rows}) > 1
    if kind == "share":
        yield {
            "answered": _("Of those who answered the question."),
            "all": _("Of all records: one without an answer counts as not having given this one."),
        }.get(first["base_rule"], _("Of the records for which this holds: %(rule)s.") % {"rule": first["base_rule"]})
        if several:
            yield (
                _("One answer each: the shares add up to the whole.")
                if first["additive"] == "yes"
                else _("Several answers could be given, or not all are listed: the shares need not add up to 100%.")
            )
    if kind == "rank":
        yield _("Place by the mean of the ranks that were given, 1 the first; equal means share a place.")
    if kind == "range":
        yield _("Smallest, middle and largest number that a record states.")
    if kind == "distinct":
        yield _("How many different ones the records name.")
    if kind == "ratio" and first["limits"] == "poisson_ratio":
        yield _("One count over another that is not part of it. The limits take both for Poisson counts.")
    if kind == "complement":
        yield _("What the ratio leaves of the whole, with its limits exchanged.")
    if kind == "total":
        yield _("A sum of what the records state. A record that states nothing adds nothing; it is missing, not zero.")
        if several:
            yield _("These numbers are kept apart: they are never added to one another.")
    if first["count_basis"]:
        yield _("What one unit is: %(basis)s.") % {"basis": view.code("count_basis", first["count_basis"])}
    if first["measure_type"]:
        yield _("Kind of measure: %(kind)s.") % {
            "kind": view.code("measure_type", first["measure_type"]).replace("_", " ")
        }
    if note := view.own(first, "note"):
        yield note


def _by_topic(estimates: pd.DataFrame, about: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the rows below the widest level, by topic."""
    below = ["national", "regional"] if estimates["level"].eq("group").any() else ["regional"]
    rows = estimates[estimates["level"].isin(below)].merge(about[["indicator", "topic"]], on="indicator")
    return {str(topic): group for topic, group in rows.groupby("topic")}


def _places(view: View, rows: Sequence[Mapping[str, Any]], apart: pd.DataFrame) -> Places:
    """Lay a question out by place: a column for each answer, and the base where all answers share it."""
    _ = view.gettext
    keys = [_key(row) for row in rows]
    cells = apart.astype(object).where(apart.notna(), None).to_dict("records")
    by_place: dict[tuple[str, str], dict[tuple[Any, ...], Mapping[str, Any]]] = {}
    for cell in sorted(cells, key=lambda cell: (cell["country"], cell["region"] or "")):
        by_place.setdefault((cell["country"], cell["region"] or ""), {})[_key(cell)] = cell
    found = []
    for there in by_place.values():
        bases = {cell["n_respondents"] for cell in there.values()}
        base = bases.pop() if len(bases) == 1 else None
        numbers = [_number(view, there.get(key)) for key in keys]
        found.append((place(view, next(iter(there.values()))), [*numbers, view.language.number(base)]))
    return Places([*(answer(view, row) for row in rows), _("Base")], found)


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row["indicator"], *(row[name] for name in DIMENSIONS))


def _number(view: View, cell: Mapping[str, Any] | None) -> str:
    if cell is None:
        return view.language.number(None)
    hidden = status_of(cell) == "hidden"
    return view.gettext("hidden") if hidden else counted(view.language, cell["estimate"], cell["unit"])
