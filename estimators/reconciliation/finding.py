"""One finding: a verdict with its numbers, worded in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from schemas.finding_messages import LANGUAGES, Told, message, written

if TYPE_CHECKING:
    from estimators.reconciliation.selection import Selection
    from schemas.reconciliation import Rule

HOLDS, DIFFERS, UNDECIDABLE = "holds", "differs", "undecidable"
SLACK = 1e-9
"""Relative difference below which two sums of the same decimals are equal."""


@dataclass(frozen=True)
class Outcome:
    """What a rule found. message: name of the wording; told: what it is filled with besides the numbers here."""

    verdict: str
    message: str
    stated: float | None = None
    found: float | None = None
    difference: float | None = None
    tolerance: float | None = None
    unit: str | None = None
    of_one_region: bool = True
    """Whether the region of the records used, if they share one, is what the finding is about."""
    told: Mapping[str, Told] = field(default_factory=dict)


class Undecidable(Exception):  # noqa: N818 - it is no error: the finding says so
    """A number that a rule needs is not there."""

    def __init__(self, wording: str, **told: Told) -> None:
        """Keep the finding that takes the place of a verdict."""
        super().__init__(wording)
        self.outcome = Outcome(UNDECIDABLE, wording, told=told)


def within(difference: float, tolerance: float, size: float) -> bool:
    """Tell whether a difference of numbers as large as `size` is within the tolerance."""
    return abs(difference) <= tolerance + SLACK * max(1.0, abs(size))


def row(rule: Rule, selection: Selection, outcome: Outcome, survey_id: str) -> dict[str, Any]:
    """Lay out a finding as a row of the table. Numbers of figures that may not be published are left out."""
    if selection.restricted:
        outcome = Outcome(outcome.verdict, "restricted")
    told = {
        "stated": outcome.stated,
        "found": outcome.found,
        "difference": outcome.difference,
        "tolerance": outcome.tolerance,
        **outcome.told,
    }
    reasons = {language: message(rule.kind, outcome.message, told, language) for language in LANGUAGES}
    if rule.explains:
        reasons = {language: f"{text} {written(rule.explains, language)}" for language, text in reasons.items()}
    return {
        "survey_id": survey_id,
        "finding": rule.id,
        "rule": rule.kind,
        "subject": rule.subject.en,
        "subject_ru": rule.subject.ru,
        "region": rule.region or (selection.common("region") if outcome.of_one_region else None),
        "stated": outcome.stated,
        "found": outcome.found,
        "difference": outcome.difference,
        "tolerance": outcome.tolerance,
        "unit": rule.unit or outcome.unit or selection.common("unit"),
        "verdict": outcome.verdict,
        "reason": reasons["en"],
        "reason_ru": reasons["ru"],
        "source": rule.source or selection.source(),
    }


def compared(verdict: bool, stated: float, found: float, tolerance: float, **told: Told) -> Outcome:
    """Return the outcome of setting one number against another: it holds, or it differs."""
    wording = HOLDS if verdict else DIFFERS
    return Outcome(wording, wording, stated, found, exact(found - stated), tolerance, told=told)


def exact(number: float) -> float:
    """Take the last binary digits off a difference of decimals: 0.5999999999999943 is 0.6."""
    return float(f"{number:.12g}")


def shortened(outcome: Outcome, decimals: int) -> Outcome:
    """Return the outcome with the numbers of its message rounded; those of the row stay as they are."""
    numbers = {"stated": outcome.stated, "found": outcome.found, "difference": outcome.difference}
    short = {name: round(number, decimals) for name, number in numbers.items() if number is not None}
    return replace(outcome, told={**short, **outcome.told})


def worded(outcome: Outcome, wording: str, **told: Told) -> Outcome:
    """Return the outcome with another wording."""
    return replace(outcome, message=wording, told={**outcome.told, **told})
