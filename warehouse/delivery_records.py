"""What was said of deliveries: findings of the checks, written down and found again for people and a night's record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from schemas.delivery_record import RESENT, Changed, Delivered, Finding
from warehouse import build
from warehouse.build import Warehouse
from warehouse.home import Home

RUN = "SELECT run_id FROM run_log WHERE survey_id = $survey ORDER BY started_at DESC, run_id DESC LIMIT 1"


def run_of(warehouse: Warehouse, survey_id: str) -> str | None:
    """Name the run that is going on; None outside one."""
    rows = warehouse.rows(RUN, survey=survey_id)
    return str(rows[0]["run_id"]) if rows else None


def record(warehouse: Warehouse, survey_id: str, judged: Sequence[Delivered]) -> None:
    """Write findings down, in place of what was said of the same bytes at the same place before."""
    rows = [
        {"survey_id": survey_id, "uri": one.uri, "sha256": one.sha256, "country": one.country, "file": one.file}
        | {"kind": one.kind, "beside": one.beside, **vars(finding)}
        for one in judged
        for finding in one.findings
    ]
    if not rows:
        return
    import pandas as pd

    frame = pd.DataFrame(rows).assign(run_id=run_of(warehouse, survey_id), judged_at=now())
    frame = frame.astype({"warn": "float64", "refuse": "float64"})
    with warehouse.transaction():
        warehouse.execute(
            """DELETE FROM delivery_findings WHERE survey_id = $survey
               AND (uri, sha256) IN (SELECT (unnest($uris), unnest($hashes)))""",
            survey=survey_id,
            uris=[one.uri for one in judged],
            hashes=[one.sha256 for one in judged],
        )
        warehouse.insert("delivery_findings", frame)


def now() -> datetime:
    """Return the time, UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def of_run(warehouse: Warehouse, survey_id: str, run_id: str) -> tuple[Delivered, ...]:
    """Return what was said of deliveries in a run, in the order of country and file."""
    return tuple(_found(warehouse, survey_id, "run_id = $run", run=run_id))


def _found(warehouse: Warehouse, survey_id: str, where: str, **values: Any) -> list[Delivered]:
    """Return deliveries with findings that a condition selects, those with changes, and files that were sent again."""
    columns = "uri, sha256, country, file, kind, beside"
    rows = warehouse.rows(
        f"SELECT * FROM delivery_findings WHERE survey_id = $survey AND {where} ORDER BY country, file, uri, judged_at",
        survey=survey_id,
        **values,
    )
    together: dict[tuple[str, ...], list[Finding]] = {}
    for row in rows:
        key = tuple(row[name] for name in columns.split(", "))
        kept = ("check_id", "value", "verdict", "detail", "warn", "refuse", "accepted")
        together.setdefault(key, []).append(Finding(**{name: row[name] for name in kept}))
    changed = _changes(warehouse, survey_id)
    found = [
        Delivered(country, file, uri, sha256, kind, beside, tuple(findings), tuple(changed.get((uri, sha256), ())))
        for (uri, sha256, country, file, kind, beside), findings in together.items()
    ]
    again = warehouse.rows(
        f"SELECT * FROM resent_deliveries WHERE survey_id = $survey AND {where} ORDER BY country, file, uri",
        survey=survey_id,
        **values,
    )
    found += [Delivered(r["country"], r["file"], r["uri"], r["sha256"], RESENT, r["told"]) for r in again]
    return sorted(found, key=lambda one: (one.country, one.file, one.uri))


def _changes(warehouse: Warehouse, survey_id: str) -> dict[tuple[str, str], list[Changed]]:
    rows = warehouse.rows("SELECT * FROM delivery_changes WHERE survey_id = $survey ORDER BY rowid", survey=survey_id)
    found: dict[tuple[str, str], list[Changed]] = {}
    for row in rows:
        numbers = tuple(str(example[0]) for example in json.loads(row["examples"]))
        change = Changed(row["kind"], row["column_name"], row["number"], numbers)
        found.setdefault((row["uri"], row["sha256"]), []).append(change)
    return found


def every(home: Home, survey_id: str) -> list[dict[str, Any]]:
    """Return a row per file of a survey as it stands: its newest version, whether it counts, what was said of it."""
    with build.read(home) as warehouse:
        if warehouse is None or not _has_tables(warehouse):
            return []
        rows = warehouse.rows(
            """SELECT country, uri, file, sha256, status, rows_read, rows_accepted, loaded_at, load_id IN (
                   SELECT load_id FROM resent_deliveries WHERE survey_id = $survey) AS resent
               FROM loads WHERE survey_id = $survey AND status <> 'replaced' ORDER BY country, file, uri, loaded_at""",
            survey=survey_id,
        )
        said = {(one.uri, one.sha256): one for one in _found(warehouse, survey_id, "true")}
    return [_row(row, said.get((row["uri"], row["sha256"]))) for row in rows]


def _row(row: Mapping[str, Any], said: Delivered | None) -> dict[str, Any]:
    again = row["status"] == "refused" and row["resent"]
    return {
        **{name: row[name] for name in ("country", "file", "uri", "sha256", "rows_read", "rows_accepted", "loaded_at")},
        "state": RESENT if again else "counts" if row["status"] == "landed" else "refused",
        "kind": said.kind if said else "",
        "beside": said.beside if said else "",
        "verdict": said.verdict if said and said.findings else "",
        "findings": [vars(finding) for finding in said.findings] if said else [],
    }


def show(home: Home, survey_id: str, named: str) -> list[dict[str, Any]]:
    """Return files of a name or address with their profile and what changed inside them, cells among the examples."""
    found = [row for row in every(home, survey_id) if named in (row["file"], row["uri"])]
    with build.read(home) as warehouse:
        for row in found:
            assert warehouse is not None
            keys = {"survey": survey_id, "uri": row["uri"], "sha": row["sha256"]}
            changes = warehouse.rows(
                """SELECT kind, column_name, number, examples FROM delivery_changes
                   WHERE survey_id = $survey AND uri = $uri AND sha256 = $sha ORDER BY rowid""",
                **keys,
            )
            row["changes"] = [{**change, "examples": json.loads(change["examples"])} for change in changes]
            profile = warehouse.rows(
                """SELECT measure, category, value FROM delivery_profile JOIN loads USING (load_id)
                   WHERE loads.survey_id = $survey AND loads.uri = $uri AND sha256 = $sha AND status = 'landed'
                   ORDER BY delivery_profile.rowid""",
                **keys,
            )
            row["profile"] = [_readable(part) for part in profile]
    return found


def _readable(part: Mapping[str, Any]) -> dict[str, Any]:
    """Write a day as a date."""
    if part["measure"] != "day":
        return dict(part)
    return {**part, "value": str(date(1970, 1, 1) + timedelta(days=int(part["value"])))}


def _has_tables(warehouse: Warehouse) -> bool:
    """Tell whether a run of this code has opened the warehouse for writing since."""
    return bool(warehouse.rows("SELECT 1 AS one FROM duckdb_tables() WHERE table_name = 'resent_deliveries'"))
