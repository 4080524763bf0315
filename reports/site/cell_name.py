"""What a cell is called: its place, and what is counted there; and how its number is written, by its unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.language import NOTHING, Language
from reports.site.release_view import View

EVERYTHING = "all"
SPLITS = ("exploitation", "location", "sex", "period")
UNSAID = {"exploitation": {EVERYTHING}, "location": {EVERYTHING}, "sex": {EVERYTHING}, "period": {"annual", "survey"}}
"""Values that go without saying: nothing is split, or the window is in the indicator's name."""
DECIMALS = {
    "per_1000_families": 1,
    "per_1000_population": 2,
    "persons_per_family": 2,
    "thousand_families": 1,
    "per_100": 1,
    "per_crime": 2,
    "victims_per_crime": 2,
    "ratio": 2,
}
MOST_DECIMALS = 2
"""Of a counted number that is not whole: a median, hours, thousands as a document has them."""


def place(view: View, cell: Mapping[str, Any]) -> str:
    """Name the region, else the country, else all countries together; several regions are joined by a plus sign."""
    region = cell["region"]
    if isinstance(region, str) and region:
        return view.region(region)
    return view.country(cell["country"])


def subject(view: View, cell: Mapping[str, Any]) -> str:
    """Say what of the indicator is meant: form, place, sex and window, where they are not all there is."""
    said = [view.code(column, cell[column]) for column in SPLITS if _is_said(column, cell[column])]
    return ", ".join(said)


def written(language: Language, value: float | None, unit: str) -> str:
    """Write a number as its unit asks: whole persons, rates with a decimal, shares in per cent."""
    return language.share(value) if unit == "share" else language.number(value, DECIMALS.get(unit, 0))


def counted(language: Language, value: float | None, unit: str) -> str:
    """Write a number of records: as its unit asks, and otherwise with the decimals that it has."""
    if unit == "share" or unit in DECIMALS or value is None or pd.isna(value):
        return written(language, value, unit)
    digits = next((d for d in range(MOST_DECIMALS) if abs(round(value, d) - value) < 1e-9), MOST_DECIMALS)
    return language.number(value, digits)


def limits(language: Language, low: float | None, high: float | None, unit: str) -> str:
    """Write limits as their unit asks; a dash if one of them is missing."""
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return NOTHING
    return f"{written(language, low, unit)} – {written(language, high, unit)}"


def _is_said(column: str, value: object) -> bool:
    return isinstance(value, str) and bool(value) and value not in UNSAID[column]
