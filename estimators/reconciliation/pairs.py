"""Two numbers set against each other: the same, one within the other, a mean, a growth, an exchange rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from estimators.reconciliation.finding import (
    DIFFERS,
    HOLDS,
    UNDECIDABLE,
    Outcome,
    Undecidable,
    compared,
    exact,
    shortened,
    within,
    worded,
)
from estimators.reconciliation.selection import Number, Selection
from schemas.reconciliation_kinds import AtMost, Contradiction, Equal, Exchange, Growth, MeanSize, Price


def unlike(columns: Sequence[str], numbers: Sequence[Number], figures: Selection, key: str) -> dict[str, list[Any]]:
    """Return the columns in which records differ, with what they say; what one does not say differs."""
    import pandas as pd

    found: dict[str, list[Any]] = {}
    for column in columns:
        figures.column(key, column)
        cells = [None if number.row is None else number.row[column] for number in numbers]
        shown = ["–" if pd.isna(cell) else str(cell) for cell in cells]
        if "–" in shown or len(set(shown)) > 1:
            found[column] = list(dict.fromkeys(shown))
    return found


def _told(differing: dict[str, list[Any]]) -> dict[str, list[str]]:
    return {"columns": list(differing), "values": [" / ".join(values) for values in differing.values()]}


def equal(rule: Equal, figures: Selection) -> Outcome:
    """One number in two places; also what the two records say of themselves, where the rule asks for it."""
    stated, found = figures.one("stated", rule.stated), figures.one("found", rule.found)
    first, second = float(stated.value or 0.0), float(found.value or 0.0)
    tolerance = rule.tolerance or 0.0
    outcome = compared(within(second - first, tolerance, first), first, second, tolerance)
    differing = unlike(rule.alike, (stated, found), figures, "alike")
    if not differing:
        return outcome
    wording = "unlike" if outcome.verdict == HOLDS else "both"
    return Outcome(DIFFERS, wording, first, second, outcome.difference, tolerance, told=_told(differing))


def at_most(rule: AtMost, figures: Selection) -> Outcome:
    """A part against the whole it belongs to."""
    whole, part = figures.value("whole", rule.whole), figures.value("part", rule.part)
    tolerance = rule.tolerance or 0.0
    return compared(part <= whole or within(part - whole, tolerance, whole), whole, part, tolerance)


def contradiction(rule: Contradiction, figures: Selection) -> Outcome:
    """A source that has none against another that counts some; undecidable if they are not about the same thing."""
    none, counted = figures.one("none", rule.none), figures.one("counted", rule.counted)
    stated, found = float(none.value or 0.0), float(counted.value or 0.0)
    outcome = compared(not (stated == 0 and found > 0), stated, found, 0.0)
    differing = unlike(rule.alike, (none, counted), figures, "alike")
    said = rule.form == "statement"
    if outcome.verdict == HOLDS:
        return outcome
    if not differing:
        return worded(outcome, "denied") if said else outcome
    wording = "denied_unlike" if said else "unlike"
    return Outcome(UNDECIDABLE, wording, stated, found, outcome.difference, told=_told(differing))


def mean_size(rule: MeanSize, figures: Selection) -> Outcome:
    """People over events, between the declared bounds."""
    persons, events = figures.value("persons", rule.persons), figures.value("events", rule.events)
    told = {"persons": persons, "events": events}
    if events == 0:
        raise Undecidable("no_event", persons=persons)
    mean = exact(persons / events)
    bound = rule.at_least if mean < rule.at_least else rule.at_most
    outcome = shortened(compared(rule.at_least <= mean <= rule.at_most, bound, mean, 0.0, **told), 2)
    return outcome if outcome.verdict == HOLDS else worded(outcome, "below" if mean < rule.at_least else "above")


def growth(rule: Growth, figures: Selection) -> Outcome:
    """A printed growth against its levels; half a unit of its last digit is rounding unless a tolerance is declared."""
    stated = figures.one("stated", rule.stated)
    before, after = figures.value("before", rule.before), figures.value("after", rule.after)
    if before == 0:
        raise Undecidable("from_zero")
    ratio = after / before
    found = exact(100 * (ratio - 1) if rule.form == "percent" else ratio)
    tolerance = 0.5 / 10**stated.decimals if rule.tolerance is None else rule.tolerance
    value = float(stated.value or 0.0)
    outcome = compared(within(found - value, tolerance, value), value, found, tolerance, before=before, after=after)
    return shortened(outcome, 4)


def exchange(rule: Exchange, figures: Selection) -> Outcome:
    """The exchange rates that two prices imply, and how far they are apart relative to the lower one."""

    def rate(key: str, price: Price) -> tuple[float, list[float]]:
        local = figures.value(f"{key}.local", price.local)
        foreign = figures.value(f"{key}.foreign", price.foreign)
        if foreign == 0 or local == 0:
            raise Undecidable("from_zero")
        return local / foreign, [local, foreign]

    first, first_price = rate("first", rule.first)
    second, second_price = rate("second", rule.second)
    apart = max(first, second) / min(first, second) - 1
    outcome = compared(within(apart, rule.band, 1), first, second, rule.band, percent=round(100 * apart, 1))
    shown = {"first": " = ".join(f"{n:g}" for n in first_price), "second": " = ".join(f"{n:g}" for n in second_price)}
    return shortened(worded(outcome, outcome.message, **shown), 4)
