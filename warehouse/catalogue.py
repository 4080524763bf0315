"""What can be asked of an open release: its tables, views and macros with their comments, columns, codes, keywords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.result_views import views
from warehouse import result_views
from warehouse.query import own_words, quoted

if TYPE_CHECKING:
    import duckdb

_NAMED = """
FROM (SELECT table_name AS name, 'table' AS kind, comment FROM duckdb_tables() WHERE NOT internal
UNION ALL SELECT view_name, 'view', comment FROM duckdb_views() WHERE NOT internal
UNION ALL SELECT DISTINCT function_name, replace(function_type, '_', ' '), comment FROM duckdb_functions()
WHERE NOT internal AND function_type IN ('table_macro', 'macro'))
ORDER BY list_position(['table', 'view', 'table macro', 'macro'], kind), name
"""


@dataclass(frozen=True)
class Named:
    """A table, view or macro."""

    name: str
    kind: str
    comment: str

    @property
    def call(self) -> str:
        """How it is written in a query."""
        return views()[self.name].call if self.name in views() else self.name

    @property
    def has_columns(self) -> bool:
        """Whether it can stand after FROM."""
        return self.kind != "macro"


@dataclass(frozen=True)
class Column:
    """A column of a table, a view or a macro's answer."""

    name: str
    type: str
    comment: str


def named(connection: duckdb.DuckDBPyConnection) -> list[Named]:
    """List what can stand after FROM, then the macros that give one value. Macros on loan say what the file cannot."""
    said = {name: view.comment for name, view in views().items()}
    rows = connection.execute(_NAMED).fetchall()
    return [Named(name, kind, comment or said.get(name, "")) for name, kind, comment in rows]


def columns(connection: duckdb.DuckDBPyConnection, name: str) -> list[Column]:
    """List the columns of a table, view or table macro. Raises KinscaleError when there is none of that name."""
    view = views().get(name)
    kept = "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index"
    found = connection.execute(kept, [name]).fetchall()
    if not found:  # a macro has columns when it is called; or there is nothing, and DuckDB says what is near
        call = view.example.partition(" WHERE")[0] if view and view.parameters else f"FROM {quoted(name)}"
        with own_words():
            found = [(row[0], row[1], None) for row in connection.execute(f"DESCRIBE {call}").fetchall()]
    said = result_views.meanings(view) if view else {}
    return [Column(column, kind, comment or said.get(column, "")) for column, kind, comment in found]


def values(connection: duckdb.DuckDBPyConnection, column: str) -> list[str]:
    """List what a column of text of `estimates` holds; nothing for any other column."""
    known = {c.name for c in columns(connection, "estimates") if c.type == "VARCHAR"}
    if column not in known:
        return []
    return [v for (v,) in connection.execute(f"SELECT DISTINCT {column} FROM estimates ORDER BY 1").fetchall() if v]


def keywords(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """List the words of SQL that cannot be names, in capitals."""
    asked = "SELECT upper(keyword_name) FROM duckdb_keywords() WHERE keyword_category = 'reserved' ORDER BY 1"
    return [word for (word,) in connection.execute(asked).fetchall()]
