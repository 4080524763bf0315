"""The store of estimated parts: the cells of one method for one country, or for all together, and what they rest on.

Lives here: the two tables of the build warehouse, `estimated_parts` and `estimated_cells`. A part stands there once, in
its newest form. Not here: what a part rests on, and when it is made again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from warehouse.build import Warehouse

if TYPE_CHECKING:
    import pandas as pd

    from schemas.result_tables import Table

    PartName = tuple[str, str]

NOT_KEPT = ("release_id", "survey_id", "wave")
"""Columns of `estimates` that say which release and survey a row is of, and not what was estimated."""


def keys(warehouse: Warehouse, survey_id: str) -> dict[PartName, str]:
    """Return the key of every part that is kept, by country (or the name of all together) and method.

    Empty where cells were kept under other columns than results have now: they are made again.
    """
    kept = warehouse.rows("SELECT column_name FROM duckdb_columns() WHERE table_name = 'estimated_cells'")
    if {row["column_name"] for row in kept} != set(_table().names):
        return {}
    rows = warehouse.rows(
        "SELECT country, method, key FROM estimated_parts WHERE survey_id = $survey", survey=survey_id
    )
    return {(row["country"], row["method"]): row["key"] for row in rows}


def replace(
    warehouse: Warehouse,
    survey_id: str,
    made: Mapping[PartName, str],
    cells: Mapping[str, pd.DataFrame],
    standing: Collection[PartName],
) -> None:
    """Keep parts that were made, in the place of what stood there, and forget those the survey has no more.

    made: their keys. cells: the cells of the parts made of each country. standing: all parts the survey has.
    """
    from warehouse.results import arrow

    table, now = _table(), datetime.now(UTC).replace(tzinfo=None)
    old = keys(warehouse, survey_id)
    gone = [part for part in old if part in made or part not in standing]
    with warehouse.transaction():
        if not old:
            _make(warehouse, table, survey_id)
        for country, method in gone:
            for name, column in (("estimated_cells", "part_country"), ("estimated_parts", "country")):
                warehouse.execute(
                    f"DELETE FROM {name} WHERE survey_id = $survey AND {column} = $country AND method = $method",
                    survey=survey_id, country=country, method=method,
                )  # fmt: skip
        for country, frame in cells.items():
            rows = arrow(table, frame.assign(survey_id=survey_id, part_country=country))
            warehouse.connection.register("rows_to_keep", rows)
            warehouse.execute("INSERT INTO estimated_cells SELECT * FROM rows_to_keep")
            warehouse.connection.unregister("rows_to_keep")
        for (country, method), key in made.items():
            warehouse.execute(
                "INSERT INTO estimated_parts VALUES ($survey, $country, $method, $key, $now)",
                survey=survey_id, country=country, method=method, key=key, now=now,
            )  # fmt: skip


def read(warehouse: Warehouse, survey_id: str) -> pd.DataFrame:
    """Return the cells of all parts of a survey, in the order of their full key, nulls first."""
    from schemas.result_tables import tables

    kept = [name for name in tables()["estimates"].names if name not in NOT_KEPT]
    order = ", ".join(f"{name} NULLS FIRST" for name in tables()["estimates"].key if name not in NOT_KEPT)
    query = f"SELECT {', '.join(kept)} FROM estimated_cells WHERE survey_id = $survey ORDER BY {order}"
    frame: pd.DataFrame = warehouse.connection.execute(query, {"survey": survey_id}).df()
    return frame


def forget(warehouse: Warehouse, survey_id: str) -> None:
    """Forget all parts of a survey; the next night makes them again."""
    with warehouse.transaction():
        _make(warehouse, _table(), survey_id)


def _make(warehouse: Warehouse, table: Table, survey_id: str) -> None:
    """Make the table of cells where it is not there or has other columns, and clear what a survey has in it."""
    kept = {row["column_name"] for row in warehouse.rows(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = 'estimated_cells'"
    )}  # fmt: skip
    if kept != set(table.names):
        columns = ", ".join(f"{column.name} {column.sql_type}" for column in table.columns)
        warehouse.execute("DELETE FROM estimated_parts")
        warehouse.execute("DROP TABLE IF EXISTS estimated_cells")
        warehouse.execute(f"CREATE TABLE estimated_cells ({columns})")
    for name in ("estimated_cells", "estimated_parts"):
        warehouse.execute(f"DELETE FROM {name} WHERE survey_id = $survey", survey=survey_id)


def _table() -> Table:
    """Describe `estimated_cells`: the columns of `estimates` that are kept, whose they are before them."""
    from schemas.result_tables import Column, Table, tables

    estimates = tables()["estimates"]
    own = (Column("survey_id", "text", "Survey"), Column("part_country", "text", "Country, or all together"))
    kept = tuple(column for column in estimates.columns if column.name not in NOT_KEPT)
    return Table("estimated_cells", "Cells of estimated parts", (*own, *kept))
