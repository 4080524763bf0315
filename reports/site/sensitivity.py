"""The page on what the answer depends on: other choices beside the headline, and all methods side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from estimators.variance_recovery import sum_limits
from reports.site import methods_beside, variant_words
from reports.site.chart import Chart, Column, Reference
from reports.site.page import Page
from reports.site.rates import columns, confidence, record, select
from reports.site.release_view import View
from reports.site.trend import remark

NUMBERS = ("estimate", "ci_low", "ci_high")
METHOD = "design"
"""The method whose number the variants start from."""
NOTICEABLE = 0.005
"""Difference between countries in times the headline that is seen in whole per cent."""


def pages(view: View) -> Iterator[Page]:
    """Yield the page; without variants it shows the methods alone and says so."""
    _ = view.gettext
    rows = variants(view)
    every = methods_beside.rows(view)
    methods = methods_beside.of_headline(view, every)
    values = {
        "rows": rows,
        "choices": choices(view, rows),
        "conclusions": [*conclusions(view, rows), *methods_beside.conclusions(view, methods)],
        "chart": chart(view, rows),
        "differing": [row for row in rows if _differs(row)],
        "by_country": by_country(view, rows),
        "methods_chart": methods_beside.chart(view, methods),
        "methods_by_country": methods_beside.by_country(view, every),
        "place": place(view),
        "limits": confidence(view.published.lead),
    }
    yield Page("sensitivity", _("What the answer depends on"), "sensitivity.html.j2", "trust", values)


def place(view: View) -> str:
    """Name what the headline is about: all countries together, or the only one."""
    codes = view.published.countries
    return view.country(None if len(codes) > 1 else codes[0])


def headline(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the number that the variants start from, with its limits; None where it is not shown."""
    return next((row for row in rows if row["topic"] == "leading" and row["value"] is not None), None)


def published(view: View) -> dict[str, Any] | None:
    """Return the headline cell of the release; None where it is not shown, or not by the method of the variants."""
    level = "group" if len(view.published.countries) > 1 else "national"
    found = [record(view, row) for row in select(view, level, "victims")]
    return found[0] if view.published.method == METHOD and found and found[0]["value"] is not None else None


def variants(view: View) -> list[dict[str, Any]]:
    """Lay out every variant of the headline, the topic that moves it most first, and in a topic the smallest first.

    Of several countries variants are added up, with limits from those of the countries; a sum is hidden with any part.
    """
    table = view.published.tables["sensitivity"]
    if not len(table):
        return []
    leading = table.loc[table["variant"] == "leading", "estimate"].sum(skipna=False)
    owns: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_dict("records"):
        owns.setdefault(str(row["variant"]), []).append(row)
    rows = [
        _variant(view, name, own, float(leading), len(view.published.countries)) for name, own in sorted(owns.items())
    ]
    widest = {
        topic: max((abs(math.log(row["ratio"])) for row in rows if row["topic"] == topic and row["ratio"]), default=0.0)
        for topic in {row["topic"] for row in rows}
    }
    known = list(variant_words.topics(view))
    return sorted(
        rows,
        key=lambda row: (
            row["topic"] != "leading",
            -widest[row["topic"]],
            known.index(row["topic"]) if row["topic"] in known else len(known),
            row["ratio"] or math.inf,
            row["variant"],
        ),
    )


def _variant(view: View, name: str, own: list[dict[str, Any]], leading: float, countries: int) -> dict[str, Any]:
    first = own[0]
    estimate, low, high = (np.array([cell[number] for cell in own], float) for number in NUMBERS)
    shown = len(own) == countries and bool(np.isfinite([estimate, low, high]).all())
    hidden = any(pd.isna(cell["n_cases"]) for cell in own)
    limits = sum_limits(estimate, low, high) if len(own) > 1 else (low[0], high[0])
    value = {"value": float(estimate.sum()), "low": float(limits[0]), "high": float(limits[1])}
    if name == "leading" and (found := published(view)):
        value = {key: found[key] for key in value}
    return {
        "variant": name,
        "topic": first["topic"],
        "group": _topic(view, first["topic"]),
        "label": variant_words.label(view, name, first["note"]),
        **(value if shown else dict.fromkeys(value)),
        "ratio": value["value"] / leading if shown and leading > 0 else None,
        "n": int(sum(cell["n_respondents"] for cell in own)),
        "n_cases": None if hidden else float(sum(cell["n_cases"] for cell in own)),
        "status": "publish" if shown else "hidden" if hidden else "no_limits",
        "countries": {cell["country"]: _own(cell) for cell in own},
    }


def _topic(view: View, topic: str) -> str:
    found = variant_words.topics(view).get(topic)
    return view.gettext("The headline") if topic == "leading" else found.name if found else topic


