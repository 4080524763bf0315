"""Whether the build warehouse agrees with itself and with the raw store: rows of every load, rows of no load, bytes.

Lives here: the queries. Not here: what is published (`integrity`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from warehouse import accounting, raw_store
from warehouse.build import Warehouse
from warehouse.home import Home

MOST_BYTES = 4 * 2**30
"""Stored files are read again up to this much, the newest first: a minute on a slow disk."""


@dataclass(frozen=True)
class Stored:
    """What was found of the files of the loads in force: how many there are, how many were read, and what is wrong."""

    files: int
    hashed: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]


def faults(warehouse: Warehouse) -> list[str]:
    """Name what does not add up, nothing if all does. Reads every row, which shows a damaged block as well."""
    return [*_accounts(warehouse), *_edits(warehouse), *_unreadable(warehouse)]


def _accounts(warehouse: Warehouse) -> Iterator[str]:
    """Prove every load that ever landed; a warehouse of earlier code is proven once a run has written to it."""
    if warehouse.rows("SELECT 1 AS one FROM duckdb_tables() WHERE table_name = 'replacements'"):
        yield from (f"{fault.file or fault.load_id}: {fault.what}" for fault in accounting.faults(warehouse))


def _edits(warehouse: Warehouse) -> Iterator[str]:
    rows = warehouse.rows(
        "SELECT count(*) AS n FROM edits WHERE load_id NOT IN (SELECT load_id FROM loads WHERE status = 'landed')"
    )
    if rows[0]["n"]:
        yield f"edits: {rows[0]['n']:,} rows belong to no load in force"


def _unreadable(warehouse: Warehouse) -> Iterator[str]:
    """Read every value of every table; DuckDB compares each block with its checksum."""
    import duckdb

    tables = "SELECT schema_name, table_name FROM duckdb_tables() ORDER BY table_name, schema_name"
    for row in warehouse.rows(tables):
        name = row["table_name"] if row["schema_name"] == "main" else f"{row['schema_name']}.{row['table_name']}"
        try:
            warehouse.rows(f"SELECT bit_xor(hash(rows_of)) AS h FROM {name} AS rows_of")
        except duckdb.Error as error:
            yield f"{name}: it cannot be read ({str(error).splitlines()[0][:200]})"
            return  # after such an error the connection answers nothing


def stored(warehouse: Warehouse, home: Home) -> Stored:
    """Look for the bytes of every load in force, and hash them again."""
    rows = warehouse.rows(
        """SELECT sha256, min(file) AS file, max(bytes) AS bytes, max(loaded_at) AS loaded FROM loads
           WHERE status = 'landed' GROUP BY sha256 ORDER BY loaded DESC, sha256"""
    )
    missing = tuple(row["file"] for row in rows if not raw_store.holds(home, row["sha256"]))
    changed, hashed, budget = [], 0, MOST_BYTES
    for row in rows:
        budget -= row["bytes"]
        if budget < 0:
            break
        if raw_store.holds(home, row["sha256"]):
            hashed += 1
            changed += [] if raw_store.verify(home, row["sha256"]) else [row["file"]]
    return Stored(len(rows), hashed, missing, tuple(changed))


def last_nights(warehouse: Warehouse) -> list[tuple[str, str, str, str]]:
    """Return survey, status, start (UTC) and message of each survey's last run that was logged."""
    rows = warehouse.rows(
        """SELECT survey_id, status, strftime(started_at, '%Y-%m-%d %H:%M:%S') AS started, message FROM run_log
           QUALIFY row_number() OVER (PARTITION BY survey_id ORDER BY started_at DESC, run_id DESC) = 1
           ORDER BY survey_id"""
    )
    return [(row["survey_id"], row["status"], row["started"], row["message"]) for row in rows]
