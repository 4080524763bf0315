"""The page about quality: the quality report by the dimensions of the ESS, and what was checked before the release."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from reports.quality_report import EVERYTHING, Indicator, absent, dimensions, label
from reports.site.page import Page
from reports.site.release_view import View
from reports.site.texts import catalogue

VERDICTS = ("refused", "noted", "passed")


def pages(view: View) -> Iterator[Page]:
    """Yield the page about quality."""
    _ = view.gettext
    values = {
        "dimensions": report(view),
        "verdicts": verdicts(view),
        "counts": view.published.tables["quality"]["verdict"].value_counts().to_dict(),
        "checks": checks(view),
    }
    yield Page("quality", _("Quality"), "quality.html.j2", "trust", values)


def verdicts(view: View) -> dict[str, str]:
    """Name what a check can end with, the worst first."""
    _ = view.gettext
    return {"refused": _("refused"), "noted": _("noted"), "passed": _("passed")}


def report(view: View) -> list[dict[str, Any]]:
    """Lay out the quality report: dimensions with their indicators, each with its values or why there is none."""
    found = []
    for name, lines in groupby(view.published.indicators, key=lambda line: line.dimension):
        known = dimensions()[name]
        indicators = [
            _indicator(view, known["indicators"][indicator], list(values))
            for indicator, values in groupby(lines, key=lambda line: line.indicator)
        ]
        found.append({"id": name, "title": view.language.pick(known["title"]), "indicators": indicators})
    return found


def scope(view: View, words: str) -> str:
    """Name what a value is about: countries, regions, levels and dimensions by name, rules as they are written."""
    if words == EVERYTHING:
        return view.gettext("All")
    return " ".join(_word(view, word) for word in words.split(" "))


def checks(view: View) -> list[dict[str, Any]]:
    """Lay out the checks of the gate by dimension; within one, what did not pass comes first."""
    rows = view.published.tables["quality"]
    known = catalogue("gate_checks")
    found = []
    rows = rows.assign(rank=rows["verdict"].map(VERDICTS.index)).sort_values("rank", kind="stable")
    for name in dict.fromkeys(view.published.tables["quality"]["dimension"]):
        group = rows[rows["dimension"] == name]
        records = [
            {**record, "name": view.language.pick(known["checks"].get(record["check_id"], {"en": record["check_id"]}))}
            for record in group.to_dict("records")
        ]
        title = view.language.pick(known["dimensions"].get(name, {"en": name}))
        counts = group["verdict"].value_counts().to_dict()
        found.append({"id": name, "title": title, "rows": records, "counts": counts})
    return found


def _indicator(view: View, told: dict[str, Any], lines: list[Indicator]) -> dict[str, Any]:
    alone = len(lines) == 1 and lines[0].scope == EVERYTHING
    return {
        "label": view.language.pick(label(told, view.published.of_records)),
        "code": lines[0].code,
        "unit": lines[0].unit,
        "absent": view.language.pick(absent(told, view.published.of_records)),
        "values": [
            {"scope": "" if alone else scope(view, line.scope), "value": line.value}
            for line in lines
            if line.value is not None
        ],
    }


def _word(view: View, word: str) -> str:
    """Name one word of a scope, whatever it is a code of."""
    if word in view.published.declaration.countries:
        return view.country(word)
    if word in catalogue("gate_checks")["dimensions"]:
        return view.language.pick(catalogue("gate_checks")["dimensions"][word])
    named = view.code("level", word)
    return named if named != word else view.region(word)
