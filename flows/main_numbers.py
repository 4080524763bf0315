"""The numbers of a release that its night ends with on the terminal: nations of a survey of families, or indicators."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from flows.console import out
from flows.console import say as prose
from flows.night import Outcome
from flows.table import Column, draw, interval
from schemas import instrument

NATIONS = (
    Column("country"),
    Column("where"),
    Column("estimate", number=True),
    Column("limits", number=True),
    Column("reliability", state=True),
    Column("printed", number=True, spare=1),
    Column("pennington", number=True, spare=2),
    Column("verdict", state=True, spare=3),
)
INDICATORS = (
    Column("question", fold=True),
    Column("answer", fold=True),
    Column("number", number=True),
    Column("limits", number=True),
    Column("of", number=True),
    Column("unit", spare=1),
)


def show(outcome: Outcome, reproduction: pd.DataFrame) -> None:
    """Print the main numbers of the release of a night. reproduction: its table of that name."""
    is_declared = bool(outcome.instrument) and instrument.find(outcome.instrument).ANALYSIS == instrument.RECORDS
    if is_declared:
        _indicators(outcome)
    else:
        _nations(outcome, reproduction)


def _indicators(outcome: Outcome) -> None:
    """Print the indicators that a reader is shown first, each with its limits and what it is of."""
    from reports.main_indicators import main_indicators, widest
    from warehouse import results

    assert outcome.release is not None
    file, name = outcome.release.database, outcome.release.release_id
    rows = widest(results.read(file, "estimates", release_id=name), results.read(file, "indicators"))
    headlines = getattr(instrument.find(outcome.instrument), "headlines", ())
    chosen = main_indicators(rows, headlines)
    if chosen:
        out.print()
        draw(INDICATORS, [_indicator(row) for row in chosen], "Main numbers, shares and ratios with their limits")
        prose(f"{len(rows):,} numbers are in the release; a number without limits says what the records hold.")


def _indicator(row: Mapping[str, Any]) -> tuple[str, ...]:
    is_share = row["unit"] == "share"
    hidden = row["conf_status"] in ("C", "D")
    number = "hidden" if hidden else _written(row["estimate"], is_share)
    limits = interval(*(_written(row[name], is_share) for name in ("ci_low", "ci_high")))
    base = "–" if row["n_respondents"] is None else f"{row['n_respondents']:,.0f}"
    unit = "" if is_share else str(row["unit"]).replace("_", " ")
    return row["title"], row["code_name"] or "", number, "–" if row["ci_low"] is None else limits, base, unit


def _written(number: float | None, is_share: bool) -> str:
    if number is None or math.isnan(number):
        return "–"
    if is_share:
        return f"{number:.1%}"
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"


def _nations(outcome: Outcome, reproduction: pd.DataFrame) -> None:
    """Print the table of nations: the leading method, beside it the printed number and its reproduction."""
    from reports.five_countries import REPRODUCING, comparison, leading
    from warehouse import results

    assert outcome.release is not None
    estimates = results.read(
        outcome.release.database, "estimates", indicator="victims", release_id=outcome.release.release_id
    )
    rows = comparison(reproduction, estimates, list(outcome.countries))
    if rows:
        title = f"People exploited per year, all forms (method {leading(estimates)}, 95 % limits)"
        out.print()
        draw(NATIONS, [_nation(row, outcome.countries) for row in rows], title)
    if any(row["printed_estimate"] is not None for row in rows):
        prose(f"{REPRODUCING} repeats the printed rule; docs/reproduction.md says what differs and why.")


def _nation(row: Mapping[str, Any], countries: Mapping[str, str]) -> tuple[str, ...]:
    return (
        countries.get(row["country"], row["country"] or "all together"),
        row["location"],
        _known(row["estimate"]),
        interval(_known(row["ci_low"]), _known(row["ci_high"])),
        row["reliability"] if isinstance(row["reliability"], str) else "hidden",
        *(_known(row[f"{name}_estimate"]) for name in ("printed", "reproduced")),
        row["verdict"],
    )


def _known(number: float | None) -> str:
    return "–" if number is None or math.isnan(number) else f"{number:,.0f}"
