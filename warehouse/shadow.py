"""Shadows: copies of the build warehouse in which a backfill works, each with a lock of its own.

A night and a backfill do not wait for each other, and analysts see nothing of a shadow.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.errors import BackfillStale
from schemas.instrument import Instrument
from warehouse import build, interview_parts, loads, run_log
from warehouse.build import Warehouse
from warehouse.home import Home
from warehouse.release import as_text, give_name, write_once

PLAN, BUILT = "plan.json", "built.json"
_COPYING = ".copying-"
_NOT_CARRIED = ("raw_files", "run_log")
"""The build warehouse knows better what was pulled and which runs there were."""


@dataclass(frozen=True)
class Shadow(Home):
    """A data folder with a build warehouse, lock and workshop of its own; the raw store and the releases are shared."""

    plan_id: str

    @property
    def folder(self) -> Path:
        """The shadow's own folder."""
        return _all(self) / self.plan_id

    @property
    def warehouse(self) -> Path:
        """The copy of the build warehouse."""
        return self.folder / "warehouse.duckdb"

    @property
    def lock(self) -> Path:
        """The lock of this shadow, which is not that of the build warehouse."""
        return self.folder / "warehouse.lock"

    @property
    def workshop(self) -> Path:
        """Where the candidate is built."""
        return self.folder

    @property
    def plan(self) -> dict[str, Any] | None:
        """What was planned when the shadow was made, or None when there is no whole shadow."""
        return _read(self.folder / PLAN)

    @property
    def built(self) -> dict[str, Any] | None:
        """What the shadow came to (candidate, hash of its manifest, fingerprint of the run), or None before its end."""
        return _read(self.folder / BUILT)


def of(home: Home, plan_id: str) -> Shadow:
    """Name the shadow of a plan; nothing is made."""
    return Shadow(home.root, plan_id)


def every(home: Home) -> list[Shadow]:
    """List the shadows there are."""
    return [of(home, path.parent.name) for path in sorted(_all(home).glob(f"[!.]*/{PLAN}"))]


def make(shadow: Shadow, plan: Mapping[str, Any], instrument: Instrument, read_again: Sequence[str]) -> None:
    """Copy the build warehouse as it stands, without the loads that are read again. Call under its lock.

    A night that was killed leaves its last transactions in a file beside the warehouse; both are copied. The shadow has
    its name only when it is whole. Raises BackfillStale when somebody took in a file after the plan was made.
    """
    home = Home(shadow.root)
    copying = of(home, f"{_COPYING}{shadow.plan_id}")
    for left in _all(home).glob(f"{_COPYING}*"):  # the lock is ours: nobody else copies
        shutil.rmtree(left)
    copying.folder.mkdir(parents=True)
    for suffix in ("", ".wal"):
        source = home.warehouse.with_name(home.warehouse.name + suffix)
        if source.exists():
            shutil.copyfile(source, copying.folder / source.name)
    with build.write(copying, instrument) as warehouse:
        if standing(warehouse, plan["survey_id"]) != plan["standing"]:
            raise BackfillStale(
                "a file was taken in while the backfill was planned.", next_step="Run the backfill again."
            )
        loads.read_again(warehouse, read_again)
    write_once(copying.folder / PLAN, as_text(plan))
    if shadow.folder.exists():
        shutil.rmtree(shadow.folder)  # without a plan it is what a removal that was killed left
    give_name(copying.folder, shadow.folder)


def record(shadow: Shadow, built: Mapping[str, Any]) -> None:
    """Keep what the shadow came to, privately: an approval compares the candidate with it."""
    write_once(shadow.folder / BUILT, as_text(built))


def remove(shadow: Shadow) -> None:
    """Remove a shadow; its plan goes first, so that a shadow which is partly removed is none."""
    (shadow.folder / PLAN).unlink(missing_ok=True)
    shutil.rmtree(shadow.folder, ignore_errors=True)


