"""How a night ended, in one line for the subject of a mail: counts, codes and published totals, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from schemas.counted import counted
from schemas.night_record import NightRecord, Refusal, ReleaseDiff

MOST_FILES = 3
"""Refused files that a line names."""


def line(record: NightRecord) -> str:
    """Return the line, without a line break whatever a file is called."""
    told = {"published": _published, "unchanged": _unchanged, "refused": _refused, "failed": _failed}
    text = f"kinscale {record.survey_id}: {told[record.endings[0]](record)}"
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _published(record: NightRecord) -> str:
    return f"published {record.release_id}, {rows(record)}, {_changes(record.diff)}"


def _unchanged(record: NightRecord) -> str:
    stays = f"{record.release_id or 'no release'} stays in force"
    if record.refusals:
        return f"nothing new, and what was refused before still is ({codes(record.refusals)}); {stays}"
    if record.counts["new_files"]:
        return f"no number changed, {rows(record)}; {stays}"
    return f"nothing new; {stays}"


def _refused(record: NightRecord) -> str:
    checks = [check for refusal in record.refusals for check in refusal.checks]
    others = [refusal for refusal in record.refusals if refusal.code != "gate_refused"]
    why = f": {', '.join(checks)}" if checks else ""
    also = f"; also {codes(others)}" if others else ""
    return f"refused by the gate{why}{also}; {_stays(record)}"


def _failed(record: NightRecord) -> str:
    if record.is_new_release:
        return f"published {record.release_id} without everything ({codes(record.refusals)}), {rows(record)}"
    return f"failed: {codes(record.refusals)}; {_stays(record)}"


def _stays(record: NightRecord) -> str:
    return f"{record.release_id} stays in force" if record.release_id else "there is no release in force"


def rows(record: NightRecord) -> str:
    """Write the rows and files in force: `11,384 rows read, 36 quarantined, 5 files, 1 of them new`."""
    counts = record.counts
    new = f", {counts['new_files']} of them new" if counts["new_files"] else ""
    files = f"{counted(counts['files'], 'file')}{new}"
    return f"{counts['rows_read']:,} rows read, {counts['rows_quarantined']:,} quarantined, {files}"


def codes(refusals: tuple[Refusal, ...] | list[Refusal]) -> str:
    """Write errors by code and file: `missing_column KZ.csv, source_missing TJ.csv and 2 more`."""
    named = [f"{refusal.code} {refusal.file}".strip() for refusal in refusals]
    repeated = [f"{name} ({number} times)" if number > 1 else name for name, number in Counter(named).items()]
    more = f" and {len(repeated) - MOST_FILES} more" if len(repeated) > MOST_FILES else ""
    return ", ".join(repeated[:MOST_FILES]) + more


def _changes(diff: ReleaseDiff | None) -> str:
    if diff is None:
        return "the first release"
    what = "total" if diff.headline and diff.headline["indicator"] == "victims" else "number"
    largest = f" (largest national {what}: {moved(diff.headline)})" if diff.headline else ""
    return f"{diff.changed:,} cells changed{largest}"


def moved(cell: Mapping[str, Any]) -> str:
    """Write a total and how far it moved: `KZ victims inside +3.1 %`."""
    words = (cell["country"] or "all", cell["indicator"], cell["exploitation"], cell["location"], cell["sex"])
    shown = [str(word) for word in words if word and word != "all"]
    return " ".join([*(shown if cell["country"] else ["all together", *shown]), f"{cell['relative_change']:+.1%}"])
