"""A notice made from a night's record: what is told, and where the rest is."""

from __future__ import annotations

import hashlib
import uuid

from flows.notices.notice import Notice
from schemas.night_record import NightRecord
from warehouse.home import Home

NEXT = {
    "published": "Compare it with the release before: ./kinscale diff",
    "unchanged": "There is nothing to do.",
    "refused": "Look at the candidate, correct the cause or give a reason, and run again (docs/quality.md).",
    "failed": "What each code means and what to do: docs/errors.md",
}


def compose(record: NightRecord, line: str, home: Home) -> Notice:
    """Return the notice of a night; its name is made from the night, so that a receiver can tell a second try."""
    places = [f"Release    {home.releases / record.release_id}"] if record.release_id else []
    places += [f"Candidate  {home.candidates / record.candidate}"] if record.candidate else []
    places += [f"Summary    {home.nights / record.run_id / 'summary.md'}"] if record.run_id else []
    name = hashlib.sha256(f"{record.survey_id} {record.run_id} {record.began}".encode()).hexdigest()[:32]
    return Notice(name, line, "\n".join([*places, "", NEXT[record.endings[0]]]).strip(), content(record, line))


def content(record: NightRecord, line: str) -> dict[str, object]:
    """Return what a webhook is told: the line, and the same as values."""
    changed = record.diff.counts if record.diff else {}
    return {
        "line": line,
        "survey": record.survey_id,
        "outcome": record.endings[0],
        "endings": list(record.endings),
        "run_id": record.run_id,
        "began": record.began,
        "ended": record.ended,
        "release_id": record.release_id,
        "content_sha256": record.content_sha256,
        "is_new_release": record.is_new_release,
        "counts": record.counts,
        "changed_cells": dict(changed),
        "errors": [refusal.code for refusal in record.refusals],
    }


def trial() -> Notice:
    """Return a notice that says it is a trial."""
    line = "kinscale: this is a trial; notices from this machine arrive."
    return Notice(
        uuid.uuid4().hex, line, "Somebody ran ./kinscale doctor --notify-test.", {"line": line, "outcome": "trial"}
    )
