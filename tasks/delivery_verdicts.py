"""The verdicts of the checks on a delivery: sizes, questionnaires that are gone, shares of codes and zeros, days.

Lives here: from profiles to findings with a sentence each. Not here: what happens to a file that is refused.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from schemas import delivery_checks
from schemas.batch import Load
from schemas.delivery_checks import OK, Check
from schemas.delivery_record import NEW, REPLACED, Changed, Delivered, Finding
from schemas.instrument import Instrument
from warehouse.delivery_profile import Profile

if TYPE_CHECKING:
    import numpy as np

Checks = Mapping[str, Check]
_SIZES = {"size": ("bytes", "bytes"), "rows": ("read", "rows")}


def of_replaced(
    load: Load, old: Load, after: Profile, before: Profile, inside: Sequence[Changed], checks: Checks, kind: Instrument
) -> Delivered:
    """Judge a new version of a file beside the one in force. inside: what changed from one to the other."""
    findings = [_size(name, after, [before], checks) for name in _SIZES]
    findings += _overlap(before, inside, checks)
    for name, columns in _columns(kind).items():
        findings.append(_shares(checks[name], columns, [after], [before])[0])
    findings += _days_lost(after, before, checks)
    beside = f"its version before ({old.sha256[:12]})"
    return replace(_delivered(load, REPLACED, beside, findings), changes=tuple(inside))


def of_new(
    loads: Sequence[Load],
    after: Mapping[str, Profile],
    earlier: Sequence[Profile],
    source: str,
    checks: Checks,
    kind: Instrument,
) -> dict[str, Delivered]:
    """Judge files of a new name, all at once, beside the files of their source that came before. Refuses none."""
    told = {
        name: _shares(checks[name], cols, [after[x.load_id] for x in loads], earlier, False)
        for name, cols in _columns(kind).items()
    }
    beside = f"{len(earlier):,} earlier files of {source}" if len(earlier) > 1 else f"the earlier file of {source}"
    found = {}
    for number, load in enumerate(loads):
        mine = after[load.load_id]
        findings = [_size(name, mine, earlier, checks, False) for name in _SIZES]
        findings += [part[number] for part in told.values()] + _gap(mine, earlier, checks)
        found[load.load_id] = _delivered(load, NEW, beside, findings)
    return found


def _delivered(load: Load, kind: str, beside: str, findings: Sequence[Finding]) -> Delivered:
    return Delivered(load.country, load.file, load.uri, load.sha256, kind, beside, tuple(findings))


def _columns(kind: Instrument) -> dict[str, list[str]]:
    return {"code_frequencies": [*kind.CODED], "share_of_zeros": ["cases"], "share_of_missing": [*kind.COUNTS]}


def _finding(check: Check, value: float, detail: str, may_refuse: bool = True, is_sure: bool = True) -> Finding:
    verdict = check.verdict(value, may_refuse) if is_sure else OK
    return Finding(check.check_id, value, verdict, detail, check.warn, check.refuse if may_refuse else None)


def _size(name: str, after: Profile, before: Sequence[Profile], checks: Checks, may_refuse: bool = True) -> Finding:
    part, unit = _SIZES[name]
    now, usual = after["size"][part], statistics.median(profile["size"][part] for profile in before)
    ratio = max(now, usual) / max(min(now, usual), 1)
    return _finding(checks[name], ratio, f"{now:,.0f} {unit}, before {usual:,.0f}", may_refuse)


def _overlap(before: Profile, inside: Sequence[Changed], checks: Checks) -> list[Finding]:
    """Judge how many questionnaires are gone, and how many of the others have other cells."""
    number = {change.kind: change for change in inside if change.kind != "cells"}
    all_before = before["size"]["accepted"]
    gone, other = ((number[kind].number if kind in number else 0) for kind in ("removed", "questionnaires"))
    left = all_before - sum(number[k].number for k in ("removed", "refused_now", "held_elsewhere") if k in number)
    check = checks["key_overlap"]
    may_refuse = gone >= check.refuse_from
    lost = f"{gone:,} of {all_before:,.0f} questionnaires are gone"
    changed = f"{other:,} of {left:,.0f} questionnaires in both versions have other cells"
    return [
        _finding(check, gone / all_before if all_before else 0.0, lost, may_refuse),
        _finding(checks["answers_changed"], other / left if left else 0.0, changed),
    ]


def _shares(
    check: Check, columns: Sequence[str], after: Sequence[Profile], before: Sequence[Profile], may_refuse: bool = True
) -> list[Finding]:
    """Judge the shares of categories of columns, of all files at once: chance first, then how far apart they are."""
    import numpy as np

    from estimators import delivery_differences as differences

    distance, p, asked = (np.zeros((len(columns), len(after))) for _ in range(3))
    for n, column in enumerate(columns):
        new, old = _counts(column, after, before)
        distance[n], p[n] = differences.distances(new, old), differences.p_values(new, old)
        asked[n] = _asked(differences.largest_before(old), len(before), may_refuse)
    is_sure = (p * len(columns) <= (check.false_alarms or 1)) & (distance > asked)
    told = np.where(is_sure, distance + 1, distance).argmax(axis=0)  # of columns beyond chance the furthest
    findings = []
    for file, profile in enumerate(after):
        column = columns[told[file]]
        value, sure = float(distance[told[file], file]), bool(is_sure[told[file], file])
        detail = _furthest(column, profile, before) + ("" if sure or not value else ", which chance explains")
        findings.append(_finding(check, value, detail, may_refuse, sure))
    return findings


def _asked(largest: float, n_before: int, is_replacement: bool) -> float:
    """Return the distance that the files of a source are used to; a version is compared with the one before only."""
    rule = delivery_checks.earlier()
    if is_replacement:
        return 0.0
    usual = rule.beyond * largest
    return usual if n_before >= rule.enough else max(usual, rule.few_distance)


def _counts(column: str, after: Sequence[Profile], before: Sequence[Profile]) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    categories = sorted({code for profile in (*after, *before) for code in profile.get(column, {})})

    def table(profiles: Sequence[Profile]) -> np.ndarray:
        rows = [[profile.get(column, {}).get(code, 0.0) for code in categories] for profile in profiles]
        return np.array(rows, dtype=float).reshape(len(profiles), len(categories))

    return table(after), table(before)


def _furthest(column: str, after: Profile, before: Sequence[Profile]) -> str:
    """Name the category of a column whose share differs most."""
    new, old = _counts(column, [after], before)
    categories = sorted({code for profile in (after, *before) for code in profile.get(column, {})})
    if not categories or not new.sum() or not old.sum():
        return f"{column}: no row to compare"
    now, then = new[0] / new.sum(), old.sum(axis=0) / old.sum()
    n = int(abs(now - then).argmax())
    return f"{column} {categories[n]}: {now[n]:.0%} of the rows, before {then[n]:.0%}"


def _days(profile: Profile) -> tuple[float, float] | None:
    return (profile["day"]["first"], profile["day"]["last"]) if "day" in profile else None


def _days_lost(after: Profile, before: Profile, checks: Checks) -> list[Finding]:
    now, then = _days(after), _days(before)
    if now is None or then is None:
        return []
    lost = max(now[0] - then[0], then[1] - now[1], 0.0)
    return [_finding(checks["date_range"], lost, _told(now, then))]


def _gap(after: Profile, earlier: Sequence[Profile], checks: Checks) -> list[Finding]:
    """Judge how many days lie between a new file and those before it."""
    now, before = _days(after), [days for profile in earlier if (days := _days(profile))]
    if now is None or not before:
        return []
    then = (min(first for first, _ in before), max(last for _, last in before))
    gap = max(now[0] - then[1], then[0] - now[1], 0.0)
    return [_finding(checks["date_range"], gap, _told(now, then), False)]


def _told(now: tuple[float, float], then: tuple[float, float]) -> str:
    shown: Callable[[float], str] = lambda day: str(date(1970, 1, 1) + timedelta(days=int(day)))  # noqa: E731
    return f"{shown(now[0])} to {shown(now[1])}, before {shown(then[0])} to {shown(then[1])}"
