"""Ten million invented interviews: Spark's PSU totals are DuckDB's, and both are what the interviews were made from."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.compute as pc
import pytest

from samples.synthetic import parquet
from schemas import family_survey
from schemas.settings import Spark
from tests.scale.interview_parts import at
from warehouse import psu_totals, spark_engine

pytestmark = [pytest.mark.slow, pytest.mark.scale]
INTERVIEWS, PSUS = 10_000_000, 100_000


def test_ten_million_interviews(spark: Spark, tmp_path: Path) -> None:
    parts = [str(path) for path in parquet.write(tmp_path, INTERVIEWS, PSUS)]
    found = spark_engine.totals(parts, at(tmp_path), spark, parquet.ID, family_survey)
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        connection.read_parquet(parts, hive_partitioning=True).create_view("interviews")
        expected = connection.execute(psu_totals.query(family_survey), {"survey_id": parquet.ID}).to_arrow_table()
        (whole,) = connection.execute("SELECT sum(labour_abroad_men_earlier)::BIGINT FROM interviews").fetchall()
    assert found.equals(expected)
    # by construction: interviews go to settlements in turn, a hundred to each, one in two settlements a town
    assert set(found["n_respondents"].to_pylist()) == {INTERVIEWS // PSUS}
    assert (found.num_rows, pc.sum(found["n_urban"]).as_py()) == (PSUS, INTERVIEWS // 2)
    earlier = pc.subtract(found["labour_abroad_men"], found["labour_abroad_men_last_3_years"])
    assert (pc.sum(earlier).as_py(),) == whole
