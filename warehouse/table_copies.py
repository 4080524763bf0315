"""The copies of a table in one release (DuckDB, Parquet, CSV) against each other, row by row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.result_tables import Table, tables

if TYPE_CHECKING:
    import duckdb

DATABASE = "results.duckdb"
MOST_ROWS = 5
"""What is named of one table; who changed a column changed every row of it."""


def differences(folder: Path, changed: str, intact: Collection[str]) -> Iterator[str]:
    """Name the rows in which a changed file disagrees with an intact copy of the same table.

    changed, intact: names of files of the release. Yields lines; what cannot be read or compared is said.
    """
    import duckdb

    names = [name for name in tables() if _copies(folder, name)[1:]] if changed == DATABASE else [_table_of(changed)]
    for name in names:
        if name not in tables():
            return
        copy = next((file for file in _copies(folder, name) if file in intact), None)
        if copy is None:
            yield f"table {name}: no intact copy is left to compare it with"
            continue
        try:
            yield from _rows(folder, tables()[name], changed, copy)
        except duckdb.Error as error:
            yield f"table {name} cannot be read from it ({str(error).splitlines()[0]})"
            if changed == DATABASE:
                return


def _table_of(file: str) -> str:
    return Path(file).name.split(".")[0] if file.startswith("tables/") else ""


def _copies(folder: Path, name: str) -> list[str]:
    """List the files that hold a table, those first that keep types."""
    files = sorted(folder.glob(f"tables/{name}.*"), key=lambda path: (path.suffix != ".parquet", path.name))
    return [DATABASE, *(str(path.relative_to(folder)) for path in files)]


def _rows(folder: Path, table: Table, changed: str, intact: str) -> Iterator[str]:
    """Compare two copies as text, matched by the table's key."""
    seen, published = (_read(folder, table, file) for file in (changed, intact))
    count = 0
    for key in sorted(published.keys() | seen.keys()):
        if seen.get(key) == published.get(key):
            continue
        count += 1
        if count > MOST_ROWS:
            continue
        where = ", ".join(f"{name}={value}" for name, value in zip(table.key, key, strict=True) if value)
        yield f"table {table.name}, row {where}: {_said(table, seen.get(key), published.get(key), intact)}"
    if count > MOST_ROWS:
        yield f"table {table.name}: {count - MOST_ROWS:,} more rows"


def _said(table: Table, seen: tuple[str, ...] | None, published: tuple[str, ...] | None, intact: str) -> str:
    if seen is None:
        return f"missing; {intact} has it"
    if published is None:
        return f"added; {intact} does not have it"
    both = zip(table.names, seen, published, strict=True)
    return "; ".join(f"{name} is {a or 'empty'}, in {intact} {b or 'empty'}" for name, a, b in both if a != b)


def _read(folder: Path, table: Table, file: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Read a copy as text by key; numbers in DuckDB's one way of writing them."""
    import duckdb

    source, place = _source(file), str(folder / file)
    connection = duckdb.connect(place, read_only=True) if file == DATABASE else duckdb.connect()
    try:
        columns = ", ".join(f"coalesce({c.name}::{c.sql_type}::VARCHAR, '')" for c in table.columns)
        rows = source(connection, table, place, columns).fetchall()
    finally:
        connection.close()
    places = [table.names.index(name) for name in table.key]
    return {tuple(row[place] for place in places): row for row in rows}


def _source(file: str) -> Callable[[duckdb.DuckDBPyConnection, Table, str, str], duckdb.DuckDBPyConnection]:
    if file == DATABASE:
        return lambda connection, table, _, columns: connection.execute(f"SELECT {columns} FROM {table.name}")
    if file.endswith(".parquet"):
        return lambda connection, _, place, columns: connection.execute(
            f"SELECT {columns} FROM read_parquet(?)", [place]
        )
    return lambda connection, _, place, columns: connection.execute(
        f"SELECT {columns} FROM read_csv(?, header = true, all_varchar = true)", [place]
    )
