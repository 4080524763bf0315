"""Loads: one row per file that was taken in or refused, and the rows that belong to it, replaced together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from schemas.batch import Batch, Load, PulledFile
from warehouse import code_version, interview_parts, life_cycle, shapes
from warehouse.build import Warehouse, statement
from warehouse.landing import OF_LOADS, Landing
from warehouse.succession import Succession

if TYPE_CHECKING:
    import pandas as pd

    from schemas.drift import Form

_COLUMNS = [field.name for field in fields(Load)]
_NAMING = [
    *((table, "load_id") for table in ("quarantine", "edits", "loads", "load_code", "shapes", "drift")),
    ("quarantine", "closed_by"),
    ("replacements", "load_id"),
    ("replacements", "replaced_by"),
]
"""Columns that name a load."""
OTHERS = """loads.survey_id = $survey AND loads.country = $country AND loads.status = 'landed'
            AND uri NOT IN (SELECT unnest($without::VARCHAR[]))"""
"""Picks the files of a country that are in force, without some."""
_PLACE = """coalesce(CASE WHEN NOT listing_order.stays OR loads.load_id = listing_order.listed
                       THEN listing_order.place END, -1)"""  # an instrument may have columns of these names
_FORGET = "DELETE FROM loads WHERE survey_id = $survey AND uri = $uri AND status = 'refused'"


def current(warehouse: Warehouse, survey_id: str) -> dict[str, Load]:
    """Return the loads that count now, landed and refused, by load_id; one that is another sent again is `resent`."""
    again = "status = 'refused' AND load_id IN (SELECT load_id FROM resent_deliveries WHERE survey_id = $survey)"
    rows = warehouse.rows(
        f"""SELECT {", ".join(name for name in _COLUMNS if name != "status")},
                   CASE WHEN {again} THEN 'resent' ELSE status END AS status
            FROM loads WHERE survey_id = $survey AND status <> 'replaced' ORDER BY load_id""",
        survey=survey_id,
    )
    return {row["load_id"]: _load(row) for row in rows}


def _load(row: dict[str, Any]) -> Load:
    return Load(**{**row, "reasons": json.loads(str(row["reasons"])), "edits": json.loads(str(row["edits"]))})


def remember_order(warehouse: Warehouse, files: Sequence[PulledFile]) -> None:
    """Keep the order of tonight's listing for `holders` and `contested`; files not in it come before all others."""
    import pandas as pd

    warehouse.execute(
        "CREATE OR REPLACE TEMP TABLE listing_order"
        " (uri VARCHAR, file VARCHAR, listed VARCHAR, place BIGINT, stays BOOLEAN)"
    )
    texts = {
        "uri": [file.uri for file in files],
        "file": [file.name for file in files],
        "listed": [file.load_id for file in files],
    }
    columns: dict[str, Any] = {name: pd.array(cells, dtype="str") for name, cells in texts.items()}
    warehouse.insert("listing_order", pd.DataFrame({**columns, "place": range(len(files)), "stays": False}))


def hold(warehouse: Warehouse, uris: Sequence[str] | None = None) -> None:
    """Note that of these files, or of all, no version comes any more: one in force that is not the listed one stays.

    Its numbers are held before those of any listed file, for it is not judged again: nobody may count them once more.
    """
    which = "true" if uris is None else "uri IN (SELECT unnest($uris::VARCHAR[]))"
    told = {} if uris is None else {"uris": list(uris)}
    warehouse.execute(f"UPDATE listing_order SET stays = true WHERE {which}", **told)


def any_other(warehouse: Warehouse, survey_id: str, country: str, without: Sequence[str]) -> bool:
    """Tell whether a file of the country is in force beside those with some URIs."""
    told: dict[str, Any] = {"survey": survey_id, "country": country, "without": list(without)}
    return bool(warehouse.rows(f"SELECT 1 FROM loads WHERE {OTHERS} LIMIT 1", **told))


def holders(
    warehouse: Warehouse, survey_id: str, country: str, numbers: pd.Series, without: Sequence[str]
) -> dict[str, int]:
    """Return, of these questionnaire numbers, the place in the listing of the first file that holds each.

    without: URIs of files that are left out. A file that is no longer listed has place -1: it came before. So has one
    whose older version stays in force (`hold`).
    """
    if not any_other(warehouse, survey_id, country, without):
        return {}  # a long file asks for each of its parts
    rows = warehouse.rows(
        f"""SELECT questionnaire_id, min({_PLACE}) AS place
            FROM interviews JOIN loads USING (load_id) LEFT JOIN listing_order USING (uri)
            WHERE {OTHERS} AND questionnaire_id IN (SELECT questionnaire_id FROM rows_given)
            GROUP BY questionnaire_id""",
        numbers.astype("str").to_frame("questionnaire_id"),
        survey=survey_id,
        country=country,
        without=list(without),
    )
    return {row["questionnaire_id"]: row["place"] for row in rows}


