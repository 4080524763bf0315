"""All methods of a release side by side, for the headline number and for every country."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from reports.site.chart import Chart, Column
from reports.site.rates import HEADLINE, columns, confidence, record
from reports.site.release_view import View
from schemas import vocabulary


def of_headline(view: View, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the rows of all countries together, or of the only one."""
    level = "group" if len(view.published.countries) > 1 else "national"
    return [row for row in rows if row["level"] == level]


def by_country(view: View, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lay out the methods, each with its number for every country and for all together."""
    codes = [*view.published.countries, *([""] if len(view.published.countries) > 1 else [])]
    found = {(row["method"], row["code"]): row for row in rows}
    return [
        {
            "name": view.code("method", method),
            "leading": method == view.published.method,
            "cells": [{"country": view.country(code or None), "cell": found.get((method, code))} for code in codes],
        }
        for method in dict.fromkeys(row["method"] for row in rows)
    ]


def rows(view: View) -> list[dict[str, Any]]:
    """Lay out all methods' yearly victims of nations and the group, all places together; the leading one first."""
    codes = vocabulary.code_list("method")
    order = [code.value for code in codes.codes] if codes else []
    estimates = view.published.estimates
    estimates = estimates[(estimates["indicator"] == "victims") & (estimates["level"] != "regional")]
    estimates = estimates[(estimates[list(HEADLINE)] == list(HEADLINE.values())).all(axis=1)]
    out = []
    for row in estimates.to_dict("records"):
        cell = record(view, row)
        out.append(
            {
                **cell,
                "code": "" if pd.isna(cell["code"]) else cell["code"],
                "level": row["level"],
                "method": row["method"],
            }
        )
    return sorted(out, key=lambda row: (row["method"] != view.published.method, _at(order, row["method"])))


def _at(order: Sequence[str], name: str) -> tuple[int, str]:
    return (order.index(name) if name in order else len(order), name)


def conclusions(view: View, rows: Sequence[dict[str, Any]]) -> list[str]:
    """Say how far apart the methods are."""
    shown = [row for row in rows if row["value"] is not None]
    if len(shown) < 2:
        return []
    text = view.language.ngettext(
        "%(num)s method gives from %(low)s to %(high)s; its limits reach from %(lowest)s to %(highest)s.",
        "%(num)s methods give from %(low)s to %(high)s; their limits reach from %(lowest)s to %(highest)s.",
        len(shown),
    )
    ends = {
        "low": min(row["value"] for row in shown),
        "high": max(row["value"] for row in shown),
        "lowest": min((row["low"] for row in shown if row["low"] is not None), default=None),
        "highest": max((row["high"] for row in shown if row["high"] is not None), default=None),
    }
    return [text % {"num": len(shown), **{name: view.language.number(value) for name, value in ends.items()}}]


def chart(view: View, rows: Sequence[dict[str, Any]]) -> Chart | None:
    """Draw the methods under each other; None for less than two."""
    _ = view.gettext
    if len(rows) < 2:
        return None
    kept = ("value", "low", "high", "n", "status")
    return Chart(
        id="methods",
        kind="forest",
        title=_("The headline number by every method"),
        unit=_("people exploited in a year, all forms and places: %(place)s") % {"place": rows[0]["label"]},
        n=None,
        rows=[{"label": view.code("method", row["method"]), **{key: row[key] for key in kept}} for row in rows],
        columns=columns(view, "whole", Column("label", view.column("method"), "text")),
        confidence=confidence(view.published.estimates),
    )
