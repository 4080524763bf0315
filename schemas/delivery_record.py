"""What is told of a delivery beside the one before it: verdicts, what changed inside, what it was sent again of.

Counts, column names and, for the terminal only, questionnaire numbers; no cell. A night's record may leave the machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.delivery_checks import OK, worst

REPLACED, NEW, RESENT = "replaced", "new", "resent"
MOST_NAMED = 5
"""Questionnaires that a line names."""


@dataclass(frozen=True)
class Finding:
    """What one check came to. accepted: who accepted it in spite of the verdict, and why."""

    check_id: str
    value: float
    verdict: str
    detail: str
    warn: float | None = None
    refuse: float | None = None
    accepted: str = ""


@dataclass(frozen=True)
class Changed:
    """How many questionnaires were added or removed, or how many cells of a column changed; with some of the numbers.

    kind: added, removed, refused_now, held_elsewhere, questionnaires or cells.
    """

    kind: str
    column: str
    number: int
    questionnaires: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivered:
    """One delivery. kind: replaced, new or resent. beside: what it was compared with, or is the same as."""

    country: str
    file: str
    uri: str
    sha256: str
    kind: str
    beside: str
    findings: tuple[Finding, ...] = ()
    changes: tuple[Changed, ...] = ()

    @property
    def verdict(self) -> str:
        """Return the severest verdict that nobody has accepted."""
        return worst([finding.verdict for finding in self.findings if not finding.accepted])


TITLES: Mapping[str, str] = {
    "added": "added",
    "removed": "gone",
    "refused_now": "refused now",
    "held_elsewhere": "held by another file now",
    "questionnaires": "with other cells",
}


def inside(changes: Sequence[Changed]) -> str:
    """Say in one line what changed inside a file: `questionnaires: added 3, gone 2; cells: relatives 4, region 1`."""
    told = [f"{TITLES[c.kind]} {c.number:,}" for c in changes if c.kind != "cells" and c.number]
    cells = [f"{c.column} {c.number:,}" for c in changes if c.kind == "cells"]
    parts = [f"questionnaires: {', '.join(told)}"] if told else []
    parts += [f"cells: {', '.join(cells)}"] if cells else []
    return "; ".join(parts) or "no interview differs"


def numbers(change: Changed) -> str:
    """Name some of the questionnaires of a change: `gone: KZ-005, KZ-009`; nothing where none is known."""
    named = ", ".join(change.questionnaires[:MOST_NAMED])
    more = " and others" if change.number > MOST_NAMED else ""
    return f"{TITLES.get(change.kind, change.column)}: {named}{more}" if named else ""


def unnamed(one: Delivered) -> Delivered:
    """Return it without questionnaire numbers, as records keep it."""
    return replace(one, changes=tuple(replace(change, questionnaires=()) for change in one.changes))


def told(one: Delivered) -> list[str]:
    """Say what a delivery is beside the one before, in a few lines: what it is, what changed, what to look at."""
    if one.kind == RESENT:
        return [f"{one.file} was sent again: {one.beside}"]
    what = f"{one.file} takes the place of {one.beside}" if one.kind == REPLACED else f"{one.file} beside {one.beside}"
    lines = [f"{what}: {one.verdict}"]
    if one.kind == REPLACED:
        lines.append(inside(one.changes))
    lines += [text for change in one.changes if (text := numbers(change))]
    lines += [
        f"{f.verdict} {f.check_id}: {f.detail}{'; ' * bool(f.accepted)}{f.accepted}"
        for f in one.findings
        if f.verdict != OK
    ]
    return lines


def noteworthy(found: Sequence[Delivered]) -> list[Delivered]:
    """Return what somebody should look at: all but new files that are as expected."""
    return [one for one in found if one.kind != NEW or one.verdict != OK]