def holder_named(warehouse: Warehouse, load: Load, number: str, place: int) -> str | None:
    """Return the name of the file that holds a number which another file brought. place: as `holders` told it."""
    if place >= 0:
        rows = warehouse.rows("SELECT file FROM listing_order WHERE place = $place", place=place)
    else:
        rows = warehouse.rows(
            f"""SELECT file FROM interviews JOIN loads USING (load_id)
                WHERE {OTHERS} AND questionnaire_id = $number LIMIT 1""",
            survey=load.survey_id,
            country=load.country,
            without=[load.uri],
            number=number,
        )
    return rows[0]["file"] if rows else None


def earlier_refused(warehouse: Warehouse, survey_id: str, files: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return, by load_id to come, the refused rows of a file that may go on in its new version; of those that have any.

    files: address by load_id. Of a row only what it is found again by.
    """
    coming = [Load(load_id, survey_id, "", uri, "", "", 0) for load_id, uri in files.items()]
    standing = _standing(warehouse, coming)
    found = {load.load_id: life_cycle.earlier(warehouse, load, _in_force(warehouse, load)) for load in standing}
    told = ("questionnaire_id", "source_row", "raw_row")
    return {name: [{key: row[key] for key in told} for row in rows] for name, rows in found.items() if rows}


def contested(warehouse: Warehouse, survey_id: str, rule: str, message: str) -> list[int]:
    """Return the places of listed files whose rows do not follow from the order of the listing.

    They hold a questionnaire number that an earlier file holds as well, or were refused one that no earlier file holds
    any more: after a file came, changed or was put right that stands before them in the listing.
    rule, message: of a row whose number another file holds; `{value}` in the message stands for the number.
    """
    rows = warehouse.rows(statement("contested"), survey=survey_id, rule=rule, message=message)
    return [row["place"] for row in rows]


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


def replace(warehouse: Warehouse, parts: Iterable[Sequence[tuple[Load, Batch]]]) -> list[Load]:
    """Put the rows of files in the place of those the same files brought before, in one transaction.

    parts: the files together, or one file part by part, each load with the counts of its part. What going through them
    raises undoes it all.
    Refused rows of the version before are closed and stay for ever; a load that is in force already stays untouched.
    """
    now = _now()
    stays: dict[str, Load] = {}
    followed: dict[str, tuple[list[str], Succession]] = {}
    forms: list[tuple[Load, Form]] = []
    with warehouse.transaction(), Landing(warehouse, now) as landing:
        for part in parts:
            new = [pair for pair in part if pair[0].load_id not in landing.loads]
            known = _standing(warehouse, [load for load, _ in new]) if new else []
            for load in known:
                warehouse.execute(_FORGET, survey=load.survey_id, uri=load.uri)
            stays |= {load.load_id: load for load, batch in new if load in known and _stands(warehouse, load, batch)}
            followed |= {load.load_id: _follow(warehouse, load) for load in known if load.load_id not in stays}
            coming = [pair for pair in part if pair[0].load_id not in stays]
            landing.add(coming)
            forms += [(load, batch.form) for load, batch in coming if batch.form is not None]
            met = {load.load_id: batch for load, batch in coming if load.load_id in followed}
            while met:
                load_id, batch = met.popitem()
                followed[load_id][1].meet(batch)
                del batch
            del part, new, coming  # of a long file, before its next part is waited for
        landing.end()
        for load_id, (before, succession) in followed.items():
            _succeed(warehouse, landing.loads[load_id], before, succession, now)
        _insert_loads(warehouse, [*landing.loads.values()])
        shapes.enter(warehouse, forms)
    return [*{**stays, **landing.loads}.values()]


def _follow(warehouse: Warehouse, load: Load) -> tuple[list[str], Succession]:
    """Free the name of a load, and return the loads it will replace and what may go on of their refused rows."""
    _set_aside(warehouse, load.load_id)
    before = _in_force(warehouse, load)
    return before, Succession(life_cycle.earlier(warehouse, load, before))


def _succeed(warehouse: Warehouse, load: Load, before: Sequence[str], succession: Succession, now: datetime) -> None:
    """Take the version before out of force, now that the rows of this one are there."""
    since, endings = life_cycle.succeed(warehouse, load, succession, before)
    _retire(warehouse, load, before)
    life_cycle.close(warehouse, endings, load.load_id, now)
    life_cycle.keep_age(warehouse, since, load.load_id)


def remove(warehouse: Warehouse, load: Load, reason: str) -> None:
    """Take the rows of a file that was taken back out of what counts; its load stays, as one that was replaced."""
    with warehouse.transaction():
        _retire(warehouse, load, [load.load_id])
        life_cycle.end(warehouse, load.load_id, life_cycle.WITHDRAWN, f"the file was taken back: {reason}", _now())


def refuse(warehouse: Warehouse, refused: Sequence[Load]) -> None:
    """Record that files were refused as a whole; rows they brought before, in earlier versions, stay in force."""
    with warehouse.transaction():
        for load in _standing(warehouse, refused):
            warehouse.execute(_FORGET, survey=load.survey_id, uri=load.uri)
            same = _set_aside(warehouse, load.load_id)
            if same:  # just these bytes were accepted before, and are not any more
                _retire(warehouse, load, [same])
                life_cycle.end(warehouse, same, life_cycle.SUPERSEDED, "its file is refused as a whole", _now())
        _insert_loads(warehouse, refused)


def rows_held(warehouse: Warehouse, load_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the rows accepted and quarantined that the warehouse holds, by load."""
    rows = warehouse.rows(
        f"""SELECT load_id, count(*) FILTER (accepted) AS accepted, count(*) FILTER (NOT accepted) AS quarantined
           FROM (SELECT load_id, true AS accepted FROM {interview_parts.rows_of(warehouse, load_ids)}
                 UNION ALL SELECT load_id, false FROM quarantine)
           WHERE {OF_LOADS} GROUP BY load_id""",
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
            _set_aside(warehouse, load_id)


def _stands(warehouse: Warehouse, load: Load, batch: Batch) -> bool:
    """Tell whether just these rows are in force already."""
    columns = ", ".join(_COLUMNS)
    landed = warehouse.rows(
        f"SELECT {columns} FROM loads WHERE load_id = $load AND status = 'landed'", load=load.load_id
    )
    if [_load(row) for row in landed] != [load]:
        return False
    held = interview_parts.rows_of(warehouse, [load.load_id])
    accepted = warehouse.rows(f"SELECT count(*) AS n FROM {held} WHERE load_id = $load", load=load.load_id)[0]["n"]
    refused = warehouse.rows("SELECT source_row, rule FROM quarantine WHERE load_id = $load", load=load.load_id)
    rows = zip(batch.quarantined["source_row"], batch.quarantined["rule"], strict=True)
    return accepted == batch.rows_accepted and {(r["source_row"], r["rule"]) for r in refused} == set(rows)


def _set_aside(warehouse: Warehouse, load_id: str) -> str | None:
    """Free the name of a load that lands again, as when a file returns to an earlier version.

    The one before keeps its rows under a numbered name, which is returned if that load was in force.
    """
    earlier = warehouse.rows("SELECT status FROM loads WHERE load_id = $load", load=load_id)
    if not earlier:
        return None
    if earlier[0]["status"] == "refused":
        warehouse.execute("DELETE FROM loads WHERE load_id = $load", load=load_id)
        return None
    again = warehouse.rows("SELECT count(*) AS n FROM loads WHERE load_id LIKE $load || '.%'", load=load_id)
    name = f"{load_id}.{again[0]['n'] + 1}"
    for table, column in [(warehouse.records, "load_id"), *_NAMING]:
        warehouse.execute(f"UPDATE {table} SET {column} = $name WHERE {column} = $load", name=name, load=load_id)
    interview_parts.rename(warehouse, load_id, name)
    return name if earlier[0]["status"] == "landed" else None


def _in_force(warehouse: Warehouse, load: Load) -> list[str]:
    rows = warehouse.rows(
        "SELECT load_id FROM loads WHERE survey_id = $survey AND uri = $uri AND status = 'landed'",
        survey=load.survey_id,
        uri=load.uri,
    )
    return [row["load_id"] for row in rows]


def _retire(warehouse: Warehouse, load: Load, before: Sequence[str]) -> None:
    """Take the loads of a file's version before out of force: their interviews go, their refused rows stay."""
    if not before:
        return
    interview_parts.retire(warehouse, before)
    for table in (warehouse.records, "edits"):
        warehouse.execute(f"DELETE FROM {table} WHERE list_contains($before, load_id)", before=list(before))
    warehouse.execute("UPDATE loads SET status = 'replaced' WHERE list_contains($before, load_id)", before=list(before))
    for earlier in before:
        warehouse.execute(
            "INSERT INTO replacements VALUES ($survey, $old, $new)",
            survey=load.survey_id,
            old=earlier,
            new=load.load_id,
        )


def _standing(warehouse: Warehouse, coming: Sequence[Load]) -> list[Load]:
    """Return those of the loads that came before, or whose file did: a first delivery has nothing to retire."""
    rows = warehouse.rows(
        """SELECT load_id, survey_id, uri FROM loads
           WHERE uri IN (SELECT unnest($uris)) OR load_id IN (SELECT unnest($loads))""",
        uris=[load.uri for load in coming],
        loads=[load.load_id for load in coming],
    )
    known = {(row["survey_id"], row["uri"]) for row in rows}
    loads = {row["load_id"] for row in rows}
    return [load for load in coming if (load.survey_id, load.uri) in known or load.load_id in loads]


def _insert_loads(warehouse: Warehouse, coming: Sequence[Load]) -> None:
    import pandas as pd

    if not coming:
        return
    rows = [
        {**vars(load), "reasons": json.dumps(load.reasons), "edits": json.dumps(load.edits), "loaded_at": _now()}
        for load in coming
    ]
    warehouse.insert("loads", pd.DataFrame(rows))
    commit, code = code_version.commit(), code_version.fingerprint(code_version.INTAKE)
    by = [
        {"survey_id": load.survey_id, "load_id": load.load_id, "code_commit": commit, "code_sha256": code}
        for load in coming
    ]
    warehouse.execute(
        "DELETE FROM load_code WHERE load_id IN (SELECT unnest($loads))", loads=[load.load_id for load in coming]
    )
    warehouse.insert("load_code", pd.DataFrame(by))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
