"""A night is killed at every step boundary: what analysts see stays whole, and the next night makes it good."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flows import direct
from schemas import declaration
from tests import small_survey
from warehouse import build, integrity
from warehouse import release as folders
from warehouse.home import CHECKOUT, Home

FIRST_NIGHT = [
    ("after", "warehouse.run_log.begin", 1),
    ("before", "os.fsync", 2),  # both files are copied, the second is not yet on the disk
    ("after", "warehouse.raw_store.store", 1),  # both have their names, and the index does not know them
    ("after", "tasks.pull.pull", 1),
    ("before", "tasks.validate.validate", 1),
    ("after", "tasks.validate.validate", 2),  # one file has landed, the other is about to
    ("after", "warehouse.loads._insert_loads", 1),  # inside the transaction of landing
    ("after", "tasks.land.land", 1),
    ("after", "tasks.land.land", 2),
    ("after", "tasks.aggregate.aggregate", 1),
    ("after", "tasks.estimate.estimate", 1),
    ("after", "tasks.assemble.assemble", 1),
    ("after", "tasks.expect.expect", 1),
    ("after", "tasks.gate.gate", 1),
    ("after", "warehouse.results.write", 1),
    ("before", "warehouse.chain.as_text", 1),  # the release has its name, and the chain does not know it
    ("before", "warehouse.release.point", 1),  # the chain knows it, and nothing points to it
    ("after", "warehouse.release.point", 1),
    ("before", "warehouse.run_log.end", 1),
]
SECOND_NIGHT = [
    ("after", "warehouse.loads._retire", 1),  # the old rows are deleted, the new ones not yet written
    ("after", "tasks.land.land", 1),
    ("after", "warehouse.results.write", 1),
    ("before", "warehouse.chain.as_text", 1),
    ("before", "warehouse.release.point", 1),
    ("before", "warehouse.run_log.end", 1),
]


@dataclass(frozen=True)
class Drill:
    """Where a night stands before it is killed: its surveys, the data folder as it was, and how it should end."""

    surveys: Path
    home: Path
    content_sha256: str
    releases: list[str]


def night(home: Home, surveys: Path) -> dict[str, Any]:
    """Run an undisturbed night and return the manifest of the release it ends with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(surveys))
        outcome = direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info)
    assert outcome.exit_code == 0
    assert outcome.release is not None
    return outcome.release.manifest


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Drill:
    """Nothing is there yet."""
    folder = tmp_path_factory.mktemp("first")
    small_survey.write(folder / "surveys")
    manifest = night(Home(folder / "undisturbed"), folder / "surveys")
    return Drill(folder / "surveys", folder / "nothing", manifest["content_sha256"], ["small_survey-2009-r1"])


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Drill:
    """A release is there, and one delivery has changed since."""
    folder = tmp_path_factory.mktemp("second")
    survey = small_survey.write(folder / "surveys")
    night(Home(folder / "home"), folder / "surveys")
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": "20"})
    shutil.copytree(folder / "home", folder / "undisturbed", symlinks=True)
    manifest = night(Home(folder / "undisturbed"), folder / "surveys")
    releases = ["small_survey-2009-r1", "small_survey-2009-r2"]
    return Drill(folder / "surveys", folder / "home", manifest["content_sha256"], releases)


def kill(drill: Drill, home: Home, moment: str, name: str, call: int) -> None:
    if drill.home.exists():
        shutil.copytree(drill.home, home.root, symlinks=True)
    done = subprocess.run(
        [sys.executable, "-m", "tests.drills.killed_night", str(home.root), moment, name, str(call)],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "KINSCALE_SURVEYS": str(drill.surveys)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


def check_whole(folder: Path) -> None:
    """Assert that a release holds every file of its manifest, byte for byte."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["files"]) > 10
    for item in manifest["files"]:
        assert folders.sha256_of(folder / item["name"]) == item["sha256"]


def check_made_good(drill: Drill, home: Home) -> None:
    """Assert what must hold after the next night: the undisturbed content, every row once, no leftovers."""
    manifest = night(home, drill.surveys)
    assert manifest["content_sha256"] == drill.content_sha256
    assert [release.release_id for release in folders.published(home, small_survey.ID)] == drill.releases
    assert home.latest.resolve().name == drill.releases[-1]
    check_whole(home.latest.resolve())
    assert integrity.check(home) == []
    with build.read(home) as warehouse:
        assert warehouse is not None
        interviews = "SELECT count(*) AS n, count(DISTINCT questionnaire_id) AS d FROM interviews"
        assert warehouse.rows(interviews) == [{"n": 60, "d": 60}]  # tests/small_survey.py: twice thirty
        assert warehouse.rows("SELECT * FROM quarantine") == []
        loads = warehouse.rows("SELECT status, sum(rows_accepted)::INT AS n FROM loads GROUP BY ALL ORDER BY status")
        assert loads[0] == {"status": "landed", "n": 60}
        runs = [row["status"] for row in warehouse.rows("SELECT status FROM run_log ORDER BY started_at, run_id")]
    assert runs[-2:] == ["failed", "succeeded"]
    left = [path.name for path in (*home.releases.iterdir(), *home.raw.rglob("*")) if path.name.startswith(".")]
    assert left == []


def drill(state: Drill, home: Home, point: tuple[str, str, int]) -> None:
    kill(state, home, *point)
    if home.latest.is_symlink():
        check_whole(home.latest.resolve(strict=True))
    else:
        assert not state.home.exists()  # only a first night may leave analysts without a release
    for release in folders.published(home, small_survey.ID):
        check_whole(release.folder)
    check_made_good(state, home)


def name(point: tuple[str, str, int]) -> str:
    moment, function, call = point
    return f"{moment}-{function}-{call}"


@pytest.mark.parametrize("point", FIRST_NIGHT, ids=name)
def test_a_first_night_that_was_killed_is_made_good_by_the_next(
    first: Drill, home: Home, point: tuple[str, str, int]
) -> None:
    drill(first, home, point)


@pytest.mark.parametrize("point", SECOND_NIGHT, ids=name)
def test_a_killed_night_never_takes_the_last_release_away(
    second: Drill, home: Home, point: tuple[str, str, int]
) -> None:
    drill(second, home, point)
