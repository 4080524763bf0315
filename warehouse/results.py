"""A release's DuckDB file and its tables as Parquet and CSV, with every comment taken from the tables' descriptions."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from schemas.result_tables import Table, tables
from schemas.spreadsheet_text import neutralised_columns
from warehouse import result_views
from warehouse.result_views import literal

if TYPE_CHECKING:
    import duckdb
    import pyarrow

NUMBERS = ("estimates", "reproduction")
STORAGE = "STORAGE_VERSION 'v1.4.0', BLOCK_SIZE 16384"
"""The format that DuckDB 1.4 and every later one can open, in the smallest blocks: most tables are small."""


def write(folder: Path, content: Mapping[str, pd.DataFrame], notice: str = "") -> None:
    """Write `results.duckdb`, `tables/*.parquet` and `tables/*.csv.gz` into a release folder that is being built.

    content: the tables as `conform` leaves them, in the order of their keys. notice: what every reader must know
    first; it ends the comment of each table that holds numbers.
    """
    import duckdb

    (folder / "tables").mkdir(parents=True)
    file = folder / "results.duckdb"
    connection = duckdb.connect(config={"threads": 1})  # so few rows are written sooner by one
    exports = ThreadPoolExecutor(max_workers=1)  # files are compressed while the database is written
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH {literal(str(file))} AS results ({STORAGE})")
        connection.execute("USE results")
        connection.execute("BEGIN TRANSACTION")
        written = []
        for table in (table for table in tables().values() if table.name in content):
            rows = arrow(table, content[table.name])
            written.append(exports.submit(_export, table, rows, folder / "tables"))
            _create(connection, table, rows, notice if table.name in NUMBERS else "")
        result_views.create(connection)
        connection.execute("COMMIT")
        connection.execute("USE memory")
        connection.execute("DETACH results")
        for export in written:
            export.result()
    finally:
        exports.shutdown()
        connection.close()


def arrow(table: Table, frame: pd.DataFrame) -> pyarrow.Table:
    """Return the rows of a result table with the types its description names."""
    import pyarrow

    types = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "timestamp": pyarrow.timestamp("us"),
    }
    fields = [pyarrow.field(column.name, types[column.type], column.nullable) for column in table.columns]
    return pyarrow.Table.from_pandas(frame, pyarrow.schema(fields), preserve_index=False)


def _create(connection: duckdb.DuckDBPyConnection, table: Table, rows: pyarrow.Table, notice: str) -> None:
    columns = ", ".join(f"{c.name} {c.sql_type}{'' if c.nullable else ' NOT NULL'}" for c in table.columns)
    connection.execute(f"CREATE TABLE {table.name} ({columns})")
    connection.register("rows_to_insert", rows)
    connection.execute(f"INSERT INTO {table.name} SELECT * FROM rows_to_insert")
    connection.unregister("rows_to_insert")
    comments = [f"COMMENT ON TABLE {table.name} IS {literal(f'{table.description} {notice}'.strip())}"]
    comments += [f"COMMENT ON COLUMN {table.name}.{c.name} IS {literal(c.meaning)}" for c in table.columns]
    connection.execute(";\n".join(comments))


def _export(table: Table, rows: pyarrow.Table, folder: Path) -> None:
    """Write the rows as Parquet, and as CSV in a gzip file without a time, so that equal rows give equal bytes."""
    from pyarrow import csv, parquet

    words = [column.name for column in table.columns if column.type == "text"]
    parquet.write_table(rows, folder / f"{table.name}.parquet", compression="zstd", use_dictionary=words)
    with (
        (folder / f"{table.name}.csv.gz").open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=5, mtime=0) as out,
    ):
        csv.write_csv(neutralised_columns(rows), out, csv.WriteOptions(quoting_style="needed"))


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
