"""Several figures of one thing: rival values, groups that may overlap, rounds of different units, a text used twice."""

from __future__ import annotations

from estimators.reconciliation.finding import DIFFERS, HOLDS, UNDECIDABLE, Outcome, exact
from estimators.reconciliation.pairs import unlike
from estimators.reconciliation.selection import Selection
from estimators.reconciliation.sums import total
from schemas.finding_messages import Told
from schemas.reconciliation_kinds import Exclusive, Overlap, Population, Rivals, SameText, Support


def rivals(rule: Rivals, figures: Selection) -> Outcome:
    """The largest value over the smallest; undecidable where their definitions differ, or one does not say its own."""
    numbers = figures.known("figures", rule.figures)
    values = [float(number.value or 0.0) for number in numbers]
    low, high = min(values), max(values)
    ratio = high / low if low > 0 else float("inf")
    differing = unlike(rule.definition, numbers, figures, "definition")
    definitions = max((len(one) for one in differing.values()), default=1)
    told: dict[str, Told] = {"parts": values, "ratio": round(ratio, 2), "count": definitions}
    if high == low or ratio <= rule.largest_ratio:
        verdict, wording = HOLDS, HOLDS
        told["ratio"] = 1.0 if high == low else told["ratio"]
    elif differing:
        verdict, wording = UNDECIDABLE, "definitions"
    else:
        verdict, wording = DIFFERS, "differs" if low > 0 else "zero"
    return Outcome(verdict, wording, low, high, exact(high - low), told=told)


def overlap(rule: Overlap, figures: Selection) -> Outcome:
    """Distinct people of groups counted apart: their sum less those in common, or bounds where that is unknown."""
    values = figures.values("figures", rule.figures)
    if rule.shared is None:
        added = total(values)
        return Outcome(UNDECIDABLE, "unknown", max(values), added, exact(added - max(values)), told={"parts": values})
    shared = figures.value("shared", rule.shared)
    told: dict[str, Told] = {"parts": values, "shared": shared}
    verdict = HOLDS if shared <= sorted(values)[-2 if len(values) > 1 else -1] else DIFFERS
    return Outcome(verdict, verdict, total(values), exact(total(values) - shared), -shared, told=told)


def population(rule: Population, figures: Selection) -> Outcome:
    """Units of two rounds, and those in both: only if all are can a change be one of the same units."""
    first, second = figures.value("first", rule.first), figures.value("second", rule.second)
    matched = figures.value("matched", rule.matched)
    smaller = min(first, second)
    verdict = HOLDS if matched == first == second else DIFFERS
    told: dict[str, Told] = {"first": first, "second": second}
    return Outcome(verdict, verdict, smaller, matched, exact(matched - smaller), told=told)


def same_text(rule: SameText, figures: Selection) -> Outcome:
    """Values of two populations; if all are equal, one text may have been used twice."""
    first = sorted(figures.values("first", rule.first))
    second = sorted(figures.values("second", rule.second))
    verdict = DIFFERS if first == second else HOLDS
    alike = sum(one == other for one, other in zip(first, second, strict=False))
    told: dict[str, Told] = {"first": first, "second": second}
    return Outcome(verdict, verdict, len(first), alike, alike - len(first), unit="figures", told=told)


def exclusive(rule: Exclusive, figures: Selection) -> Outcome:
    """Statements that exclude each other, of which at most one may be made."""
    numbers = figures.known("statements", rule.statements)
    made = [number.name for number in numbers if (number.value or 0.0) > 0]
    verdict = HOLDS if len(made) <= 1 else DIFFERS
    return Outcome(verdict, verdict, 1, len(made), len(made) - 1, unit="statements", told={"records": made})


def support(rule: Support, figures: Selection) -> Outcome:
    """Figures by which a claim could be checked; without them it is neither right nor wrong."""
    if figures.value("claim", rule.claim) == 0:
        return Outcome(HOLDS, "unclaimed")
    found = sum(number.value is not None for number in figures.several("figures", rule.figures))
    enough = found >= rule.needed
    verdict, wording = (HOLDS, HOLDS) if enough else (UNDECIDABLE, "unknown")
    return Outcome(verdict, wording, rule.needed, found, found - rule.needed, unit="figures")