def is_held(shadow: Shadow) -> bool:
    """Tell whether a run works in a shadow now."""
    if not shadow.lock.exists():
        return False
    with shadow.lock.open("r", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def carry(warehouse: Warehouse, shadow: Shadow, survey_id: str, run_id: str, release_id: str) -> None:
    """Put a survey's rows of a shadow in the place of those of the build warehouse, and end the run: all or nothing."""
    built = shadow.built or {}
    with _attached(warehouse, shadow), warehouse.transaction():
        interview_parts.hide(warehouse)
        for table in _tables(warehouse):
            _replace(warehouse, table, survey_id)
        interview_parts.show(warehouse)
        run_log.end(warehouse, run_id, "succeeded", built["fingerprint"], release_id, f"backfill {shadow.plan_id}")


def is_current(warehouse: Warehouse, shadow: Shadow, survey_id: str) -> bool:
    """Tell whether every file's rows in the build warehouse are those planned on, or those built."""
    planned, built = ((said or {})["standing"] for said in (shadow.plan, shadow.built))
    return all(load in (planned.get(uri), built.get(uri)) for uri, load in standing(warehouse, survey_id).items())


def standing(warehouse: Warehouse, survey_id: str) -> dict[str, str]:
    """Return the load in force of each file of a survey, by uri."""
    rows = warehouse.rows(
        "SELECT uri, load_id FROM loads WHERE survey_id = $survey AND status = 'landed' ORDER BY uri", survey=survey_id
    )
    return {row["uri"]: row["load_id"] for row in rows}


@contextlib.contextmanager
def _attached(warehouse: Warehouse, shadow: Shadow) -> Iterator[None]:
    place = str(shadow.warehouse).replace("'", "''")
    warehouse.execute(f"ATTACH '{place}' AS shadow (READ_ONLY)")
    try:
        yield
    finally:
        warehouse.execute("DETACH shadow")


def _tables(warehouse: Warehouse) -> list[str]:
    """List the tables that hold rows of a survey, those of code newer than this module included."""
    rows = warehouse.rows(
        """SELECT DISTINCT schema_name, table_name
           FROM duckdb_columns() JOIN duckdb_tables() USING (database_name, schema_name, table_name)
           WHERE database_name = 'shadow' AND column_name = 'survey_id' ORDER BY table_name, schema_name"""
    )
    return [f"{row['schema_name']}.{row['table_name']}" for row in rows if row["table_name"] not in _NOT_CARRIED]


def _replace(warehouse: Warehouse, table: str, survey_id: str) -> None:
    """Replace a survey's rows of one table (schema.name); one whose columns other code has chosen is made again."""
    columns = """SELECT column_name, data_type FROM duckdb_columns()
                 WHERE concat(schema_name, '.', table_name) = $table AND (database_name = 'shadow') = $theirs
                 ORDER BY column_name"""
    ours, theirs = (warehouse.rows(columns, table=table, theirs=side) for side in (False, True))
    mine, others = f"survey_id = '{survey_id}'", f"survey_id <> '{survey_id}'"
    if ours == theirs:
        warehouse.execute(f"DELETE FROM {table} WHERE {mine}")
        warehouse.execute(f"INSERT INTO {table} BY NAME SELECT * FROM shadow.{table} WHERE {mine}")
        return
    kept = f"UNION ALL BY NAME SELECT * FROM {table} WHERE {others}" if ours else ""
    schema, _, name = table.partition(".")
    warehouse.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    warehouse.execute(f"CREATE TABLE {schema}.carried AS SELECT * FROM shadow.{table} WHERE {mine} {kept}")
    warehouse.execute(f"DROP TABLE IF EXISTS {table}")
    warehouse.execute(f"ALTER TABLE {schema}.carried RENAME TO {name}")


def _all(home: Home) -> Path:
    return home.root / "build" / "shadow"


def _read(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
