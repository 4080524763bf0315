"""What a backfill is planned on, as the build warehouse knows it: stored files, loads, the code that read them."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.build import Warehouse


@dataclass(frozen=True)
class StoredFile:
    """The newest version of a file that is in the raw store."""

    uri: str
    version: str
    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class KnownLoad:
    """A load that counts now, landed or refused, and which code read it (None: older code did not say)."""

    load_id: str
    uri: str
    country: str
    sha256: str
    rows_read: int
    status: str
    code_commit: str | None
    code_sha256: str | None


def stored(warehouse: Warehouse, survey_id: str) -> list[StoredFile]:
    """List the files of a survey that were ever pulled, each in its newest version."""
    rows = warehouse.rows(
        "SELECT uri, version, name, sha256, bytes FROM raw_files WHERE survey_id = $survey ORDER BY uri",
        survey=survey_id,
    )
    return [StoredFile(**row) for row in rows]


def loads(warehouse: Warehouse, survey_id: str) -> list[KnownLoad]:
    """List the loads of a survey that count now. A warehouse that older code made does not say which code read them."""
    known = warehouse.rows("SELECT 1 AS one FROM duckdb_tables() WHERE table_name = 'load_code'")
    code = "load_code" if known else "(SELECT NULL AS load_id, NULL AS code_commit, NULL AS code_sha256)"
    rows = warehouse.rows(
        f"""SELECT load_id, uri, country, sha256, rows_read, status, code_commit, code_sha256
            FROM loads LEFT JOIN {code} AS reading USING (load_id)
            WHERE loads.survey_id = $survey AND status <> 'replaced' ORDER BY uri, load_id""",
        survey=survey_id,
    )
    return [KnownLoad(**row) for row in rows]


def slowest(warehouse: Warehouse, survey_id: str) -> tuple[float | None, int]:
    """Return the seconds of the slowest run of a survey that reached its end, and how many there were."""
    row = warehouse.rows(
        """SELECT max(epoch(finished_at - started_at)) AS seconds, count(*) AS n FROM run_log
           WHERE survey_id = $survey AND status <> 'failed' AND finished_at IS NOT NULL""",
        survey=survey_id,
    )[0]
    return row["seconds"], row["n"]
