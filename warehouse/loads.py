"""Loads: one row per file that was taken in or refused, and the rows that belong to it, replaced together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from schemas.batch import Batch, Load
from warehouse import code_version
from warehouse.build import Warehouse, statement

if TYPE_CHECKING:
    import pandas as pd

_ROW_TABLES = ("interviews", "quarantine", "edits")
_ABOUT = "EXCLUDE (loaded_at, code_commit, code_sha256)"
"""When, and by which code, a file was read: no part of what it came to."""


def current(warehouse: Warehouse, survey_id: str) -> dict[str, Load]:
    """Return the loads that count now, landed and refused, by load_id."""
    rows = warehouse.rows(
        f"SELECT * {_ABOUT} FROM loads WHERE survey_id = $survey AND status <> 'replaced' ORDER BY load_id",
        survey=survey_id,
    )
    return {row["load_id"]: _load(row) for row in rows}


def _load(row: dict[str, Any]) -> Load:
    return Load(**{**row, "reasons": json.loads(str(row["reasons"])), "edits": json.loads(str(row["edits"]))})


def remember_order(warehouse: Warehouse, uris: Sequence[str]) -> None:
    """Keep the order of tonight's listing for `holders` and `contested`; files not in it come before all others."""
    import pandas as pd

    warehouse.execute("CREATE OR REPLACE TEMP TABLE listing_order (uri VARCHAR, place BIGINT)")
    places = {"uri": pd.array(list(uris), dtype="str"), "place": range(len(uris))}
    warehouse.insert("listing_order", pd.DataFrame(places))


def holders(
    warehouse: Warehouse, survey_id: str, country: str, numbers: pd.Series, without: Sequence[str]
) -> dict[str, int]:
    """Return, of these questionnaire numbers, the place in the listing of the first file that holds each.

    without: URIs of files that are left out. A file that is no longer listed has place -1: it came before.
    """
    import pyarrow

    asked = pyarrow.table({"questionnaire_id": pyarrow.Array.from_pandas(numbers)})
    warehouse.connection.register("numbers_asked", asked)
    rows = warehouse.rows(
        """SELECT questionnaire_id, min(coalesce(place, -1)) AS place
           FROM interviews JOIN loads USING (load_id) LEFT JOIN listing_order USING (uri)
           WHERE loads.survey_id = $survey AND loads.country = $country AND loads.status = 'landed'
             AND uri NOT IN (SELECT unnest($without::VARCHAR[]))
             AND questionnaire_id IN (SELECT questionnaire_id FROM numbers_asked)
           GROUP BY questionnaire_id""",
        survey=survey_id,
        country=country,
        without=list(without),
    )
    warehouse.connection.unregister("numbers_asked")
    return {row["questionnaire_id"]: row["place"] for row in rows}


def contested(warehouse: Warehouse, survey_id: str, rule: str, message: str) -> list[int]:
    """Return the places of listed files whose rows do not follow from the order of the listing.

    They hold a questionnaire number that an earlier file holds as well, or were refused one that no earlier file holds
    any more: after a file came, changed or was put right that stands before them in the listing.
    rule, message: of a row whose number another file holds; `{value}` in the message stands for the number.
    """
    rows = warehouse.rows(statement("contested"), survey=survey_id, rule=rule, message=message)
    return [row["place"] for row in rows]


def replace(warehouse: Warehouse, landing: Sequence[tuple[Load, Batch]]) -> list[Load]:
    """Put the rows of files in the place of those the same files brought before, in one transaction."""
    with warehouse.transaction():
        for load in _standing(warehouse, [load for load, _ in landing]):
            _retire(warehouse, load)
        _insert_loads(warehouse, [load for load, _ in landing])
        for table, frames in _rows(landing).items():
            _insert(warehouse, table, frames)
    return [load for load, _ in landing]


def _rows(landing: Sequence[tuple[Load, Batch]]) -> dict[str, list[tuple[Load, pd.DataFrame]]]:
    return {
        "interviews": [(load, batch.accepted) for load, batch in landing],
        "quarantine": [(load, batch.quarantined) for load, batch in landing if len(batch.quarantined)],
        "edits": [(load, batch.edits) for load, batch in landing if len(batch.edits)],
    }


def _insert(warehouse: Warehouse, table: str, parts: Sequence[tuple[Load, pd.DataFrame]]) -> None:
    """Append the rows of several loads to a table, each with the marks of its load."""
    import numpy as np
    import pandas as pd

    if not parts:
        return
    marks = {"load_id": [load.load_id for load, _ in parts], "survey_id": [load.survey_id for load, _ in parts]}
    if table == "quarantine":
        marks |= {"country": [load.country for load, _ in parts], "file": [load.file for load, _ in parts]}
        marks |= {"status": ["open"] * len(parts)}
    sizes = [len(frame) for _, frame in parts]
    whole = pd.concat([frame for _, frame in parts], ignore_index=True)
    repeated = {name: pd.array(np.repeat(values, sizes), dtype="str") for name, values in marks.items()}
    opened = {"opened_at": _now()} if table == "quarantine" else {}
    warehouse.insert(table, whole.assign(**repeated, **opened))


