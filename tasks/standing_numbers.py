"""The part of the gate that knows history: final numbers change for a reason, and what was withdrawn stays so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd

from schemas.declaration import Declaration
from schemas.reason import Reason
from schemas.result_tables import conform
from tasks.gates.check import Check
from warehouse import release as folders
from warehouse.release import Published

NEEDS_A_REASON = ("final_numbers_change_for_a_reason", "withdrawn_content_returns_for_a_reason")
"""Checks that `--reason` satisfies."""


def with_history(
    quality: pd.DataFrame,
    changed: pd.DataFrame | None,
    previous: Sequence[Published],
    content: str,
    declaration: Declaration,
    reason: Reason | None,
    day: date,
) -> pd.DataFrame:
    """Add to `quality` what depends on earlier releases. changed: cells that differ from the release in force."""
    if not previous:
        return quality
    standing = folders.standing(previous)
    same = bool(standing) and standing[-1].manifest["content_sha256"] == content
    checks = [*_final(declaration, 0 if changed is None else len(changed), same or not standing, reason, day)]
    checks += _withdrawn(previous, content, same, reason)
    release_id = quality["release_id"].iloc[0]
    rows = pd.DataFrame([vars(check) for check in checks]).assign(release_id=release_id)
    return conform("quality", pd.concat([part for part in (quality, rows) if len(part)], ignore_index=True))


def _final(declaration: Declaration, cells: int, same: bool, reason: Reason | None, day: date) -> Iterator[Check]:
    """Final numbers stay as they are unless somebody says why; provisional ones are expected to move."""
    detail = f"{cells:,} cells differ from the release in force"
    if not declaration.is_final(day):
        until = f", until {declaration.freeze_date}" if declaration.freeze_date else ""
        verdict, detail = "passed", f"{detail}; numbers are provisional{until}"
    elif same:
        verdict = "passed"
    elif reason:
        verdict, detail = "noted", f"{detail}; reason: {reason.text}"
    else:
        verdict, detail = "refused", f"{detail}; numbers are final since {declaration.freeze_date}"
    yield Check("revision", NEEDS_A_REASON[0], "all methods", cells, None, verdict, detail)


def _withdrawn(previous: Sequence[Published], content: str, same: bool, reason: Reason | None) -> Iterator[Check]:
    """What was withdrawn is not published again by the next night, which finds the same files."""
    for release in previous:
        if release.tombstone and release.manifest["content_sha256"] == content and not same:
            detail = f"equal to {release.release_id}, which was withdrawn: {release.tombstone['reason']}"
            verdict = "noted" if reason else "refused"
            yield Check("revision", NEEDS_A_REASON[1], release.release_id, 1, 0, verdict, detail)
