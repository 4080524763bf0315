"""Waiving a rule for one refused row: an entry is added to the survey's `waivers.yaml`, and nothing else is touched."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from schemas import waivers
from schemas.declaration import Declaration
from schemas.errors import KinscaleError
from schemas.waivers import Waiver
from tasks.remedies import cells, rules

LONGEST = timedelta(days=366)
"""Nobody answers for a row for longer without looking again."""
HEADER = "# Rows that may break a rule until a day: who answers for them, and why. See docs/surveys.md.\n"


def check_until(until: date, today: date) -> str | None:
    """Say what is wrong with the last day of a waiver, or None."""
    if until < today:
        return f"{until} is past; today is {today} (UTC)"
    if until > today + LONGEST:
        return f"{until} is more than a year ahead; a waiver is renewed, not given for ever"
    return None


def waive(row: Mapping[str, Any], declaration: Declaration, by: str, reason: str, until: date) -> list[Waiver]:
    """Add an entry for each rule that a row broke. Returns them.

    Raises KinscaleError when a rule cannot be waived, or the file cannot be added to.
    """
    if blocking := [rule for rule in rules(row) if rule not in waivers.waivable()]:
        raise KinscaleError(
            f"rule {', '.join(blocking)} cannot be waived: the row could not be counted.",
            file=str(row["file"]),
            row=int(row["source_row"]),
            expected="one of " + ", ".join(sorted(waivers.waivable())),
            next_step="Correct it instead: ./kinscale quarantine show has the entry to fill in.",
        )
    named = _named(row, declaration)
    entries = [Waiver(**named, rule=rule, by=by, reason=reason, until=until) for rule in rules(row)]
    with _alone(declaration.folder):
        _append(declaration, entries)
    return entries


def _named(row: Mapping[str, Any], declaration: Declaration) -> dict[str, Any]:
    """Name a row by its file and questionnaire number, else by its place."""
    named: dict[str, Any] = {"country": row["country"], "file": row["file"]}
    number = row.get("questionnaire_id") or ""
    if not number:
        delivered = cells(row) or {}
        headers = [s.columns.get("questionnaire_id") for s in declaration.sources if s.country == row["country"]]
        number = next((delivered[header].strip() for header in headers if header in delivered), "")
    return {**named, "questionnaire": number} if number else {**named, "source_row": int(row["source_row"])}


def _append(declaration: Declaration, entries: list[Waiver]) -> None:
    """Add entries below what is there, comments and all, and put the new file in its place at once."""
    path = declaration.folder / waivers.NAME
    countries = list(declaration.countries)
    before = waivers.read(declaration.folder, countries)
    text = path.read_text(encoding="utf-8") if path.exists() else HEADER
    new = path.with_name(f".{waivers.NAME}.new")
    new.mkdir(exist_ok=True)
    try:
        written = new / waivers.NAME
        with written.open("w", encoding="utf-8") as handle:
            handle.write(text.rstrip("\n") + "\n" + "".join(map(_block, entries)))
            handle.flush()
            os.fsync(handle.fileno())
        told = [entry.model_dump() for entry in waivers.read(new, countries)]
        if told != [entry.model_dump() for entry in (*before, *entries)]:
            raise KinscaleError(
                "an entry cannot be added below what is there.",
                file=str(path),
                expected="a list of entries that begin with `- country: ...`",
                next_step="Add by hand:\n" + "".join(map(_block, entries)),
            )
        written.replace(path)
    finally:
        (new / waivers.NAME).unlink(missing_ok=True)
        new.rmdir()


def _block(entry: Waiver) -> str:
    lines: list[str] = []
    for key, value in entry.model_dump(exclude_none=True).items():
        shown = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
        lines.append(f"{'-' if not lines else ' '} {key}: {shown}\n")
    return "".join(lines)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time add to the files of a survey. Raises KinscaleError where nobody may write."""
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
    except OSError as error:
        raise KinscaleError(
            f"an entry cannot be written here: {error}.",
            file=str(folder / waivers.NAME),
            next_step="Waive where the survey is kept, and bring the file here.",
        ) from error
