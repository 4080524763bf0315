"""The views and macros of a release's DuckDB file, with their comments, and the loan of those an older one lacks."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from schemas.result_tables import tables
from schemas.result_views import View, views
from schemas.vocabulary import content
from warehouse.build import statement

if TYPE_CHECKING:
    import duckdb

CREATED = re.compile(r"^CREATE (?:VIEW|MACRO) (\w+)", re.MULTILINE)


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Create them in a release that is being built, whose tables are there."""
    connection.execute(_text())
    there = connection.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
    connection.execute(";\n".join(_comments({view: [c for t, c in there if t == view] for view in views()})))


def script() -> str:
    """Return the statements that make them all with their comments, for a database that has the tables."""
    return _text() + "\n" + ";\n".join(_comments({view: [] for view in views()}))


def lend(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Give a session the views and macros that its release was made without; the file stays as it is.

    Returns the names of what was lent. One that reads a table or column the release does not have cannot be.
    """
    import duckdb

    asked = "SELECT view_name FROM duckdb_views() UNION ALL SELECT function_name FROM duckdb_functions()"
    there = {name for (name,) in connection.execute(asked).fetchall()}
    if not set(CREATED.findall(statement("result_views"))) - there:
        return []
    lent = []
    for part in connection.extract_statements(_text()):
        name = CREATED.search(part.query)
        if name and name[1] not in there:
            with contextlib.suppress(duckdb.CatalogException, duckdb.BinderException):
                connection.execute(part.query.replace("CREATE ", "CREATE TEMP ", 1))
                lent.append(name[1])
    return lent


def _text() -> str:
    named = {"{leading_methods}": content()["leading_methods"], "{methods_of_records}": content()["methods_of_records"]}
    text = statement("result_views")
    for place, methods in named.items():
        text = text.replace(place, str(methods))
    return text


def _comments(columns: dict[str, list[str]]) -> Iterator[str]:
    """Write the comments of views and macros. columns: of each view."""
    for view in views().values():
        kind, said = view.kind.upper().replace("TABLE MACRO", "MACRO TABLE"), meanings(view)
        yield f"COMMENT ON {kind} {view.name} IS {literal(view.comment)}"
        yield from (f"COMMENT ON COLUMN {view.name}.{c} IS {literal(said[c])}" for c in columns[view.name])


def meanings(view: View) -> dict[str, str]:
    """Return what the columns of a view or macro may be, by name, with their units: its own, and those it shares."""
    shared = tables()[view.like].columns if view.like else ()
    return {column.name: column.meaning for column in shared} | dict(view.columns)


def literal(text: str) -> str:
    """Write a text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"
