"""The national numbers of one country: its headline, the table by form, place and sex, and what else was estimated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from reports.site.cell import FORMS, Cell, Cells, Key, confidence
from reports.site.chart import Chart, Column, Form
from reports.site.release_view import View
from schemas import vocabulary

TOTAL, RATE, BY_POPULATION = "victims", "victims_per_1000_families", "victims_per_1000_population"
PLACES = ("both", "inside", "abroad")
PARTS = {"location": ("inside", "abroad"), "exploitation": ("labour", "sexual"), "sex": ("women", "men")}
"""What a nation's total divides into."""
WHOLES = ("all", "both", "any")
"""Codes of what is not divided; they stand before their parts."""


def headlines(view: View, cells: Cells, country: str) -> list[dict[str, Any]]:
    """Lay out the totals with their rates, by where people were exploited."""
    return [
        {
            "place": view.code("location", place),
            "total": cells.annual(TOTAL, place, country),
            "rate": cells.annual(RATE, place, country),
        }
        for place in PLACES
        if Key(country, "", TOTAL, "all", place, "all", "annual") in cells.all
    ]


def table(view: View, cells: Cells, country: str) -> list[dict[str, Any]]:
    """Lay out the yearly totals and rates: one group a form of exploitation, within it a place, one row a sex."""
    keys = sorted((key for key in cells.keys(country) if key.indicator == TOTAL), key=_order)
    return [
        {"form": view.code("exploitation", form), "places": [*_places(view, cells, members)]}
        for form, members in groupby(keys, key=lambda key: key.exploitation)
    ]


def _places(view: View, cells: Cells, keys: Iterable[Key]) -> Iterator[dict[str, Any]]:
    for place, members in groupby(keys, key=lambda key: key.location):
        rows = [
            {
                "sex": view.code("sex", key.sex),
                "total": cells.all[key],
                "rate": cells.annual(RATE, place, key.country, exploitation=key.exploitation, sex=key.sex),
            }
            for key in members
        ]
        yield {"name": view.code("location", place), "rows": rows}


def others(view: View, cells: Cells, country: str) -> list[dict[str, Any]]:
    """Lay out every other national number, one group an indicator; `written` says how.

    Of the rates per 1,000 population only those of all forms and both sexes, which the rates above divide alike.
    """
    lead = view.published.lead
    units = dict(zip(lead["indicator"], lead["unit"], strict=True))
    keys = [key for key in cells.keys(country) if key.indicator not in (TOTAL, RATE)]
    keys = [key for key in keys if key.indicator != BY_POPULATION or (key.exploitation, key.sex) == ("all", "all")]
    return [
        {
            "indicator": view.code("indicator", indicator),
            "unit": view.code("unit", units[indicator]),
            "written": FORMS.get(units[indicator], "rate"),
            "rows": [
                {
                    "form": view.code("exploitation", key.exploitation),
                    "place": view.code("location", key.location),
                    "period": view.code("period", key.period),
                    "cell": cells.all[key],
                }
                for key in members
            ],
        }
        for indicator, members in groupby(sorted(keys, key=_order), key=lambda key: key.indicator)
    ]


def who_and_where(view: View, cells: Cells, country: str) -> Chart | None:
    """Draw the total divided by place, form and sex, each part with its limits; None where nothing is divided."""
    _ = view.gettext
    rows = [
        {"group": view.column(column), "label": view.code(column, part), **cell.row}
        for column, part, cell in _parts(cells, country)
    ]
    if not rows:
        return None
    title, unit = _("People exploited in a year, by where, how and who"), view.code("unit", "persons")
    shown = (Column("group", _("Divided by"), "text"), *columns(view, _("Part"), "whole"))
    return Chart("who", "forest", title, unit, interviews(cells, country), rows, shown, confidence=confidence(view))


def shares(view: View, cells: Cells, country: str) -> Chart | None:
    """Draw what share each part has; a division with a part that is not shown is not shown at all."""
    _ = view.gettext
    rows: list[dict[str, Any]] = []
    for column, found in groupby(_parts(cells, country), key=lambda part: part[0]):
        parts = [(part, cell) for _column, part, cell in found]
        whole = sum(cell.value or 0.0 for _part, cell in parts)
        withheld = next((cell.status for _part, cell in parts if cell.value is None), None)
        if withheld is None and whole == 0:
            continue
        for part, cell in parts:
            value = None if withheld or cell.value is None else cell.value / whole
            rows.append(
                {
                    "label": view.column(column),
                    "series": view.code(column, part),
                    "value": value,
                    "status": withheld or cell.status,
                }
            )
    if not rows:
        return None
    shown = (
        Column("label", _("Divided by"), "text"),
        Column("series", _("Part"), "text"),
        Column("value", _("Share"), "share"),
        Column("status", view.column("reliability"), "status"),
    )
    title, unit = _("What share each part has"), _("share of the estimated persons")
    note = _("Ratios of the estimates; their limits are those of the parts above.")
    return Chart("shares", "bars", title, unit, interviews(cells, country), rows, shown, note)


def interviews(cells: Cells, country: str) -> int:
    """Return the interviews of a country behind its numbers."""
    return max((cells.all[key].n or 0 for key in cells.keys(country)), default=0)


def columns(view: View, label: str, form: Form) -> tuple[Column, ...]:
    """Return the columns of a chart's data table: what, number, limits, interviews, reliability."""
    return (
        Column("label", label, "text"),
        Column("value", view.column("estimate"), form),
        Column("low", view.column("ci_low"), form),
        Column("high", view.column("ci_high"), form),
        Column("n", view.column("n_respondents"), "whole"),
        Column("status", view.column("reliability"), "status"),
    )


def _parts(cells: Cells, country: str) -> Iterator[tuple[str, str, Cell]]:
    """Yield the parts of the total that the release has, with the column that divides it."""
    whole = Key(country, "", TOTAL, exploitation="all", location="both", sex="all", period="annual")
    for column, codes in PARTS.items():
        keys = {code: whole._replace(**{column: code}) for code in codes}
        if all(key in cells.all for key in keys.values()):
            yield from ((column, code, cells.all[key]) for code, key in keys.items())


def _order(key: Key) -> tuple[tuple[bool, int], ...]:
    """Rank by the code lists, column for column, what is not divided first."""
    ranks = []
    for column in ("indicator", "exploitation", "location", "sex", "period"):
        value = getattr(key, column)
        codes = vocabulary.code_lists()[column].codes
        at = next((at for at, code in enumerate(codes) if code.value == value), len(codes))
        ranks.append((value not in WHOLES, at))
    return tuple(ranks)
