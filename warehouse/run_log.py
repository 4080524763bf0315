"""The run log: written as failed when a run begins, flipped when it ends, so a kill leaves the truth on disk."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from warehouse.build import Warehouse


def begin(warehouse: Warehouse, survey_id: str, fingerprint: str) -> str:
    """Write the run as failed and return its run_id."""
    newest = warehouse.rows("SELECT max(started_at) AS at FROM run_log")[0]["at"]
    now = datetime.now(UTC).replace(tzinfo=None)
    now = max(now, newest + timedelta(microseconds=1)) if newest else now  # a clock that went back changes no order
    run_id = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    warehouse.execute(
        "INSERT INTO run_log VALUES ($run, $survey, $now, NULL, 'failed', $fingerprint, NULL, 'did not reach its end')",
        run=run_id,
        survey=survey_id,
        now=now,
        fingerprint=fingerprint,
    )
    return run_id


def end(warehouse: Warehouse, run_id: str, status: str, fingerprint: str, release_id: str | None, message: str) -> None:
    """Flip the run to how it ended."""
    warehouse.execute(
        """UPDATE run_log SET finished_at = $now, status = $status, fingerprint = $fingerprint,
           release_id = $release, message = $message WHERE run_id = $run""",
        run=run_id,
        now=datetime.now(UTC).replace(tzinfo=None),
        status=status,
        fingerprint=fingerprint,
        release=release_id,
        message=message,
    )


def last_complete(warehouse: Warehouse, survey_id: str) -> str | None:
    """Return the fingerprint of the last run if it reached its end, else None: a broken run must be done again."""
    rows = warehouse.rows(
        """SELECT status, fingerprint FROM run_log WHERE survey_id = $survey
           ORDER BY started_at DESC, run_id DESC LIMIT 1""",
        survey=survey_id,
    )
    return rows[0]["fingerprint"] if rows and rows[0]["status"] != "failed" else None


def standing_refusal(warehouse: Warehouse, survey_id: str) -> str | None:
    """Return the message of the last run if a gate refused it, else None: until something changes it stands."""
    rows = warehouse.rows(
        """SELECT status, message FROM run_log WHERE survey_id = $survey
           ORDER BY started_at DESC, run_id DESC LIMIT 1""",
        survey=survey_id,
    )
    return rows[0]["message"] if rows and rows[0]["status"] == "refused" else None
