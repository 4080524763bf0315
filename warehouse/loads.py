"""Loads: one row per file that was taken in or refused, and the rows that belong to it, replaced together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from schemas.batch import Batch, Load
from warehouse.build import Warehouse

_ROW_TABLES = ("interviews", "quarantine", "edits")


def current(warehouse: Warehouse, survey_id: str) -> dict[str, Load]:
    """Return the loads that count now, landed and refused, by load_id."""
    rows = warehouse.rows(
        "SELECT * EXCLUDE (loaded_at) FROM loads WHERE survey_id = $survey AND status <> 'replaced' ORDER BY load_id",
        survey=survey_id,
    )
    return {row["load_id"]: _load(row) for row in rows}


def _load(row: dict[str, Any]) -> Load:
    return Load(**{**row, "reasons": json.loads(str(row["reasons"])), "edits": json.loads(str(row["edits"]))})


def questionnaires_elsewhere(warehouse: Warehouse, survey_id: str, country: str, uri: str) -> frozenset[str]:
    """Return the questionnaire numbers of a country that other files than `uri` have brought."""
    rows = warehouse.rows(
        """SELECT questionnaire_id FROM interviews JOIN loads USING (load_id)
           WHERE loads.survey_id = $survey AND loads.country = $country AND uri <> $uri AND status = 'landed'""",
        survey=survey_id,
        country=country,
        uri=uri,
    )
    return frozenset(row["questionnaire_id"] for row in rows)


def replace(warehouse: Warehouse, load: Load, batch: Batch) -> None:
    """Put one file's rows in the place of those the same file brought before, in one transaction."""
    mark = {"load_id": load.load_id, "survey_id": load.survey_id}
    opened = {"country": load.country, "file": load.file, "status": "open", "opened_at": _now()}
    with warehouse.transaction():
        _retire(warehouse, load)
        _insert_load(warehouse, load)
        warehouse.insert("interviews", batch.accepted.assign(**mark))
        if len(batch.quarantined):
            warehouse.insert("quarantine", batch.quarantined.assign(**mark, **opened))
        if len(batch.edits):
            warehouse.insert("edits", batch.edits.assign(**mark))


def remove(warehouse: Warehouse, load: Load) -> None:
    """Take the rows of a file that was taken back out of what counts; its load stays, as one that was replaced."""
    with warehouse.transaction():
        for table in _ROW_TABLES:
            warehouse.execute(f"DELETE FROM {table} WHERE load_id = $load", load=load.load_id)
        warehouse.execute("UPDATE loads SET status = 'replaced' WHERE load_id = $load", load=load.load_id)


def refuse(warehouse: Warehouse, load: Load) -> None:
    """Record that a file was refused as a whole; rows it brought before, in an earlier version, stay in force."""
    with warehouse.transaction():
        warehouse.execute(
            "DELETE FROM loads WHERE survey_id = $survey AND uri = $uri AND status = 'refused'",
            survey=load.survey_id,
            uri=load.uri,
        )
        warehouse.execute("DELETE FROM loads WHERE load_id = $load", load=load.load_id)
        _insert_load(warehouse, load)


def forget_refusals(warehouse: Warehouse, survey_id: str, pulled: Sequence[str]) -> None:
    """Delete the refusals of versions that are no longer delivered: a file that was put right is not refused.

    pulled: the load_id of every file of tonight's delivery.
    """
    warehouse.execute(
        "DELETE FROM loads WHERE survey_id = $survey AND status = 'refused' AND NOT list_contains($pulled, load_id)",
        survey=survey_id,
        pulled=list(pulled),
    )


def _retire(warehouse: Warehouse, load: Load) -> None:
    previous = warehouse.rows(
        "SELECT load_id, status FROM loads WHERE survey_id = $survey AND uri = $uri AND status <> 'replaced'",
        survey=load.survey_id,
        uri=load.uri,
    )
    for row in previous:
        for table in _ROW_TABLES:
            warehouse.execute(f"DELETE FROM {table} WHERE load_id = $load", load=row["load_id"])
        if row["status"] == "refused":
            warehouse.execute("DELETE FROM loads WHERE load_id = $load", load=row["load_id"])
        else:
            warehouse.execute("UPDATE loads SET status = 'replaced' WHERE load_id = $load", load=row["load_id"])
    warehouse.execute("DELETE FROM loads WHERE load_id = $load", load=load.load_id)


def _insert_load(warehouse: Warehouse, load: Load) -> None:
    row = {**vars(load), "reasons": json.dumps(load.reasons), "edits": json.dumps(load.edits), "loaded_at": _now()}
    values = ", ".join(f"${name}" for name in row)
    warehouse.execute(f"INSERT INTO loads ({', '.join(row)}) VALUES ({values})", **row)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
