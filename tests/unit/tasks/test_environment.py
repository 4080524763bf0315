"""The guard before a night: validation, clock and packages, each broken alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from pandera.config import config_context

from schemas.errors import EnvironmentUnsafe
from tasks import environment
from warehouse import code_version
from warehouse.home import CHECKOUT, Home

MIDSUMMER = datetime(2026, 6, 21, 12, tzinfo=UTC).timestamp()


def released(home: Home, created_at: str) -> None:
    folder = home.releases / "s-2009-r1"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"created_at": created_at}), encoding="utf-8")


def test_an_environment_as_it_should_be_passes(home: Home) -> None:
    environment.check(home, "s")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PANDERA_VALIDATION_ENABLED", "False"),
        ("PANDERA_VALIDATION_ENABLED", "0"),
        ("PANDERA_VALIDATION_DEPTH", "SCHEMA_ONLY"),
        ("PANDERA_VALIDATION_DEPTH", "data_only"),
    ],
)
def test_validation_switched_off_by_the_environment_is_refused(name: str, value: str) -> None:
    with pytest.raises(EnvironmentUnsafe, match="switched off"):
        environment.check_validation({name: value})


@pytest.mark.parametrize("value", ["True", "true", "1"])
def test_validation_switched_on_by_name_passes(value: str) -> None:
    environment.check_validation({"PANDERA_VALIDATION_ENABLED": value, "PANDERA_VALIDATION_DEPTH": "SCHEMA_AND_DATA"})


def test_validation_switched_off_by_a_program_is_refused() -> None:
    with config_context(validation_enabled=False), pytest.raises(EnvironmentUnsafe):
        environment.check_validation({})


def test_a_clock_before_the_code_is_refused(home: Home) -> None:
    with pytest.raises(EnvironmentUnsafe, match="1970-01-01 00:05:00 UTC, before this code was written"):
        environment.check_clock(300.0, home, "s")


def test_a_clock_before_the_newest_release_is_refused(home: Home) -> None:
    released(home, "2026-06-21T12:05:00Z")
    with pytest.raises(EnvironmentUnsafe, match=r"before release s-2009-r1 was made \(2026-06-21 12:05 UTC\)"):
        environment.check_clock(MIDSUMMER, home, "s")
    environment.check_clock(MIDSUMMER + 299, home, "s")  # a second early: two machines may differ by that
    environment.check_clock(MIDSUMMER, home, "another")


@pytest.mark.skipif(not Path("/usr/share/zoneinfo/right/UTC").exists(), reason="this machine has no leap-second zones")
def test_a_time_zone_that_counts_leap_seconds_is_refused(tmp_path: Path) -> None:
    """The zones below right/ shift UTC by the 27 leap seconds of 1972 to 2016."""
    call = (
        "import time; from pathlib import Path; from tasks import environment; from warehouse.home import Home;"
        f"environment.check_clock({MIDSUMMER}, Home(Path({str(tmp_path)!r})), 's')"
    )
    settings = {**os.environ, "PYTHONPATH": str(CHECKOUT), "TZ": "right/UTC"}
    done = subprocess.run(
        [sys.executable, "-c", call], env=settings, capture_output=True, text=True, timeout=60, check=False
    )
    assert "shift UTC by -27 seconds (TZ is right/UTC)" in done.stderr


def test_every_key_package_is_locked() -> None:
    locked = code_version.locked()
    assert set(environment.PACKAGES) <= set(locked)
    assert locked["duckdb"] == {"1.5.5"}  # pyproject.toml pins it
    assert len(locked["numpy"]) == 2, "one version before Python 3.12, another from it on"


def test_another_version_than_the_locked_one_is_refused_by_name() -> None:
    locked = {**code_version.locked(), "pandas": frozenset({"0.1"})}
    with pytest.raises(EnvironmentUnsafe, match=r"pandas is .*, locked is 0\.1\.") as seen:
        environment.check_packages(locked)
    assert "duckdb" not in str(seen.value)
    del locked["scipy"]
    with pytest.raises(EnvironmentUnsafe, match=r"scipy is .*, locked is not pinned"):
        environment.check_packages(locked)


def test_a_package_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "PACKAGES", ("no-such-package",))
    with pytest.raises(EnvironmentUnsafe, match="no-such-package is not installed"):
        environment.check_packages({"no-such-package": frozenset({"1"})})


def no_package(_: str) -> str:
    raise PackageNotFoundError


def test_spark_that_the_settings_ask_for_and_is_not_there_is_refused(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "version", no_package)
    home.root.mkdir(parents=True)
    environment.check_extras(home, "s")
    (home.root / "settings.yaml").write_text("engine: spark", encoding="utf-8")
    with pytest.raises(EnvironmentUnsafe, match="is not installed") as seen:
        environment.check_extras(home, "s")
    assert seen.value.next_step == "./kinscale install spark"
    assert "requirements-spark.lock" in str(seen.value)


def test_dask_is_looked_at_when_workers_are_begun(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "version", no_package)
    home.root.mkdir(parents=True)
    (home.root / "settings.yaml").write_text("runner: dask", encoding="utf-8")
    environment.check_extras(home, "s")
    with pytest.raises(EnvironmentUnsafe, match="distributed is not installed"):
        environment.check_extra("dask")


def test_an_extra_of_another_survey_is_not_asked_for(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "version", no_package)
    home.root.mkdir(parents=True)
    (home.root / "settings.yaml").write_text("engines: {other: spark}", encoding="utf-8")
    environment.check_extras(home, "s")
    with pytest.raises(EnvironmentUnsafe, match="pyspark is not installed"):
        environment.check_extras(home, "other")


def test_an_extra_as_locked_passes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = code_version.locked(code_version.lock_of("spark"))
    monkeypatch.setattr(environment, "version", lambda name: min(pins[name]))
    home.root.mkdir(parents=True)
    (home.root / "settings.yaml").write_text("engine: spark", encoding="utf-8")
    environment.check_extras(home, "s")


def test_the_guard_loads_no_heavy_library(tmp_path: Path) -> None:
    call = (
        "import sys; from pathlib import Path; from tasks import environment; from warehouse.home import Home;"
        f"environment.check(Home(Path({str(tmp_path)!r})), 's');"
        "print(sorted(set(sys.modules) & {'pandas', 'pandera', 'duckdb', 'great_expectations', 'prefect', 'numpy'}))"
    )
    settings = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        [sys.executable, "-c", call], env=settings, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
