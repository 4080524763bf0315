"""Queries over interviews that lie as Parquet parts, run by Spark; what comes back is small enough for one machine.

Lives here: which parts are read and as what, and how a result travels. Not here: the session (`spark_session`), what
executors do in an object store (`spark_parts`), what is asked (`psu_expression`, `warehouse/sql/`).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from schemas.errors import EngineFailed
from schemas.settings import Spark
from sources.credentials import from_environment, variable
from warehouse import spark_session
from warehouse.microdata import Microdata
from warehouse.record_columns import record_columns

if TYPE_CHECKING:
    import pyarrow as pa

    from warehouse.spark_parts import Reach

CONNECTOR = "spark.hadoop.fs.s3a."
"""Beginning of the settings of Hadoop's connector to S3: an operator who writes one has it, and Spark reads by it."""
_TYPES = {"VARCHAR": "STRING", "BIGINT": "BIGINT", "DOUBLE": "DOUBLE", "DATE": "DATE"}
_VIEW = "interviews"
_one_at_a_time = threading.Lock()
"""A session has one view of that name."""


def totals(
    paths: Sequence[str],
    outside: Microdata,
    settings: Spark,
    survey_id: str,
    instrument: ModuleType,
    by_family: bool = False,
) -> pa.Table:
    """Return the PSU totals of a survey's parts in key order, as `psu_totals` computes them on DuckDB.

    paths: the Parquet parts that count, and no others. outside: where they lie. Raises EngineMissing,
    EngineUnreachable, EngineFailed.
    """
    from warehouse.compiled_queries import compiled

    spark_session.needed("ibis", "sqlglot")
    statement = compiled("pyspark", instrument, by_family)
    return _run(statement, {"survey_id": survey_id}, paths, outside, settings, instrument)


def query(
    sql: str,
    parameters: Mapping[str, Any],
    paths: Sequence[str],
    outside: Microdata,
    settings: Spark,
    instrument: ModuleType,
) -> pa.Table:
    """Return what a statement of DuckDB over `interviews` gives on Spark. parameters: those that it names with `$`.

    Integers, texts and order are DuckDB's. Raises as `totals`, and EngineFailed for a statement that Spark cannot take.
    """
    spark_session.needed("sqlglot")
    return _run(translated(sql), parameters, paths, outside, settings, instrument)


def translated(sql: str) -> str:
    """Return a statement of DuckDB as Spark reads it: parameters, whole division, order of missing values.

    Raises ValueError for quantiles, which the two need not agree on: count families in whole numbers instead.
    """
    import sqlglot
    from sqlglot import exp

    tree = sqlglot.parse_one(sql, read="duckdb", error_level=sqlglot.ErrorLevel.RAISE)
    found = tree.find(exp.PercentileDisc, exp.PercentileCont, exp.Quantile, exp.ApproxQuantile)
    if found is not None:
        raise ValueError(f"{found.sql('duckdb')} need not be the same on Spark")
    return str(tree.sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE, comments=False))


def _run(
    statement: str,
    parameters: Mapping[str, Any],
    paths: Sequence[str],
    outside: Microdata,
    settings: Spark,
    instrument: ModuleType,
) -> pa.Table:
    session = spark_session.session(settings)
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    reach = _reach(outside, settings)
    with _one_at_a_time:
        try:
            records = _records(session, paths, outside, reach, _types(instrument, statement))
            records.createOrReplaceTempView(_VIEW)
            found = _fetched(session.sql(statement, args=dict(parameters)), outside, reach)
            session.catalog.dropTempView(_VIEW)
        except (PySparkException, Py4JError, ConnectionError) as error:  # the last where Java itself has ended
            raise EngineFailed(
                f"Spark gave up the query: {_said(error)}.",
                file=outside.root,
                next_step="Its log has more. Nothing was changed; the survey can go back to `engine: duckdb`.",
            ) from error
    return found


def _reach(outside: Microdata, settings: Spark) -> Reach | None:
    """Say how executors open the store of the parts; None where Spark itself reads and writes, by Hadoop's means."""
    by_hadoop = any(name.startswith(CONNECTOR) for name in settings.config)
    if by_hadoop or not outside.root.startswith("s3://"):
        return None
    from warehouse.spark_parts import Reach

    name = outside.credentials
    known: Mapping[str, str] = (from_environment(name) if name else None) or {}
    open_ = {key: known.get(key) for key in ("endpoint", "region", "ca_file")}
    return Reach(variable(name) if name else "", **open_)


def _types(instrument: ModuleType, statement: str) -> dict[str, str]:
    """Return the columns that a statement uses, and the survey's, with their types: no others need be read."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.optimizer.pushdown_projections import pushdown_projections
    from sqlglot.optimizer.qualify import qualify

    types = {name: _TYPES[kind] for name, kind in record_columns(instrument).items()}
    tree = qualify(sqlglot.parse_one(statement, read="spark"), schema={_VIEW: types}, dialect="spark")
    used = {"survey_id", *(column.name for column in pushdown_projections(tree).find_all(exp.Column))}
    return {name: kind for name, kind in types.items() if name in used}


def _records(
    session: Any, paths: Sequence[str], outside: Microdata, reach: Reach | None, types: Mapping[str, str]
) -> Any:
    """Return the interviews of the parts, by name and type of the instrument: nothing is guessed from a file."""
    schema = ", ".join(f"`{name}` {kind}" for name, kind in types.items())
    if not paths:
        return session.createDataFrame([], schema)
    if reach is not None:
        from warehouse import spark_parts

        return spark_parts.records(session, reach, paths, schema)
    reader = session.read.schema(schema).option("basePath", _address(outside.root))
    return reader.parquet(*(_literal(_address(path)) for path in paths))


def _fetched(found: Any, outside: Microdata, reach: Reach | None) -> pa.Table:
    """Have the executors write a sorted result beside the parts, read it in its order, and remove it.

    So neither the driver nor Python ever holds more than the table itself.
    """
    import pyarrow as pa
    from pyspark.sql.pandas.types import to_arrow_schema

    with outside.result() as place:
        if reach is None:
            found.write.parquet(_address(outside.address(place)))
        else:
            from warehouse import spark_parts

            spark_parts.write(found, reach, outside.address(place))
        parts = [outside.table(file) for file in outside.files_of(place)]
    plain = pa.schema([pa.field(field.name, field.type) for field in to_arrow_schema(found.schema)])
    return pa.concat_tables([plain.empty_table(), *(part.cast(plain) for part in parts)])


def _address(place: str) -> str:
    """Return a folder or address as Hadoop names it."""
    return re.sub(r"^s3://", "s3a://", place)


def _literal(path: str) -> str:
    """Have Spark take a path for what it is: it would look for files that match its brackets and stars."""
    return re.sub(r"([\[\]{}*?\\])", r"\\\1", path)


def _said(error: Exception) -> str:
    """Return the line that says what happened: of an executor's Python, the one below its trace."""
    lines = (str(error).strip() or type(error).__name__).splitlines()
    trace = next((number for number, line in enumerate(lines) if line.startswith("Traceback ")), None)
    below = [line for line in lines[trace + 1 :] if line[:1].strip()] if trace is not None else []
    return (below or lines)[0].rstrip(".")
