"""A night's record as Prefect artifacts: the text of the summary, under keys that stay from night to night."""

from __future__ import annotations

import re

from prefect.artifacts import create_markdown_artifact

from reports import night_summary
from reports.outcome_line import line
from schemas.night_record import NightRecord


def publish(record: NightRecord) -> None:
    """Hand the parts of the summary to the server, each under its key. Without news only the line is handed on."""
    said = line(record)
    create_markdown_artifact(said, key=key("night", record.survey_id), description="How the night ended")
    if not record.run_id:
        return
    create_markdown_artifact(
        night_summary.validation(record), key=key("validation", record.survey_id), description=said
    )
    create_markdown_artifact(
        night_summary.quarantine(record), key=key("quarantine", record.survey_id), description=said
    )
    if record.deliveries:
        create_markdown_artifact(
            night_summary.deliveries(record), key=key("deliveries", record.survey_id), description=said
        )
    if record.diff:
        create_markdown_artifact(night_summary.diff(record.diff), key=key("diff", record.diff.after), description=said)


def key(kind: str, name: str) -> str:
    """Return a key as Prefect takes them: lower case, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", f"{kind}-{name}".lower()).strip("-")
