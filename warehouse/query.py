"""An analyst's query on a published file, read-only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import KinscaleError

if TYPE_CHECKING:
    import duckdb

MOST_ROWS = 500
"""What a terminal can show; the rest is a matter for --json or for the file itself."""


@dataclass(frozen=True)
class Answer:
    """The answer to a query; None when the statement has none."""

    relation: duckdb.DuckDBPyRelation | None

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as mappings."""
        if self.relation is None:
            return []
        names = self.relation.columns
        return [dict(zip(names, row, strict=True)) for row in self.relation.fetchall()]

    def drawn(self, width: int) -> str:
        """Draw the rows as a table no wider than `width` characters."""
        return "" if self.relation is None else repr_of(self.relation, width)


def repr_of(relation: duckdb.DuckDBPyRelation, width: int) -> str:
    """Draw a relation as DuckDB's own shell does."""
    import io

    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        relation.show(max_rows=MOST_ROWS, max_width=width)
    return text.getvalue()


@contextlib.contextmanager
def run(file: Path, query: str) -> Iterator[Answer]:
    """Run a query on a release's DuckDB file. Raises KinscaleError with DuckDB's own message when it cannot."""
    import duckdb

    connection = duckdb.connect(str(file), read_only=True)
    try:
        yield Answer(connection.sql(query))
    except duckdb.Error as error:
        raise KinscaleError(str(error), next_step='What there is: ./kinscale sql "SHOW TABLES"') from error
    finally:
        connection.close()
