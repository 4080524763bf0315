"""Checks of the machine: each thing that can be wrong with it is made wrong."""

from __future__ import annotations

import json
import os
import time

import pytest

from flows.checkup import machine
from warehouse import code_version
from warehouse.home import Home

LOCKED = {name: frozenset({"1.0"}) for name in machine.environment.PACKAGES} | {"only-on-windows": frozenset({"3.0"})}
THERE = dict.fromkeys(machine.environment.PACKAGES, "1.0")


@pytest.mark.parametrize(("version", "state"), [((3, 10), "fail"), ((3, 11), "ok"), ((3, 13), "ok"), ((3, 14), "fail")])
def test_the_pythons_that_were_tested(version: tuple[int, int], state: str) -> None:
    assert machine.python(version).state == state


def test_packages_as_locked() -> None:
    assert machine.packages(LOCKED, {**THERE, "something-else": "9"}).state == "ok"


def test_a_package_of_another_version_is_named() -> None:
    found = machine.packages(LOCKED, {**THERE, "duckdb": "2.0"})
    assert (found.state, found.seen) == ("fail", "duckdb 2.0 instead of 1.0")


def test_a_package_that_is_not_there_is_named() -> None:
    found = machine.packages(LOCKED, {name: v for name, v in THERE.items() if name != "scipy"})
    assert (found.state, found.seen) == ("fail", "scipy is not installed")


def test_this_environment_is_the_locked_one() -> None:
    assert machine.packages(code_version.locked(), machine.installed()).state == "ok"


@pytest.mark.parametrize(("commit", "state"), [("a" * 40, "ok"), ("a" * 40 + "-dirty", "warn"), (None, "warn")])
def test_which_code_runs(commit: str | None, state: str) -> None:
    assert machine.checkout(commit).state == state


def test_validation_that_is_switched_off_fails() -> None:
    assert machine.validation({}).state == "ok"
    assert machine.validation({"PANDERA_VALIDATION_ENABLED": "0"}).state == "fail"


def test_a_clock_behind_the_last_release_fails(home: Home) -> None:
    folder = home.releases / "s-2009-r1"
    folder.mkdir(parents=True)
    content = {"created_at": "2026-06-21T12:00:00Z", "survey_id": "s"}
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    noon = 1782043200.0  # date -u -d 2026-06-21T12:00 +%s
    os.utime(folder / "manifest.json", (noon, noon))
    assert machine.clock(home, noon + 1).state == "ok"
    found = machine.clock(home, noon - 86400)
    assert (found.state, "s-2009-r1" in found.seen) == ("fail", True)


def test_files_from_the_future_are_named(home: Home) -> None:
    home.warehouse.parent.mkdir(parents=True)
    home.warehouse.write_bytes(b"")
    later = time.time() + 3600
    os.utime(home.warehouse, (later, later))
    found = machine.clock(home)
    assert (found.state, "build/warehouse.duckdb" in found.seen) == ("warn", True)
