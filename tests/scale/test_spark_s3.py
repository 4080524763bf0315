"""Interviews in an object store: executors read parts there, and write results there, with nothing of Hadoop's.

Expected values: those of DuckDB over the same parts, or of the same night without Spark.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from samples.synthetic import parquet
from schemas import family_survey
from schemas.errors import EngineFailed
from schemas.settings import Settings, Spark
from sources.credentials import variable
from tests.integration.stores.servers import KEY_ID, SECRET, Server
from tests.integration.test_interview_parts import hash_of, night, settings
from tests.scale.conftest import LAKE
from tests.scale.interview_parts import connection_with, export, random_interviews, statements
from tests.scale.test_spark_engine import assert_same, on_duckdb
from warehouse import build, psu_totals, spark_engine, spark_session, upkeep
from warehouse.home import Home
from warehouse.microdata import Microdata

pytestmark = [pytest.mark.slow, pytest.mark.scale]
ROWS, PSUS = 300_000, 20_000


@pytest.fixture
def lake(s3_server: Server, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """An address of the store that no other test has; its credentials are set."""
    for key, value in s3_server.credentials.items():
        monkeypatch.setenv(variable(LAKE, key), value)
    return f"{s3_server.address}/lake/{request.node.originalname}"


def put(address: str, folder: Path, home: Path) -> tuple[Microdata, list[str]]:
    """Put the parts of a folder into the store; return where they lie, and their addresses."""
    outside = Microdata.of(home, Settings(microdata=address, microdata_credentials=LAKE))
    places = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet"))
    for place in places:
        outside.put(folder / place, place)
    return outside, [outside.address(place) for place in places]


@pytest.fixture
def answers(lake: str, tmp_path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Microdata, list[str]]]:
    """Interviews with every kind of answer: in DuckDB, and in the store."""
    with connection_with(random_interviews(11)) as connection:
        export(connection, tmp_path / "parts")
        yield connection, *put(lake, tmp_path / "parts", tmp_path / "home")


def left(outside: Microdata) -> list[str]:
    """Return what of results is in the store."""
    return [name for name in outside.storage.find(outside.root) if "_results" in name]


def test_a_night_gives_the_release_of_duckdb(
    lake: str, spark: Spark, survey: Path, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Home(tmp_path / "plain")
    assert night(plain).is_new_release
    told = {"master": spark.master, "config": dict(spark.config)}
    settings(home, engine="spark", microdata=lake, microdata_credentials=LAKE, spark=told)
    assert night(home).is_new_release
    assert hash_of(home) == hash_of(plain)
    with build.read(home) as warehouse:
        assert warehouse is not None
        outside = warehouse.microdata
    assert len(list(outside.listed())) == 2
    assert left(outside) == []
    killed = outside.address(f"_results/{outside.owner}-killed/00000-1.parquet")
    others = outside.address("_results/other-killed/00000-1.parquet")
    for name in (killed, others):
        outside.storage.pipe_file(name, b"half")
    assert upkeep.sweep(home) == [f"_results/{outside.owner}-killed"]
    assert left(outside) == [others.removeprefix("s3://")]
    assert len(list(outside.listed())) == 2


@pytest.mark.parametrize("by_family", [False, True])
def test_psu_totals_are_those_of_duckdb(
    by_family: bool, answers: tuple[duckdb.DuckDBPyConnection, Microdata, list[str]], spark: Spark
) -> None:
    connection, outside, paths = answers
    expected = on_duckdb(connection, psu_totals.query(family_survey, by_family), survey_id="s")
    assert_same(spark_engine.totals(paths, outside, spark, "s", family_survey, by_family), expected)


def test_another_pass_is_that_of_duckdb_and_nothing_is_left(
    answers: tuple[duckdb.DuckDBPyConnection, Microdata, list[str]], spark: Spark
) -> None:
    connection, outside, paths = answers
    sql, parameters = statements()["family_counts"]
    asked = {"survey_id": "s", **parameters}
    found = spark_engine.query(sql, asked, paths, outside, spark, family_survey)
    assert_same(found, on_duckdb(connection, sql, **asked))
    nobody = spark_engine.totals(paths, outside, spark, "nobody", family_survey)
    assert nobody.schema.equals(on_duckdb(connection, psu_totals.query(family_survey), survey_id="nobody").schema)
    assert nobody.num_rows == 0
    assert left(outside) == []


def test_a_server_whose_environment_has_the_secrets_gives_the_same(
    answers: tuple[duckdb.DuckDBPyConnection, Microdata, list[str]], spark_server: Spark
) -> None:
    connection, outside, paths = answers
    expected = on_duckdb(connection, psu_totals.query(family_survey), survey_id="s")
    assert_same(spark_engine.totals(paths, outside, spark_server, "s", family_survey), expected)


def test_hundreds_of_thousands_of_interviews(lake: str, spark: Spark, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    parquet.write(folder, ROWS, PSUS)
    outside, paths = put(lake, folder, tmp_path / "home")
    with duckdb.connect() as connection:
        files = sorted(str(path) for path in folder.rglob("*.parquet"))
        connection.read_parquet(files, hive_partitioning=True).create_view("interviews")
        expected = on_duckdb(connection, psu_totals.query(family_survey), survey_id=parquet.ID)
    assert expected.num_rows == PSUS
    assert spark_engine.totals(paths, outside, spark, parquet.ID, family_survey).equals(expected)


def test_no_plan_no_log_and_no_file_shows_a_secret(
    answers: tuple[duckdb.DuckDBPyConnection, Microdata, list[str]],
    spark: Spark,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    _, outside, paths = answers
    session = spark_session.session(spark)
    reach = spark_engine._reach(outside, spark)
    records = spark_engine._records(session, paths, outside, reach, {"survey_id": "STRING", "relatives": "BIGINT"})
    records.explain("extended")
    shown = capfd.readouterr()
    assert "Physical Plan" in shown.out
    texts = [shown.out, shown.err, repr(reach), repr(outside), repr(session.sparkContext.getConf().getAll())]
    with pytest.raises(EngineFailed) as caught:  # the store says why
        spark_engine.totals([f"{paths[0]}.gone"], outside, spark, "s", family_survey)
    texts += [str(caught.value), str(caught.value.__cause__)]
    folder = Path(session.conf.get("spark.local.dir")).parent
    events = Path(spark.config["spark.eventLog.dir"])
    files = [path for place in (folder, events) for path in place.rglob("*") if path.is_file()]
    assert {"spark-defaults.conf", "stderr"} <= {path.name for path in files}
    assert any(path.is_relative_to(events) and path.stat().st_size for path in files)
    for secret in (SECRET, KEY_ID):
        assert not [text for text in texts if secret in text]
        assert not [path for path in files if secret.encode() in path.read_bytes()]
    assert left(outside) == []


def test_executors_without_the_secrets_say_which(
    answers: tuple[duckdb.DuckDBPyConnection, Microdata, list[str]], spark: Spark, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, outside, paths = answers
    monkeypatch.setenv(variable("other", "endpoint"), "http://127.0.0.1:9")
    other = Microdata(outside.root, outside.home, outside.storage, "other")
    with pytest.raises(EngineFailed, match=r"KINSCALE_CREDENTIALS_OTHER_KEY_ID and .* are not set"):
        spark_engine.totals(paths, other, spark, "s", family_survey)
