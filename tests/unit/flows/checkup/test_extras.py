"""Checks of Spark, Dask and Java: not there, there as locked, half there, needed by the settings or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.checkup import extras
from warehouse import code_version
from warehouse.home import Home

SPARK, DASK = (
    {name: min(versions) for name, versions in code_version.locked(code_version.lock_of(extra)).items()}
    for extra in ("spark", "dask")
)


def set_to(home: Home, text: str) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    (home.root / "settings.yaml").write_text(text, encoding="utf-8")


def java(folder: Path, says: str) -> str:
    """A program in the place where JAVA_HOME has one."""
    program = folder / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho '{says}' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def test_what_nobody_asks_for_may_be_absent(home: Home, survey: Path) -> None:
    found = extras.packages(home, {"duckdb": "1.5.5"})
    assert (found.state, found.advice) == ("ok", "")
    assert found.seen == "dask is not installed; spark is not installed"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("engine: spark", "./kinscale install spark."),
        ("engines: {valley_2012: spark}", "./kinscale install spark."),
        ("runner: dask", "./kinscale install dask."),
        ("{engine: spark, runner: dask}", "./kinscale install dask. ./kinscale install spark."),
    ],
)
def test_what_the_settings_ask_for_and_is_absent_fails(
    home: Home, monkeypatch: pytest.MonkeyPatch, text: str, advice: str
) -> None:
    monkeypatch.setattr("schemas.survey_folders.names", lambda: ["valley_2012", "lowland_2013"])
    set_to(home, text)
    found = extras.packages(home, {})
    assert (found.state, found.advice) == ("fail", advice)


def test_a_survey_that_goes_another_way_asks_for_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.survey_folders.names", lambda: ["valley_2012"])
    set_to(home, "{engine: spark, engines: {valley_2012: duckdb}}")
    assert extras.packages(home, {}).state == "ok"


def test_what_is_as_locked_is_well(home: Home, survey: Path) -> None:
    set_to(home, "{engine: spark, runner: dask}")
    assert extras.packages(home, {**SPARK, **DASK}).state == "ok"


def test_another_version_is_named_and_fails_only_where_it_is_needed(home: Home, survey: Path) -> None:
    there = {**SPARK, "pyspark": "3.5.1"}
    found = extras.packages(home, there)
    assert found.state == "warn"
    assert f"pyspark 3.5.1 instead of {SPARK['pyspark']}" in found.seen
    assert "--remove spark" in found.advice
    set_to(home, "engine: spark")
    assert extras.packages(home, there).state == "fail"


def test_half_an_extra_is_not_taken_for_one(home: Home, survey: Path) -> None:
    found = extras.packages(home, {name: version for name, version in DASK.items() if name != "distributed"})
    assert (found.state, "distributed is not installed" in found.seen) == ("warn", True)


def test_settings_that_do_not_load_ask_for_nothing(home: Home, survey: Path) -> None:
    set_to(home, "engine: [")
    assert extras.packages(home, {}).state == "ok"


def test_java_is_looked_for_where_spark_of_this_machine_needs_it(
    home: Home, survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "not needed" in extras.java(home, {}).seen
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    program = java(tmp_path, 'openjdk version "17.0.15" 2025-04-15')
    found = extras.java(home, SPARK)
    assert (found.state, found.seen) == ("ok", f'{program}: openjdk version "17.0.15" 2025-04-15')
    set_to(home, "{engine: spark, spark: {connect: 'sc://spark.example.org:15002/;use_ssl=true'}}")
    assert "not needed" in extras.java(home, SPARK).seen


@pytest.mark.parametrize("says", ['openjdk version "11.0.2" 2019-01-15', 'java version "1.8.0_402"', "no such thing"])
def test_an_old_java_fails_where_spark_is_asked_for(
    home: Home, survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    java(tmp_path, says)
    assert extras.java(home, SPARK).state == "warn"
    set_to(home, "engine: spark")
    found = extras.java(home, SPARK)
    assert (found.state, says in found.seen) == ("fail", True)


def test_no_java_at_all_says_what_to_install(
    home: Home, survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    set_to(home, "engine: spark")
    found = extras.java(home, SPARK)
    assert (found.state, "openjdk-17-jre-headless" in found.advice) == ("fail", True)
