"""Time the PSU totals on a Spark cluster of this machine against Spark's own plain group-by, and against DuckDB.

`python -m tests.scale.spark_totals --rows 10000000 --psus 100000`, with a Python that has the extra for Spark. Both run
in one session, one after the other, twice: the first run of a session also compiles. Peaks are those of the driver.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.design_table import say
from benchmarks.measured import high_water
from samples.synthetic import parquet
from schemas import family_survey
from schemas.settings import Spark
from warehouse import psu_totals, spark_engine, spark_session
from warehouse.microdata import Microdata

CHECKOUT = Path(__file__).resolve().parents[2]
PLAIN = """
    SELECT survey_id, country, region, region || '/' || district || '/' || settlement AS psu,
        count(*) AS interviews, sum(relatives) AS relatives, sum(labour_abroad_men_earlier) AS men
    FROM interviews WHERE survey_id = $survey_id GROUP BY ALL
"""
"""What anybody would write: the same key, a count and two sums."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; 0 if the totals are those of DuckDB, 1 if not."""
    options = _parser().parse_args(arguments)
    root = options.data / f"parts_{options.rows}_{options.psus}"
    if not root.exists():
        parquet.write(root, options.rows, options.psus)
    paths = sorted(str(path) for path in root.rglob("*.parquet"))
    asked = {"survey_id": parquet.ID}
    settings = Spark(master=options.master)
    say(f"{options.rows:,} interviews, {options.psus:,} PSUs, {len(paths)} parts, {options.master}")
    started = time.perf_counter()
    spark_session.session(settings)
    say(f"{'session':<22}{time.perf_counter() - started:>8.1f} s")
    where = (paths, Microdata(str(root), options.data), settings)
    found: Any = None
    for run in ("first", "second"):
        del found  # a night holds one result, not two
        plain = _timed(lambda: spark_engine.query(PLAIN, asked, *where, family_survey))[1]
        found, ours = _timed(lambda: spark_engine.totals(*where, parquet.ID, family_survey))
        say(f"{f'{run} run: plain':<22}{plain:>8.1f} s")
        say(f"{f'{run} run: totals':<22}{ours:>8.1f} s{ours / plain:>8.1f} x   {_peaks()}")
    say(f"{'written to shuffle':<22}{_shuffled() / 4 / 1e6:>8.1f} MB a query")
    expected, seconds = _timed(lambda: _on_duckdb(paths, asked))
    say(f"{'DuckDB':<22}{seconds:>8.1f} s")
    spark_session.end()
    same = bool(found.equals(expected))
    say("equal to the last integer" if same else "NOT the totals of DuckDB")
    return 0 if same else 1


def _timed(action: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    found = action()
    return found, time.perf_counter() - started


def _peaks() -> str:
    from pyspark import SparkContext

    java, python = high_water(SparkContext._gateway.proc.pid), high_water(os.getpid())
    return f"driver: Java {java:.0f} MB, Python {python:.0f} MB"


def _shuffled() -> int:
    """Return the bytes that the executors have written for one another so far: both queries, twice each."""
    from pyspark import SparkContext

    context, gateway = SparkContext._active_spark_context, SparkContext._gateway
    assert context is not None
    quantiles = gateway.new_array(gateway.jvm.double, 0)
    stages = context._jsc.sc().statusStore().stageList(None, False, False, quantiles, None)
    return sum(stages.apply(number).shuffleWriteBytes() for number in range(stages.size()))


def _on_duckdb(paths: list[str], asked: dict[str, str]) -> Any:
    with duckdb.connect() as connection:
        connection.read_parquet(paths, hive_partitioning=True).create_view("interviews")
        return connection.execute(psu_totals.query(family_survey), asked).to_arrow_table()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.scale.spark_totals", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="interviews; default 10 million")
    parser.add_argument("--psus", type=int, default=100_000, help="settlements; default 100,000")
    parser.add_argument("--data", type=Path, default=CHECKOUT / "data" / "benchmarks", help="folder for the parts")
    parser.add_argument("--master", default="local-cluster[2,1,1024]", help="Spark's; default two executors of 1 GB")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
