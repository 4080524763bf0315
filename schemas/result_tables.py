"""The result tables as `result_tables.yaml` describes them: columns, keys, pandera schemas, data dictionary."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.read_yaml import read_yaml

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

_FILE = Path(__file__).with_suffix(".yaml")
_SQL_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "timestamp": "TIMESTAMP"}
ANALYSES = ("families", "records")
_PANDAS_TYPES = {"text": "str", "integer": "Int64", "number": "float64", "timestamp": "datetime64[us]"}


@dataclass(frozen=True)
class Column:
    """One column: its type, its meaning, and what a value must satisfy."""

    name: str
    type: str
    description: str
    key: bool = False
    nullable: bool = False
    unit: str | None = None
    code_list: str | None = None
    isin: tuple[str, ...] | None = None
    ge: float | None = None
    le: float | None = None

    @property
    def sql_type(self) -> str:
        """DuckDB's type."""
        return _SQL_TYPES[self.type]

    @property
    def meaning(self) -> str:
        """What it means, with its unit, as comments say it."""
        return f"{self.description} [{self.unit}]" if self.unit else self.description

    @property
    def values(self) -> str | None:
        """The code list's name, or the values that are allowed."""
        return self.code_list or (", ".join(self.isin) if self.isin else None)


@dataclass(frozen=True)
class Table:
    """One result table."""

    name: str
    description: str
    columns: tuple[Column, ...]
    analyses: tuple[str, ...] = ANALYSES
    """Releases of which kind of instrument have it."""

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    @property
    def key(self) -> list[str]:
        """Names of the columns that together name one row."""
        return [column.name for column in self.columns if column.key]


@cache
def tables() -> dict[str, Table]:
    """Return every result table by name, in the order of the file."""
    content: dict[str, dict[str, Any]] = read_yaml(_FILE)
    return {
        name: Table(
            name,
            body["description"],
            tuple(_column(n, c) for n, c in body["columns"].items()),
            tuple(body.get("in", ANALYSES)),
        )
        for name, body in content.items()
    }


def tables_in(analysis: str) -> list[Table]:
    """List the tables that releases of one kind of instrument have."""
    return [table for table in tables().values() if analysis in table.analyses]


def _column(name: str, content: dict[str, Any]) -> Column:
    allowed = content.get("isin")
    return Column(name=name, **{**content, "isin": tuple(allowed) if allowed else None})


def conform(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` with the table's columns in order and type, sorted by its full key, checked by pandera.

    Raises pandera.errors.SchemaErrors when a value breaks the table's description or a key stands twice.
    """
    table = tables()[name]
    out = frame[table.names].copy()
    for column in table.columns:
        out[column.name] = out[column.name].astype(_PANDAS_TYPES[column.type])
    out = out.sort_values(table.key, na_position="first", kind="stable").reset_index(drop=True)
    return schema(name).validate(out, lazy=True)


@cache
def schema(name: str) -> pa.DataFrameSchema:
    """Build the pandera schema of a result table."""
    import pandera.pandas as pa

    table = tables()[name]
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                _PANDAS_TYPES[column.type], _checks(column), nullable=column.nullable, description=column.description
            )
            for column in table.columns
        },
        unique=table.key,
        strict=True,
        ordered=True,
        name=name,
    )


def _checks(column: Column) -> list[pa.Check]:
    import pandera.pandas as pa

    checks = []
    if column.isin is not None:
        checks.append(pa.Check.isin(column.isin))
    if column.ge is not None:
        checks.append(pa.Check.ge(column.ge))
    if column.le is not None:
        checks.append(pa.Check.le(column.le))
    return checks


def dictionary(analysis: str = ANALYSES[0]) -> pd.DataFrame:
    """Lay out the data dictionary: one row per column of every table that releases of a kind of instrument have."""
    import pandas as pd

    rows = [
        {
            "table_name": table.name,
            "position": position,
            "column_name": column.name,
            "type": column.sql_type,
            "unit": column.unit,
            "code_list": column.values,
            "description": column.description,
        }
        for table in tables_in(analysis)
        for position, column in enumerate(table.columns, start=1)
    ]
    return conform("dictionary", pd.DataFrame(rows))
