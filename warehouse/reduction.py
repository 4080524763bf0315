"""Passes over interviews: a query comes in, a small frame comes out, from whoever reduces the survey's interviews.

Lives here: the choice between DuckDB and Spark, which give the same rows. Not here: the queries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from schemas.instrument import form
from schemas.settings import Spark
from warehouse import interview_parts
from warehouse.build import Warehouse
from warehouse.microdata import Microdata

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow


def rows(warehouse: Warehouse, survey_id: str, sql: str, **told: Any) -> pd.DataFrame:
    """Return what a statement about a survey gives. told: its parameters besides `survey_id`.

    Raises EngineMissing, EngineUnreachable or EngineFailed where Spark is to reduce and cannot.
    """
    asked = {"survey_id": survey_id, **told}
    if not by_spark(warehouse, survey_id):
        frame: pd.DataFrame = warehouse.connection.execute(sql, asked).df()
        return frame
    from warehouse import spark_engine

    def run(paths: list[str], outside: Microdata, spark: Spark) -> pyarrow.Table:
        return spark_engine.query(sql, asked, paths, outside, spark, form(warehouse.instrument.NAME))

    return _on_spark(warehouse, survey_id, run)


def totals(warehouse: Warehouse, survey_id: str, sql: str, by_family: bool) -> pd.DataFrame:
    """Return the PSU totals of a survey. sql: for DuckDB; Spark runs what is compiled for it. Raises as `rows`."""
    if not by_spark(warehouse, survey_id):
        return rows(warehouse, survey_id, sql)
    from warehouse import spark_engine

    def run(paths: list[str], outside: Microdata, spark: Spark) -> pyarrow.Table:
        return spark_engine.totals(paths, outside, spark, survey_id, form(warehouse.instrument.NAME), by_family)

    return _on_spark(warehouse, survey_id, run)


def by_spark(warehouse: Warehouse, survey_id: str) -> bool:
    """Tell whether Spark reduces a survey; a table of the build warehouse it cannot see."""
    wanted = warehouse.settings.engine_of(survey_id) == "spark"
    return wanted and interview_parts.are_parts(warehouse, survey_id)


def _on_spark(
    warehouse: Warehouse, survey_id: str, run: Callable[[list[str], Microdata, Spark], pyarrow.Table]
) -> pd.DataFrame:
    outside = warehouse.microdata
    paths = [outside.address(part.place) for part in interview_parts.of_survey(warehouse, survey_id)]
    found = run(paths, outside, warehouse.settings.spark)  # a query names it
    frame: pd.DataFrame = warehouse.connection.execute("SELECT * FROM found").df()  # pandas types as from DuckDB
    del found
    return frame
