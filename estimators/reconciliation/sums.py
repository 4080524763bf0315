"""Sums: parts against a total, percentages against 100, outcomes against the whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from estimators.reconciliation.finding import DIFFERS, HOLDS, Outcome, compared, exact, within, worded
from estimators.reconciliation.selection import Selection
from schemas.reconciliation_kinds import Exhausted, Hundred, Sum


def total(values: Sequence[float]) -> float:
    """Return the sum without the last binary digits."""
    return exact(math.fsum(values))


def sum_of_parts(rule: Sum, figures: Selection) -> Outcome:
    """Parts against a stated total; says so when the total has changed places with a part."""
    stated = figures.value("total", rule.total)
    parts = figures.values("parts", rule.parts)
    found = total(parts)
    tolerance = rule.tolerance or 0.0
    outcome = compared(within(found - stated, tolerance, stated), stated, found, tolerance, parts=parts)
    if outcome.verdict == HOLDS or len(parts) == 1:
        return outcome
    for part in sorted(set(parts)):
        if within(found - part + stated - part, tolerance, part):
            return worded(outcome, "exchanged", part=part)
    return outcome


def hundred(rule: Hundred, figures: Selection) -> Outcome:
    """Percentages against 100; half a unit of each last printed digit is rounding unless a tolerance is declared."""
    shares = figures.known("shares", rule.shares)
    values = [float(share.value or 0.0) for share in shares]
    found = total(values)
    if rule.response == "multiple":
        outside = [value for value in values if not 0 <= value <= 100]
        wording = "outside" if outside else "several"
        verdict = DIFFERS if outside else HOLDS
        return Outcome(verdict, wording, found=found, unit="percent", told={"parts": values, "outside": outside})
    rounding = math.fsum(0.5 / 10**share.decimals for share in shares)
    tolerance = exact(rounding) if rule.tolerance is None else rule.tolerance
    outcome = compared(within(found - 100, tolerance, 100), 100.0, found, tolerance, parts=values)
    return replace(outcome, unit="percent")


def exhausted(rule: Exhausted, figures: Selection) -> Outcome:
    """Outcomes against the whole: if they make all of it, nothing is pending, which is worth a look."""
    stated = figures.value("whole", rule.whole)
    parts = figures.values("outcomes", rule.outcomes)
    found = total(parts)
    tolerance = rule.tolerance or 0.0
    pending = found < stated and not within(found - stated, tolerance, stated)
    return compared(pending, stated, found, tolerance, parts=parts)
