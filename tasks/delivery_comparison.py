"""Is it the delivery we expected: files about to be accepted are judged, and what is refused is as if it had not come.

Lives here: what is compared with what, and the transaction. Not here: the verdicts of the checks (`delivery_verdicts`),
and how profiles and changes are read from the rows (warehouse).
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from schemas import accepted_deliveries, delivery_checks, instrument
from schemas.batch import Load, PulledFile
from schemas.declaration import Declaration, Source
from schemas.delivery_checks import OK, REFUSE
from schemas.delivery_record import Changed, Delivered, Finding, numbers
from schemas.errors import DeliveryUnexpected, KinscaleError
from schemas.instrument import Instrument
from tasks import delivery_verdicts
from warehouse import changed_rows, delivery_changes, delivery_profile, delivery_records, pseudonym_keys
from warehouse.build import Warehouse
from warehouse.delivery_changes import Replaced
from warehouse.delivery_profile import Profile

Landing = Callable[[Sequence[str]], list[Load]]
Changes = Mapping[str, Sequence[tuple[Changed, list[Any]]]]
COUNTED = "a release has counted these bytes"
MOST_NAMED = 3
"""Refused checks whose entry an error writes out."""


class _Unexpected(Exception):  # noqa: N818 - it carries what was judged out of a transaction that is undone
    def __init__(self, judged: Mapping[str, Delivered], changes: Changes, refused: Mapping[str, KinscaleError]) -> None:
        super().__init__("some files are not what was expected")
        self.judged, self.changes, self.refused = judged, changes, refused


def landed(
    warehouse: Warehouse, coming: Mapping[str, tuple[Load, PulledFile]], declaration: Declaration, landing: Landing
) -> list[Load | KinscaleError]:
    """Land files of one source and judge them within the transaction, which is undone for those that are refused.

    coming: the files by load_id; of their loads the rows need not be counted yet.  landing: replaces the rows of the
    files with these load_ids, and returns their loads in this order.
    Returns for each file its load, or DeliveryUnexpected; then its version before is in force as it was.
    """
    ends: dict[str, Load | KinscaleError] = {}
    left = dict(coming)
    while left:
        try:
            with warehouse.transaction():
                ends |= {load.load_id: load for load in _land(warehouse, left, declaration, landing)}
            break
        except _Unexpected as found:
            ends |= found.refused
            loads = {name: left.pop(name)[0] for name in found.refused}
            delivery_records.record(warehouse, declaration.id, [found.judged[name] for name in loads])
            delivery_changes.record(warehouse, loads, {n: c for n, c in found.changes.items() if n in loads})
    return [ends[name] for name in coming]


def _land(
    warehouse: Warehouse, named: Mapping[str, tuple[Load, PulledFile]], declaration: Declaration, landing: Landing
) -> list[Load]:
    """Land and judge files. Raises _Unexpected for those that a check refuses."""
    files = {name: file for name, (_, file) in named.items()}
    source = declaration.sources[next(iter(files.values())).source]
    kind = instrument.find(declaration.instrument)
    standing = delivery_changes.standing(warehouse, [load for load, _ in named.values()])
    foreign = pseudonym_keys.loads_before(warehouse, declaration.id)
    replaced = {
        new: old for new, old in standing.items() if old.sha256 != files[new].sha256 and old.load_id not in foreign
    }
    delivery_changes.keep_before(warehouse, replaced)
    coming = {load.load_id: load for load in landing(list(named))}
    after = delivery_profile.of_loads(warehouse, [*coming.values()], kind)
    changes = delivery_changes.inside(warehouse, replaced, kind)
    found = _judged(warehouse, coming, standing, replaced, after, changes, declaration, source, kind)
    judged = {name: _accepted(one, files[name]) for name, one in found.items()}
    refused = {name: _error(one, declaration.id) for name, one in judged.items() if one.verdict == REFUSE}
    if refused:
        raise _Unexpected(judged, changes, refused)
    delivery_profile.keep(warehouse, [*coming.values()], after, source.path)
    delivery_records.record(warehouse, declaration.id, [*judged.values()])
    delivery_changes.record(warehouse, coming, changes)
    delivery_changes.forget_before(warehouse, replaced)
    return [*coming.values()]


def _judged(
    warehouse: Warehouse,
    coming: Mapping[str, Load],
    standing: Replaced,
    replaced: Replaced,
    after: Mapping[str, Profile],
    changes: Changes,
    declaration: Declaration,
    source: Source,
    kind: Instrument,
) -> dict[str, Delivered]:
    """Return what is said of each file that is a delivery; one that is only read again is none."""
    checks = delivery_checks.chosen(declaration.delivery_checks, source.delivery_checks)
    found: dict[str, Delivered] = {}
    if replaced:
        before = delivery_profile.of_loads(warehouse, [*replaced.values()], kind, changed_rows.BEFORE)
        for new, old in replaced.items():
            inside = [change for change, _ in changes[new]]
            profiles = (after[new], before[old.load_id])
            found[new] = delivery_verdicts.of_replaced(coming[new], old, *profiles, inside, checks, kind)
    fresh = [load for name, load in coming.items() if name not in standing]
    most = delivery_checks.earlier().at_most
    earlier = delivery_profile.earlier(warehouse, declaration.id, source.path, most) if fresh else []
    if earlier:
        found |= delivery_verdicts.of_new(fresh, after, earlier, source.path, checks, kind)
    return found


def _accepted(one: Delivered, file: PulledFile) -> Delivered:
    """Mark the findings that somebody accepts, or that a release has counted all the same."""
    told = {entry.check: entry.told for entry in file.accepted}

    def marked(finding: Finding) -> Finding:
        why = told.get(finding.check_id) or (COUNTED if file.counted and finding.verdict == REFUSE else "")
        return replace(finding, accepted=why) if why and finding.verdict != OK else finding

    return replace(one, findings=tuple(map(marked, one.findings)))


def _error(one: Delivered, survey_id: str) -> DeliveryUnexpected:
    """Say why a version is refused, and the entry that would accept it."""
    refused = [finding for finding in one.findings if finding.verdict == REFUSE and not finding.accepted]
    day = datetime.now(UTC).date()
    entries = [
        accepted_deliveries.line(one.country, one.file, one.sha256, finding.check_id, day)
        for finding in refused[:MOST_NAMED]
    ]
    told = [f"{finding.detail} ({finding.check_id})" for finding in refused]
    told += [numbers(change) for change in one.changes if change.kind == "removed"]
    return DeliveryUnexpected(
        f"it is not the new version that was expected: {'; '.join(told)}.",
        file=one.file,
        expected="; ".join(f"{f.check_id} {f.value:.3g}, at most {f.refuse:g}" for f in refused),
        next_step="The version before stays in force. Look: ./kinscale deliveries show "
        f"{shlex.quote(one.file)} --survey {survey_id}    If it is right, add to {accepted_deliveries.NAME} and run "
        "again:\n" + "\n".join(entries),
        facts={"checks": [finding.check_id for finding in refused], "sha256": one.sha256},
    )