def choices(view: View, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lay out each choice: from what to what it moves the headline, and whether that is more than its limits."""
    number = headline(rows)
    words = variant_words.topics(view)
    out = []
    for topic in dict.fromkeys(row["topic"] for row in rows if row["topic"] != "leading"):
        own = [row for row in rows if row["topic"] == topic]
        shown = [row for row in own if row["value"] is not None]
        values = [row["value"] for row in shown]
        outside = bool(number and values and (min(values) < number["low"] or max(values) > number["high"]))
        out.append(
            {
                "topic": topic,
                "name": _topic(view, topic),
                "about": words[topic].about if topic in words else "",
                "low": min(values, default=None),
                "high": max(values, default=None),
                "ratio_low": min((row["ratio"] for row in shown if row["ratio"]), default=None),
                "ratio_high": max((row["ratio"] for row in shown if row["ratio"]), default=None),
                "variants": len(own),
                "not_shown": len(own) - len(shown),
                "outside": outside if values else None,
            }
        )
    return out


def conclusions(view: View, rows: Sequence[dict[str, Any]]) -> list[str]:
    """Say how far the choices move the headline, beside the error of sampling."""
    _ = view.gettext
    number, language = headline(rows), view.language
    if not rows or number is None:
        return [_("The release has no variants of the headline number, or the number itself is not shown.")]
    leading, low, high = number["value"], number["low"], number["high"]
    if not leading:
        return [_("The headline number is zero: no choice changes it.")]
    limits = 1 - low / leading, high / leading - 1
    out = [
        _(
            "Headline number (%(place)s): %(number)s people a year. Because some families were asked and not all, its "
            "limits lie %(low)s below and %(high)s above it."
        )
        % {
            "number": language.number(leading),
            "place": place(view),
            "low": language.share(limits[0], 0),
            "high": language.share(limits[1], 0),
        }
    ]
    if view.published.method != METHOD:
        out.append(_("This is the number by the method: %(name)s.") % {"name": view.code("method", METHOD)})
    found = choices(view, rows)
    moved = [choice for choice in found if choice["low"] is not None]
    if moved:
        out.append(
            _(
                "Other choices and assumptions would give from %(low)s to %(high)s. What moves it most: %(name)s, "
                "%(from)s to %(to)s times the headline."
            )
            % {
                "low": language.number(min(choice["low"] for choice in moved)),
                "high": language.number(max(choice["high"] for choice in moved)),
                "name": _quoted(view, moved[0]["name"]),
                "from": language.number(moved[0]["ratio_low"], 2),
                "to": language.number(moved[0]["ratio_high"], 2),
            }
        )
    inside = [choice for choice in moved if not choice["outside"]]
    outside = [choice for choice in moved if choice["outside"]]
    for some, text in (
        (outside, _("Can move it beyond its limits: %(names)s.")),
        (inside, _("Stay within them: %(names)s.")),
    ):
        if some:
            out.append(text % {"names": "; ".join(_quoted(view, choice["name"]) for choice in some)})
    return out


def _quoted(view: View, name: str) -> str:
    return view.gettext("“%(name)s”") % {"name": name}


def chart(view: View, rows: Sequence[dict[str, Any]]) -> Chart | None:
    """Draw every variant around the headline number; None without variants."""
    _ = view.gettext
    number = headline(rows)
    if not rows:
        return None
    kept = ("group", "label", "value", "low", "high", "n", "n_cases", "ratio", "status")
    shown = [{**{key: row[key] for key in kept}, "remark": remark(view, row["status"])} for row in rows]
    first = (Column("group", _("Choice"), "text"), Column("label", _("Variant"), "text"))
    last = (
        Column("n_cases", _("Cases"), "whole"),
        Column("ratio", _("Of the headline"), "share"),
        Column("remark", _("Remark"), "text"),
    )
    return Chart(
        id="variants",
        kind="forest",
        title=_("The headline number under other choices"),
        unit=_("people exploited in a year, all forms and places: %(place)s") % {"place": place(view)},
        n=None,
        rows=shown,
        columns=(*columns(view, "whole", *first, judged=False), *last),
        confidence=confidence(view.published.tables["sensitivity"]),
        reference=Reference(number["value"], _("headline number")) if number else None,
        note=_("The intervals hold the error of sampling alone, each as if its own choice were the right one."),
    )


def by_country(view: View, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lay out the variants of every country: estimate, limits and times the country's own headline."""
    codes = [code for code in view.published.countries if any(code in row["countries"] for row in rows)]
    return [
        {
            "code": code,
            "name": view.country(code),
            "rows": [{**row["countries"][code], "label": row["label"]} for row in rows if code in row["countries"]],
        }
        for code in codes
    ]


def _differs(row: dict[str, Any]) -> bool:
    """Tell whether a variant does something else to one country than to another, or is hidden in one."""
    ratios = [own["ratio_to_leading"] for own in row["countries"].values()]
    known = [ratio for ratio in ratios if ratio is not None]
    return len(known) < len(ratios) or max(known) - min(known) > NOTICEABLE


def _own(cell: dict[str, Any]) -> dict[str, Any]:
    """Lay out a variant in one country; None for what is not shown."""
    kept = ("estimate", "ci_low", "ci_high", "ratio_to_leading", "n_respondents", "n_cases", "n_psu")
    status = "publish" if pd.notna(cell["estimate"]) else "hidden" if pd.isna(cell["n_cases"]) else "no_limits"
    return {**{name: cell[name] if pd.notna(cell[name]) else None for name in kept}, "status": status}
