"""The build warehouse: the one connection to it, its tables, and its transactions."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas import settings
from schemas.errors import SettingsError
from schemas.instrument import FAMILIES, Instrument
from warehouse import interview_parts, lock
from warehouse.home import Home
from warehouse.microdata import Microdata
from warehouse.record_columns import NEVER_MISSING, record_columns

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow

MEMORY = "512MB"
"""Of DuckDB, unless `KINSCALE_MEMORY` says another; what does not fit goes to a folder beside the warehouse."""
SQL = Path(__file__).parent / "sql"


def statement(name: str) -> str:
    """Read one statement of `warehouse/sql/`."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


class Warehouse:
    """An open build warehouse. Opened by `write` (locked) or `read`; closed with the block."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, root: Path | None = None, kind: Instrument | None = None
    ) -> None:
        """Wrap a connection; callers use `write` and `read`. root: the data folder.  kind: of the records it is for."""
        self.connection = connection
        self._root, self._kind = root, kind
        self.settings_are_known = True
        self._in_transaction = False
        self._one_at_a_time = threading.Lock()
        """A long file asks in one thread what other files hold, while its rows are inserted in another."""

    @cached_property
    def settings(self) -> settings.Settings:
        """What is set for the data folder; while that cannot be read, what holds without a file."""
        try:
            return settings.load(self._root) if self._root else settings.Settings()
        except SettingsError:  # which the end of the night says
            self.settings_are_known = False
            return settings.Settings()

    @cached_property
    def microdata(self) -> Microdata:
        """Where records lie that are not in this file."""
        assert self._root is not None
        place = Microdata.of(self._root, self.settings)
        if place.storage is not None:
            self.connection.register_filesystem(place.storage)
        return place

    @property
    def instrument(self) -> Instrument:
        """The instrument whose records it was opened for."""
        assert self._kind is not None
        return self._kind

    @property
    def schema(self) -> str:
        """Name of the schema that holds the records."""
        return schema_of(self.instrument)

    @cached_property
    def records(self) -> str:
        """Name of the table of records, which a view of the same name may hide; with that of the file it is in."""
        (row,) = self.rows("SELECT current_database() AS name")
        return f'"{row["name"]}".{self.schema}.interviews'

    def rows(self, sql: str, frame: pd.DataFrame | None = None, **parameters: Any) -> list[dict[str, Any]]:
        """Run a query and return its rows as mappings. frame: what the query calls `rows_given`."""
        # found by its name in this function: a registered view would keep it in memory to the end of a transaction
        rows_given = _table(frame) if frame is not None else None
        with self._one_at_a_time:
            cursor = self.connection.execute(sql, parameters or None)
            names = [column[0] for column in cursor.description or ()]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        del rows_given
        return found

    def execute(self, sql: str, **parameters: Any) -> None:
        """Run a statement for its effect."""
        with self._one_at_a_time:
            self.connection.execute(sql, parameters or None)

    def insert(self, table: str, frame: pd.DataFrame, instead: bool = False) -> None:
        """Append the rows of `frame` to a table, matched by column name; `instead` of rows with the same key."""
        self.append(table, _table(frame), instead)

    def append(self, table: str, rows_to_insert: pyarrow.Table, instead: bool = False) -> None:
        """Append rows to a table as `insert` does."""
        inserting = f"INSERT {'OR REPLACE ' * instead}INTO {table} BY NAME SELECT * FROM rows_to_insert"
        with self._one_at_a_time:  # found by its name, as in `rows`
            self.connection.execute(inserting)

    @contextlib.contextmanager
    def registered(self, name: str, frame: pd.DataFrame) -> Iterator[None]:
        """Let statements of the block read `frame` under a name."""
        self.connection.register(name, _table(frame))
        yield
        self.connection.unregister(name)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what happens in the block is committed at its end, or undone.

        Within another transaction the block is a part of that one.
        """
        if self._in_transaction:
            yield
            return
        self.connection.execute("BEGIN TRANSACTION")
        self._in_transaction = True
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        finally:
            self._in_transaction = False
        self.connection.execute("COMMIT")


def _table(frame: pd.DataFrame) -> pyarrow.Table:
    import pyarrow

    return pyarrow.Table.from_pandas(frame, preserve_index=False)


@contextlib.contextmanager
def write(home: Home, instrument: Instrument) -> Iterator[Warehouse]:
    """Open for writing under the lock, making file and tables on first use. Raises WarehouseLocked."""
    with lock.hold(home), _whole(home), opened(home.warehouse, instrument, home.root) as warehouse:
        yield warehouse


