"""Which countries differ beyond chance, and which ranks that leaves to them: pairs of countries in one rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from estimators.country_ranks import pairs, rank_ranges
from reports.site.rates import HEADLINE, PER_FAMILIES, PER_POPULATION, confidence, nations, unreliable
from reports.site.release_view import View

TESTED = ("higher", "lower", "alike")
VERDICTS = (*TESTED, "unreliable", "untested", "hidden")
"""The first is higher or lower beyond chance, cannot be told apart from the other, or nothing can be said, and why."""


def verdict(ratio: float, p_value: float, confidence: float, *, hidden: bool, unreliable: bool) -> str:
    """Judge the first against the other; a number that may not be quoted is not compared either."""
    if hidden or unreliable or math.isnan(p_value):
        return "hidden" if hidden else "unreliable" if unreliable else "untested"
    if p_value > 1 - confidence:
        return "alike"
    return "higher" if ratio > 1 else "lower"


@dataclass(frozen=True)
class Pair:
    """Two countries: the first's rate over the other's, limits of the pair alone, p adjusted over all pairs.

    hidden, unreliable: one of the two rates is.  Numbers are NaN where there is none.
    """

    first: str
    other: str
    ratio: float
    low: float
    high: float
    p_value: float
    confidence: float
    hidden: bool = False
    unreliable: bool = False

    @property
    def verdict(self) -> str:
        """Return one of VERDICTS."""
        return verdict(self.ratio, self.p_value, self.confidence, hidden=self.hidden, unreliable=self.unreliable)

    @property
    def is_tested(self) -> bool:
        """Whether the test says something, be it that the two cannot be told apart."""
        return self.verdict in TESTED

    def turned(self) -> Pair:
        """Return the same the other way round."""
        low, high = 1 / self.high if self.high else math.nan, 1 / self.low if self.low else math.nan
        ratio = 1 / self.ratio if self.ratio else math.nan
        return replace(self, first=self.other, other=self.first, ratio=ratio, low=low, high=high)


def of_families(view: View, location: str = "both") -> list[Pair]:
    """Take the pairs of rates per 1,000 families from the table `comparisons`."""
    rows = view.published.tables["comparisons"]
    cell = {**HEADLINE, "location": location, "contrast": "countries", "indicator": PER_FAMILIES}
    doubtful = unreliable(view, PER_FAMILIES, location=location)
    rows = rows[(rows[list(cell)] == list(cell.values())).all(axis=1)]
    found = {
        (row.country, row.other_country): Pair(
            row.country, row.other_country, row.ratio, row.ratio_low, row.ratio_high, row.p_value_holm,
            row.confidence, hidden=pd.isna(row.estimate) or pd.isna(row.other_estimate),
            unreliable=not doubtful.isdisjoint({row.country, row.other_country}),
        )
        for row in rows.itertuples()
    }  # fmt: skip
    turned = {(pair.other, pair.first): pair.turned() for pair in found.values()}
    both = {**turned, **found}
    return [both[key] for key in combinations(view.published.countries, 2) if key in both]


def of_rates(view: View, indicator: str = PER_POPULATION) -> list[Pair]:
    """Compare the countries' rates of the leading method in the way of `comparisons`, which has only those of families.

    Empty where the release has no limits for them.
    """
    limits = confidence(view.published.lead)
    if limits is None:
        return []
    records = nations(view, indicator)
    shown = [one for one in records if one["value"] is not None]
    doubtful = unreliable(view, indicator)
    rate, cv, df = (np.array([one[key] for one in shown], dtype=float) for key in ("value", "cv", "df"))
    tested = pairs(rate, cv, df, limits)
    found = []
    for at, (a, b) in enumerate(zip(tested.first, tested.other, strict=True)):
        first, other = shown[a]["code"], shown[b]["code"]
        ratio, low, high = (float(numbers[at]) for numbers in (tested.ratio, tested.low, tested.high))
        judged = not doubtful.isdisjoint({first, other})
        found.append(Pair(first, other, ratio, low, high, float(tested.p_value_holm[at]), limits, unreliable=judged))
    known = {(pair.first, pair.other): pair for pair in found}
    nothing = math.nan
    return [
        known.get(key, Pair(*key, nothing, nothing, nothing, nothing, limits, hidden=True))
        for key in combinations([one["code"] for one in records], 2)
    ]


def ranks(codes: Sequence[str], found: Sequence[Pair]) -> dict[str, tuple[int, int]]:
    """Return the best and the worst rank that the tests leave to each country; empty without a test."""
    usable = [pair for pair in found if pair.is_tested]
    if not usable:
        return {}
    place = {code: number for number, code in enumerate(codes)}
    best, worst = rank_ranges(
        len(codes),
        np.array([place[pair.first] for pair in usable]),
        np.array([place[pair.other] for pair in usable]),
        np.array([pair.ratio for pair in usable]),
        np.array([pair.p_value for pair in usable]),
        1 - usable[0].confidence,
    )
    return {code: (int(best[at]), int(worst[at])) for code, at in place.items()}


def matrix(view: View, found: Sequence[Pair]) -> list[dict[str, Any]]:
    """Lay the pairs out as a square: how the country of the row stands to that of the column."""
    both = {(one.first, one.other): one for pair in found for one in (pair, pair.turned())}
    codes = [code for code in view.published.countries if any(code in key for key in both)]
    words = verdicts(view)
    return [
        {
            "name": view.country(row),
            "cells": [
                None if row == column else {"pair": both[row, column], "words": words[both[row, column].verdict]}
                for column in codes
            ],
        }
        for row in codes
    ]


def verdicts(view: View) -> dict[str, str]:
    """Say what the verdicts on a pair mean, about the country named first."""
    _ = view.gettext
    return {
        "higher": _("higher"),
        "lower": _("lower"),
        "alike": _("cannot be told apart"),
        "hidden": _("hidden"),
        "untested": _("cannot be tested"),
        "unreliable": _("too unreliable to compare"),
    }


def sentences(view: View, found: Sequence[Pair]) -> list[str]:
    """Say in words who stands first and last, and which pairs differ."""
    _ = view.gettext
    ngettext = view.language.ngettext
    tested = [pair for pair in found if pair.is_tested]
    if not tested:
        return [_("No pair of countries can be compared.")]
    alike = [pair for pair in tested if pair.verdict == "alike"]
    out = [
        *_ends(view, found, tested[0].confidence),
        ngettext(
            "%(real)s of %(num)s pair of countries differs by more than chance explains.",
            "%(real)s of %(num)s pairs of countries differ by more than chance explains.",
            len(tested),
        )
        % {"real": len(tested) - len(alike), "num": len(tested)},
    ]
    if alike:
        listed = "; ".join(f"{view.country(pair.first)} – {view.country(pair.other)}" for pair in alike)
        out.append(_("Not to be told apart: %(pairs)s.") % {"pairs": listed})
    if unseen := len(found) - len(tested):
        text = ngettext("%(num)s pair cannot be compared.", "%(num)s pairs cannot be compared.", unseen)
        out.append(text % {"num": unseen})
    return out


def _ends(view: View, found: Sequence[Pair], confidence: float) -> list[str]:
    """Name the country that is first and that which is last, or all that may be."""
    _ = view.gettext
    codes = [code for code in view.published.countries if any(code in (pair.first, pair.other) for pair in found)]
    ranges = ranks(codes, found)

    def named(rank: int) -> list[str]:
        return [view.country(code) for code, (best, worst) in ranges.items() if best <= rank <= worst]

    first, last, share = named(1), named(len(codes)), view.language.share(confidence, 0)
    top, bottom = ", ".join(first), ", ".join(last)
    return [
        _("Highest, with %(share)s confidence: %(names)s.") % {"share": share, "names": top}
        if len(first) == 1
        else _("The highest may be any of these: %(names)s.") % {"names": top},
        _("Lowest, with %(share)s confidence: %(names)s.") % {"share": share, "names": bottom}
        if len(last) == 1
        else _("The lowest may be any of these: %(names)s.") % {"names": bottom},
    ]
