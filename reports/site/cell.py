"""A cell of the estimates as tables and charts of the site show it: its number with limits, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from reports.site.chart import Form, status_of
from reports.site.release_view import View

FORMS: Mapping[str, Form] = {"persons": "whole", "share": "share"}
"""How numbers of a unit are written; those of another unit have one decimal."""


@dataclass(frozen=True)
class Cell:
    """One number of the leading method.

    status: one of chart.STATUSES.  value, low, high: None where there is no number, or no limits.
    n, cases, settlements: what it rests on; the cases of a hidden number are hidden with it.
    """

    status: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    cases: float | None = None
    settlements: int | None = None

    @property
    def row(self) -> dict[str, Any]:
        """The number as a chart's record takes it."""
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n, "status": self.status}


class Key(NamedTuple):
    """Which cell; the region is empty for a country."""

    country: str
    region: str
    indicator: str
    exploitation: str
    location: str
    sex: str
    period: str


class Cells:
    """The national and regional cells of a release by its leading method."""

    def __init__(self, lead: pd.DataFrame) -> None:
        """Index the cells. lead: rows of the table `estimates` by one method."""
        rows = lead[lead["level"].isin(["national", "regional"])]
        keys = rows[list(Key._fields)].fillna("").itertuples(index=False, name=None)
        held = ["conf_status", "reliability", "estimate", "ci_low", "ci_high", "n_respondents", "n_cases", "n_psu"]
        values = rows[held].astype(object).where(rows[held].notna(), None).itertuples(index=False, name=None)
        self.all: dict[Key, Cell] = {Key(*key): _cell(*found) for key, found in zip(keys, values, strict=True)}
        self._by_place: dict[tuple[str, str], list[Key]] = {}
        for key in self.all:
            self._by_place.setdefault((key.country, key.region), []).append(key)

    def keys(self, country: str, region: str = "") -> list[Key]:
        """Return the cells of a country or of one of its regions; none where the release has no numbers of it."""
        return self._by_place.get((country, region), [])

    def annual(self, indicator: str, location: str, country: str, region: str = "", **who: str) -> Cell:
        """Return a yearly number, of all forms and both sexes unless `exploitation` or `sex` say otherwise.

        A cell that the release lacks is one that is not shown.
        """
        sought = {"exploitation": "all", "sex": "all", **who}
        key = Key(country, region, indicator, location=location, period="annual", **sought)
        return self.all.get(key, Cell("no_limits"))


def short(view: View, status: str) -> str:
    """Name a status where there is room for a word or two."""
    _ = view.gettext
    return {
        "publish": _("reliable"),
        "caution": _("low reliability"),
        "suppress": _("unreliable"),
        "hidden": _("hidden"),
        "no_limits": _("not shown"),
        "not_surveyed": _("not surveyed"),
    }[status]


def confidence(view: View) -> float | None:
    """Return the confidence of the leading method's limits; None where no number has any."""
    found = view.published.lead["confidence"].dropna()
    return float(found.iloc[0]) if len(found) else None


def _cell(
    conf_status: str | None,
    reliability: str | None,
    estimate: float | None,
    low: float | None,
    high: float | None,
    n: int | None,
    cases: float | None,
    settlements: int | None,
) -> Cell:
    status = status_of(conf_status, reliability, estimate)
    if estimate is None:
        return Cell(status, n=n, settlements=settlements)
    return Cell(status, estimate, low, high, n, cases, settlements)
