"""Loads: one row per file that was taken in or refused, and the rows that belong to it, replaced together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from schemas.batch import Batch, Load
from warehouse import life_cycle
from warehouse.build import Warehouse

_COLUMNS = [field.name for field in fields(Load)]
_NAMING = [
    *((table, "load_id") for table in ("interviews", "quarantine", "edits", "loads")),
    ("quarantine", "closed_by"),
    ("replacements", "load_id"),
    ("replacements", "replaced_by"),
]
"""Columns that name a load."""
_FORGET = "DELETE FROM loads WHERE survey_id = $survey AND uri = $uri AND status = 'refused'"


def current(warehouse: Warehouse, survey_id: str) -> dict[str, Load]:
    """Return the loads that count now, landed and refused, by load_id."""
    rows = warehouse.rows(
        f"SELECT {', '.join(_COLUMNS)} FROM loads WHERE survey_id = $survey AND status <> 'replaced' ORDER BY load_id",
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


def corrected(warehouse: Warehouse, survey_id: str) -> set[tuple[str, str, str]]:
    """Return (country, questionnaire number, column) of every correction that was made in the files in force."""
    rows = warehouse.rows(
        """SELECT DISTINCT country, questionnaire_id, column_name FROM edits JOIN loads USING (load_id)
           WHERE loads.survey_id = $survey AND status = 'landed' AND rule = 'correction'""",
        survey=survey_id,
    )
    return {(row["country"], row["questionnaire_id"], row["column_name"]) for row in rows}


def uri_of(warehouse: Warehouse, load_id: str) -> str:
    """Return the address of the file that a load took in."""
    return str(warehouse.rows("SELECT uri FROM loads WHERE load_id = $load", load=load_id)[0]["uri"])


def last_pulled(warehouse: Warehouse, survey_id: str) -> list[dict[str, Any]]:
    """Return uri, name, country, sha256 and bytes of the last version of every file that was taken in or refused."""
    return warehouse.rows(
        """SELECT uri, name, country, sha256, bytes FROM raw_files
           JOIN (SELECT uri, arg_max(country, loaded_at) AS country FROM loads WHERE survey_id = $survey GROUP BY uri)
           USING (uri)
           WHERE survey_id = $survey ORDER BY uri""",
        survey=survey_id,
    )


def replace(warehouse: Warehouse, load: Load, batch: Batch) -> None:
    """Put one file's rows in the place of those the same file brought before, in one transaction or in the caller's.

    Refused rows of the version before are closed and stay for ever; a load that is in force already stays untouched.
    """
    mark, now = {"load_id": load.load_id, "survey_id": load.survey_id}, _now()
    with warehouse.transaction():
        warehouse.execute(_FORGET, survey=load.survey_id, uri=load.uri)
        if _stands(warehouse, load, batch):
            return
        _set_aside(warehouse, load.load_id)
        before = _in_force(warehouse, load)
        quarantined, endings = life_cycle.succeed(warehouse, load, batch, before, now)
        _retire(warehouse, load, before)
        _insert_load(warehouse, load)
        warehouse.insert("interviews", batch.accepted.assign(**mark))
        life_cycle.close(warehouse, endings, load.load_id, now)
        if len(quarantined):
            warehouse.insert("quarantine", quarantined.assign(**mark, country=load.country, file=load.file))
        if len(batch.edits):
            warehouse.insert("edits", batch.edits.assign(**mark))


def refuse(warehouse: Warehouse, load: Load) -> None:
    """Record that a file was refused as a whole; rows it brought before, in an earlier version, stay in force."""
    with warehouse.transaction():
        warehouse.execute(_FORGET, survey=load.survey_id, uri=load.uri)
        _set_aside(warehouse, load.load_id)
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


def _stands(warehouse: Warehouse, load: Load, batch: Batch) -> bool:
    """Tell whether just these rows are in force already."""
    columns = ", ".join(_COLUMNS)
    landed = warehouse.rows(
        f"SELECT {columns} FROM loads WHERE load_id = $load AND status = 'landed'", load=load.load_id
    )
    if [_load(row) for row in landed] != [load]:
        return False
    accepted = warehouse.rows("SELECT count(*) AS n FROM interviews WHERE load_id = $load", load=load.load_id)[0]["n"]
    refused = warehouse.rows("SELECT source_row, rule FROM quarantine WHERE load_id = $load", load=load.load_id)
    rows = zip(batch.quarantined["source_row"], batch.quarantined["rule"], strict=True)
    return accepted == len(batch.accepted) and {(r["source_row"], r["rule"]) for r in refused} == set(rows)


def _set_aside(warehouse: Warehouse, load_id: str) -> None:
    """Free the name of a load that lands again, as when a file returns to an earlier version; the one before keeps its
    rows under a numbered name.
    """
    earlier = warehouse.rows("SELECT status FROM loads WHERE load_id = $load", load=load_id)
    if earlier and earlier[0]["status"] == "refused":
        warehouse.execute("DELETE FROM loads WHERE load_id = $load", load=load_id)
    elif earlier:
        again = warehouse.rows("SELECT count(*) AS n FROM loads WHERE load_id LIKE $load || '.%'", load=load_id)
        name = f"{load_id}.{again[0]['n'] + 1}"
        for table, column in _NAMING:
            warehouse.execute(f"UPDATE {table} SET {column} = $name WHERE {column} = $load", name=name, load=load_id)


def _in_force(warehouse: Warehouse, load: Load) -> list[str]:
    rows = warehouse.rows(
        "SELECT load_id FROM loads WHERE survey_id = $survey AND uri = $uri AND status = 'landed'",
        survey=load.survey_id,
        uri=load.uri,
    )
    return [row["load_id"] for row in rows]


def _retire(warehouse: Warehouse, load: Load, before: Sequence[str]) -> None:
    """Take the loads of a file's version before out of force: their interviews go, their refused rows stay."""
    for table in ("interviews", "edits"):
        warehouse.execute(f"DELETE FROM {table} WHERE list_contains($before, load_id)", before=list(before))
    warehouse.execute("UPDATE loads SET status = 'replaced' WHERE list_contains($before, load_id)", before=list(before))
    for earlier in before:
        warehouse.execute("INSERT INTO replacements VALUES ($old, $new)", old=earlier, new=load.load_id)


def _insert_load(warehouse: Warehouse, load: Load) -> None:
    row = {**vars(load), "reasons": json.dumps(load.reasons), "edits": json.dumps(load.edits), "loaded_at": _now()}
    values = ", ".join(f"${name}" for name in row)
    warehouse.execute(f"INSERT INTO loads ({', '.join(row)}) VALUES ({values})", **row)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
