"""Spark against DuckDB, to the last integer: the PSU totals, and every other pass over interviews."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from schemas import family_survey
from schemas.errors import EngineFailed
from schemas.settings import Spark
from tests.scale.interview_parts import at, connection_with, export, random_interviews, statements
from warehouse import psu_totals, spark_engine

pytestmark = [pytest.mark.slow, pytest.mark.scale]


def on_duckdb(connection: duckdb.DuckDBPyConnection, sql: str, **parameters: object) -> pa.Table:
    found: pa.Table = connection.execute(sql, parameters).to_arrow_table()
    return found


def assert_same(found: pa.Table, expected: pa.Table) -> None:
    assert found.schema.names == expected.schema.names
    assert found.schema.types == expected.schema.types
    assert found.to_pylist() == expected.to_pylist()
    assert found.num_rows > 0


@pytest.mark.parametrize("by_family", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_psu_totals_are_those_of_duckdb(seed: int, by_family: bool, spark: Spark, tmp_path: Path) -> None:
    with connection_with(random_interviews(seed)) as connection:
        parts = export(connection, tmp_path / "parts")
        expected = on_duckdb(connection, psu_totals.query(family_survey, by_family), survey_id="s")
    found = spark_engine.totals(parts, at(tmp_path / "parts"), spark, "s", family_survey, by_family)
    assert_same(found, expected)
    left = [path.name for path in (tmp_path / "parts").iterdir()]
    assert sorted(left) == ["survey_id=other", "survey_id=s"]


@pytest.mark.parametrize("name", statements())
def test_every_other_pass_is_that_of_duckdb(name: str, spark: Spark, tmp_path: Path) -> None:
    sql, parameters = statements()[name]
    with connection_with(random_interviews(4)) as connection:
        parts = export(connection, tmp_path / "parts")
        expected = on_duckdb(connection, sql, survey_id="s", **parameters)
    asked = {"survey_id": "s", **parameters}
    found = spark_engine.query(sql, asked, parts, at(tmp_path / "parts"), spark, family_survey)
    assert_same(found, expected)


def test_only_the_parts_given_are_read_whatever_their_folder_is_called(spark: Spark, tmp_path: Path) -> None:
    folder = tmp_path / "Ош [x]{a,b} 100%41"
    with connection_with(random_interviews(5)) as connection:
        parts = export(connection, folder)
        wanted = [part for part in parts if "load_id=0012" in part]
        connection.execute("DELETE FROM interviews WHERE load_id <> '0012'")
        expected = on_duckdb(connection, psu_totals.query(family_survey), survey_id="s")
    assert_same(spark_engine.totals(wanted, at(folder), spark, "s", family_survey), expected)


def test_no_part_gives_no_row_of_the_same_columns(spark: Spark, tmp_path: Path) -> None:
    with connection_with(random_interviews(5, 5)) as connection:
        expected = on_duckdb(connection, psu_totals.query(family_survey), survey_id="nobody")
    found = spark_engine.totals([], at(tmp_path / "parts"), spark, "nobody", family_survey)
    assert found.schema.equals(expected.schema)
    assert found.num_rows == 0


def test_a_sum_that_does_not_fit_is_an_error(spark: Spark, tmp_path: Path) -> None:
    frame = random_interviews(6, 50).assign(survey_id="s", labour_abroad_men_earlier=2**62)
    with connection_with(frame) as connection:
        parts = export(connection, tmp_path / "parts")
    with pytest.raises(EngineFailed, match=r"(?i)overflow"):
        spark_engine.totals(parts, at(tmp_path / "parts"), spark, "s", family_survey)


def test_a_part_that_is_gone_is_an_error(spark: Spark, tmp_path: Path) -> None:
    with connection_with(random_interviews(7, 50)) as connection:
        parts = export(connection, tmp_path / "parts")
    Path(parts[0]).unlink()
    with pytest.raises(EngineFailed, match="PATH_NOT_FOUND"):
        spark_engine.totals(parts, at(tmp_path / "parts"), spark, "s", family_survey)


def test_a_quote_in_a_parameter_stays_a_text(spark: Spark, tmp_path: Path) -> None:
    with connection_with(random_interviews(8, 50)) as connection:
        parts = export(connection, tmp_path / "parts")
    asked = "s' OR '1' = '1"
    assert spark_engine.totals(parts, at(tmp_path / "parts"), spark, asked, family_survey).num_rows == 0


def test_a_server_gives_the_same(spark_server: Spark, tmp_path: Path) -> None:
    with connection_with(random_interviews(9)) as connection:
        parts = export(connection, tmp_path / "parts")
        expected = on_duckdb(connection, psu_totals.query(family_survey), survey_id="s")
    assert_same(spark_engine.totals(parts, at(tmp_path / "parts"), spark_server, "s", family_survey), expected)