def refuse(warehouse: Warehouse, refused: Sequence[Load]) -> None:
    """Record that files were refused as a whole; rows they brought before, in earlier versions, stay in force."""
    with warehouse.transaction():
        for load in _standing(warehouse, refused):
            warehouse.execute("DELETE FROM loads WHERE uri = $uri AND status = 'refused'", uri=load.uri)
            for table in (*_ROW_TABLES, "loads"):  # rows of this version, if it was accepted before
                warehouse.execute(f"DELETE FROM {table} WHERE load_id = $load", load=load.load_id)
        _insert_loads(warehouse, refused)


def rows_held(warehouse: Warehouse, load_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the rows accepted and quarantined that the warehouse holds, by load."""
    rows = warehouse.rows(
        """SELECT load_id, count(*) FILTER (accepted) AS accepted, count(*) FILTER (NOT accepted) AS quarantined
           FROM (SELECT load_id, true AS accepted FROM interviews
                 UNION ALL SELECT load_id, false FROM quarantine)
           WHERE load_id IN (SELECT unnest($loads)) GROUP BY load_id""",
        loads=list(load_ids),
    )
    return {row["load_id"]: (row["accepted"], row["quarantined"]) for row in rows}


def forget_refusals(warehouse: Warehouse, survey_id: str, pulled: Sequence[str]) -> None:
    """Delete the refusals of versions that are no longer delivered: a file that was put right is not refused.

    pulled: the load_id of every file of tonight's delivery.
    """
    warehouse.execute(
        """DELETE FROM loads WHERE survey_id = $survey AND status = 'refused'
           AND load_id NOT IN (SELECT unnest($pulled::VARCHAR[]))""",
        survey=survey_id,
        pulled=list(pulled),
    )


def read_again(warehouse: Warehouse, load_ids: Sequence[str]) -> None:
    """Take the name from loads whose files are read again under the same one, all together or none of them.

    Their rows stay, under a numbered name, until the file lands; a refusal is forgotten.
    """
    with warehouse.transaction():
        for load_id in load_ids:
            warehouse.execute("DELETE FROM loads WHERE load_id = $load AND status = 'refused'", load=load_id)
            again = warehouse.rows("SELECT count(*) AS n FROM loads WHERE load_id LIKE $load || '.%'", load=load_id)
            name = f"{load_id}.{again[0]['n'] + 1}"
            for table in (*_ROW_TABLES, "loads"):
                warehouse.execute(f"UPDATE {table} SET load_id = $name WHERE load_id = $load", name=name, load=load_id)


def _retire(warehouse: Warehouse, load: Load) -> None:
    previous = warehouse.rows(
        "SELECT load_id, status FROM loads WHERE uri = $uri AND status <> 'replaced'", uri=load.uri
    )
    for row in previous:
        for table in _ROW_TABLES:
            warehouse.execute(f"DELETE FROM {table} WHERE load_id = $load", load=row["load_id"])
        if row["status"] == "refused":
            warehouse.execute("DELETE FROM loads WHERE load_id = $load", load=row["load_id"])
        else:
            warehouse.execute("UPDATE loads SET status = 'replaced' WHERE load_id = $load", load=row["load_id"])
    warehouse.execute("DELETE FROM loads WHERE load_id = $load", load=load.load_id)


def _standing(warehouse: Warehouse, coming: Sequence[Load]) -> list[Load]:
    """Return those of the loads that came before, or whose file did: a first delivery has nothing to retire."""
    rows = warehouse.rows(
        """SELECT load_id, uri FROM loads
           WHERE uri IN (SELECT unnest($uris)) OR load_id IN (SELECT unnest($loads))""",
        uris=[load.uri for load in coming],
        loads=[load.load_id for load in coming],
    )
    known = {row["uri"] for row in rows} | {row["load_id"] for row in rows}
    return [load for load in coming if load.uri in known or load.load_id in known]


def _insert_loads(warehouse: Warehouse, coming: Sequence[Load]) -> None:
    import pandas as pd

    by = {"code_commit": code_version.commit(), "code_sha256": code_version.fingerprint(code_version.INTAKE)}
    rows = [
        {**vars(load), "reasons": json.dumps(load.reasons), "edits": json.dumps(load.edits), "loaded_at": _now(), **by}
        for load in coming
    ]
    warehouse.insert("loads", pd.DataFrame(rows))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
