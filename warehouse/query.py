"""An analyst's statements on a published file, read-only, and their answers: drawn, or as JSON, CSV or Parquet."""

from __future__ import annotations

import contextlib
import csv
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from schemas.errors import KinscaleError
from schemas.spreadsheet_text import neutralised
from warehouse import result_views

if TYPE_CHECKING:
    import duckdb

MOST_ROWS = 500
"""What a terminal can show; the rest is a matter for a file."""
ROWS_AT_ONCE = 2048
NUMBER = re.compile(r"DOUBLE|FLOAT|DECIMAL\(.*\)|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
"""DuckDB's types of numbers."""
WHY = {
    "visibility": "CASE WHEN visibility IN ('hidden', 'not for publication') THEN visibility END",
    "conf_status": "CASE WHEN conf_status IN ('C', 'D') THEN 'hidden' "
    "WHEN conf_status = 'N' THEN 'not for publication' END",
}
"""Columns that say why a number of their row is missing, and the word for it; without a word it is just missing."""


@dataclass
class Answer:
    """The answer to a statement; it has rows unless the relation is None.

    unexplained: numbers that were missing in what was written or drawn, where no column says whether they are hidden.
    """

    relation: duckdb.DuckDBPyRelation | None
    unexplained: int = 0

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(self.relation.columns) if self.relation is not None else []

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as mappings."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows()]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Give the rows one after the other."""
        if self.relation is None:
            return
        numbers = [] if self._why() else self._numbers()
        while rows := self.relation.fetchmany(ROWS_AT_ONCE):
            self.unexplained += sum(row[place] is None for row in rows for place in numbers)
            yield from rows

    def drawn(self, width: int) -> str:
        """Draw the rows as a table no wider than `width` characters; hidden numbers are told as such."""
        if self.relation is None:
            return ""
        why, numbers = self._why(), [self.names[place] for place in self._numbers()]
        if not numbers or len(set(self.names)) < len(self.names):
            return repr_of(self.relation, width)
        missing = f"IS NULL AND ({why}) IS NOT NULL" if why else "IS NULL"
        counts = self.relation.aggregate(", ".join(f"count_if({quoted(name)} {missing})" for name in numbers))
        found = {name: count for name, count in zip(numbers, counts.fetchall()[0], strict=True) if count}
        if not why:
            self.unexplained += sum(found.values())
        if not why or not found:
            return repr_of(self.relation, width)
        told = ", ".join(f"coalesce({quoted(name)}::VARCHAR, {why}) AS {quoted(name)}" for name in found)
        return repr_of(self.relation.project(f"* REPLACE ({told})"), width)

    def write_json(self, out: TextIO) -> None:
        """Write the rows as one list; a number that is no number is null."""
        rows = [{name: _plain(value) for name, value in row.items()} for row in self.records()]
        out.write(json.dumps(rows, default=str, ensure_ascii=False) + "\n")

    def write_csv(self, out: TextIO) -> None:
        """Write the rows with a header; what a spreadsheet would take for a formula gets an apostrophe before it."""
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(map(neutralised, self.names))
        for row in self.rows():
            writer.writerow(map(_cell, row))

    def write_parquet(self, file: Path) -> None:
        """Write the rows as a Parquet file."""
        if self.relation is None:
            raise KinscaleError("the statement has no answer to write.", file=str(file))
        self.relation.write_parquet(str(file), compression="zstd")

    def _why(self) -> str | None:
        """Return the expression that says why a row has no number, where the answer has a column for it."""
        return next((word for column, word in WHY.items() if column in self.names), None)

    def _numbers(self) -> list[int]:
        """Return the places of the columns that hold numbers, also those that a query has made whole."""
        kinds = self.relation.types if self.relation is not None else []
        return [place for place, kind in enumerate(kinds) if NUMBER.fullmatch(str(kind))]


def repr_of(relation: duckdb.DuckDBPyRelation, width: int) -> str:
    """Draw a relation as DuckDB's own shell does."""
    import io

    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        relation.show(max_rows=MOST_ROWS, max_width=width)
    return text.getvalue()


@dataclass(frozen=True)
class Session:
    """Statements on one release, one after the other; what one sets holds for the next."""

    connection: duckdb.DuckDBPyConnection
    lent: tuple[str, ...]
    """Macros that the session has and the file has not."""

    def answers(self, text: str) -> Iterator[Answer]:
        """Run the statements of a text and give the answer of each.

        Raises KinscaleError with DuckDB's own message when one cannot be run; also when the caller reads the answer.
        """
        with own_words():
            for statement in self.connection.extract_statements(text):
                yield Answer(self.connection.sql(statement.query))

    def last_answer(self, text: str) -> Answer:
        """Run the statements of a text for their effect, and return the answer of the last one."""
        answer = Answer(None)
        for answer in self.answers(text):  # noqa: B007
            pass
        return answer


@contextlib.contextmanager
def own_words() -> Iterator[None]:
    """Raise what DuckDB says as a KinscaleError."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise KinscaleError(str(error), next_step='What there is: ./kinscale sql "SHOW TABLES"') from error


@contextlib.contextmanager
def session(file: Path) -> Iterator[Session]:
    """Open a release's DuckDB file read-only, at UTC, with the macros that it was made without."""
    import duckdb

    with own_words():
        connection = duckdb.connect(str(file), read_only=True)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield Session(connection, tuple(result_views.lend(connection)))
    finally:
        connection.close()


@contextlib.contextmanager
def run(file: Path, query: str) -> Iterator[Answer]:
    """Run statements on a release's DuckDB file and give the last answer, with errors as `own_words` has them."""
    with session(file) as opened, own_words():
        yield opened.last_answer(query)


def quoted(name: str) -> str:
    """Write the name of a column or a table so that it is nothing else."""
    return '"' + name.replace('"', '""') + '"'


def _plain(value: Any) -> Any:
    """Write a value as JSON has it: decimals as numbers, infinite ones as nothing."""
    if isinstance(value, Decimal):
        value = float(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return neutralised(value)
    if isinstance(value, (list, tuple, dict)):
        return neutralised(json.dumps(value, default=str, ensure_ascii=False))
    return str(value).lower() if isinstance(value, bool) else value