@contextlib.contextmanager
def opened(path: Path, instrument: Instrument, root: Path) -> Iterator[Warehouse]:
    """Open a file for writing with every table in it. Call under the lock. root: the data folder that it is of."""
    with _connect(path, read_only=False) as connection:
        connection.execute(statement("build"))
        own = schema_of(instrument)
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {own}")
        connection.execute(interviews_table(instrument))
        connection.execute(f"SET search_path = '{own},main'")  # whoever says interviews means this instrument's
        warehouse = Warehouse(connection, root, instrument)
        interview_parts.show(warehouse)
        yield warehouse


@contextlib.contextmanager
def _whole(home: Home) -> Iterator[None]:
    """Give a new warehouse its name only when DuckDB has written it: killed in its first write, it is not readable."""
    if not home.warehouse.exists():
        aside = beside(home, "new")
        with _connect(aside, read_only=False):
            pass
        wal_of(home.warehouse).unlink(missing_ok=True)  # of a file that is gone, so of no use
        aside.replace(home.warehouse)
    yield


def beside(home: Home, what: str) -> Path:
    """Return a place for a warehouse that has no name yet; what a killed process left there is removed."""
    place = home.warehouse.with_name(f".{what}-{home.warehouse.name}")
    for left in (place, wal_of(place)):
        left.unlink(missing_ok=True)
    return place


def wal_of(path: Path) -> Path:
    """Where DuckDB keeps what it has not yet written into a file."""
    return path.with_name(f"{path.name}.wal")


@contextlib.contextmanager
def read(home: Home) -> Iterator[Warehouse | None]:
    """Open for reading, or give None when there is no warehouse yet. Raises WarehouseLocked while somebody writes."""
    if not home.warehouse.exists():
        yield None
        return
    with lock.hold(home, exclusive=False), held(home) as warehouse:
        yield warehouse


@contextlib.contextmanager
def held(home: Home) -> Iterator[Warehouse]:
    """Open for reading a warehouse that is there. Call under the lock."""
    with _connect(home.warehouse, read_only=True) as connection:
        yield Warehouse(connection, home.root)


def checkpoint(home: Home) -> None:
    """Fold the log of changes into the build file. Call under the lock."""
    with _connect(home.warehouse, read_only=False) as connection:
        connection.execute("FORCE CHECKPOINT")


@contextlib.contextmanager
def _connect(path: Path, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connect; `KINSCALE_THREADS` and `KINSCALE_MEMORY` bound DuckDB's threads and memory, which changes no number."""
    import duckdb

    connection = duckdb.connect(str(path), read_only=read_only)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET python_scan_all_frames = true")  # `Warehouse` may stand behind another function
        connection.execute("SET memory_limit = $limit", {"limit": os.environ.get("KINSCALE_MEMORY", MEMORY)})
        if threads := os.environ.get("KINSCALE_THREADS"):
            connection.execute(f"SET threads = {int(threads)}")
        yield connection
    finally:
        connection.close()


def schema_of(instrument: Instrument) -> str:
    """Name the schema that holds an instrument's records: families have the main one."""
    return "main" if instrument.ANALYSIS == FAMILIES else instrument.NAME


def all_records(warehouse: Warehouse) -> str:
    """Write the query for survey_id, load_id and country of every record of every instrument."""
    tables = warehouse.rows(
        """SELECT schema_name FROM duckdb_tables() WHERE table_name = 'interviews' AND NOT temporary
           AND database_name = current_database() ORDER BY schema_name"""
    )
    (file,) = warehouse.rows("SELECT current_database() AS name")
    names = (f'"{file["name"]}".{row["schema_name"]}.interviews' for row in tables)
    inside = [f"SELECT survey_id, load_id, country FROM {name}" for name in names]
    return " UNION ALL ".join([*inside, *interview_parts.all_parts(warehouse)])


def interviews_table(instrument: Instrument) -> str:
    """Write the DDL of the records from the instrument's columns, their titles as comments."""
    table = f"{schema_of(instrument)}.interviews"
    comments = [
        f"COMMENT ON COLUMN {table}.{name} IS '{title.replace(chr(39), chr(39) * 2)}';"
        for name, title in instrument.TITLES.items()
    ]
    columns = [
        f"{name} {kind}{' NOT NULL' * (name in NEVER_MISSING)}" for name, kind in record_columns(instrument).items()
    ]
    made = f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(columns)});\n"
    later = [  # a warehouse may be older than these; the table has no CHECK, so that a killed ALTER is replayed
        f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {name} {record_columns(instrument)[name]};"
        for name in instrument.PARADATA
    ]
    return made + "\n".join([*later, *comments])
