"""A release's DuckDB file and its tables as Parquet and CSV, with every comment taken from the tables' descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from schemas.result_tables import Table, tables
from warehouse.build import statement

if TYPE_CHECKING:
    import duckdb

NUMBERS = ("estimates", "reproduction")
STORAGE_VERSION = "v1.4.0"
"""The format that DuckDB 1.4 and every later one can open."""


def write(folder: Path, content: Mapping[str, pd.DataFrame], notice: str = "") -> None:
    """Write `results.duckdb`, `tables/*.parquet` and `tables/*.csv` into a release folder that is being built.

    notice: what every reader must know first; it ends the comment of each table that holds numbers.
    """
    import duckdb

    (folder / "tables").mkdir(parents=True)
    file = folder / "results.duckdb"
    connection = duckdb.connect()
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH '{_quoted(file)}' AS results (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute("USE results")
        for table in tables().values():
            _create(connection, table, content[table.name], notice if table.name in NUMBERS else "")
            _export(connection, table, folder / "tables")
        connection.execute(statement("result_views"))
        connection.execute("USE memory")
        connection.execute("DETACH results")
    finally:
        connection.close()


def _create(connection: duckdb.DuckDBPyConnection, table: Table, frame: pd.DataFrame, notice: str) -> None:
    import pyarrow

    columns = ", ".join(f"{c.name} {c.sql_type}{'' if c.nullable else ' NOT NULL'}" for c in table.columns)
    connection.execute(f"CREATE TABLE {table.name} ({columns})")
    connection.register("rows_to_insert", pyarrow.Table.from_pandas(frame, preserve_index=False))
    connection.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM rows_to_insert")
    connection.unregister("rows_to_insert")
    connection.execute(f"COMMENT ON TABLE {table.name} IS '{_escaped(f'{table.description} {notice}'.strip())}'")
    for column in table.columns:
        unit = f" [{column.unit}]" if column.unit else ""
        connection.execute(f"COMMENT ON COLUMN {table.name}.{column.name} IS '{_escaped(column.description + unit)}'")


def _export(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> None:
    order = ", ".join(f"{name} NULLS FIRST" for name in table.key)
    rows = f"(FROM {table.name} ORDER BY {order})"
    connection.execute(f"COPY {rows} TO '{_quoted(folder / table.name)}.parquet' (FORMAT parquet, COMPRESSION zstd)")
    connection.execute(f"COPY {rows} TO '{_quoted(folder / table.name)}.csv' (FORMAT csv, HEADER)")


def read(file: Path, table: str, **equal: str) -> pd.DataFrame:
    """Read one table of a published release, read-only: all its rows, or those whose columns equal what is named."""
    import duckdb

    condition = " AND ".join(f"{column} = ${column}" for column in equal) or "true"
    connection = duckdb.connect(str(file), read_only=True)
    try:
        frame: pd.DataFrame = connection.execute(f"FROM {table} WHERE {condition}", equal or None).df()
        return frame
    finally:
        connection.close()


def _quoted(path: Path) -> str:
    return _escaped(str(path))


def _escaped(text: str) -> str:
    return text.replace("'", "''")
