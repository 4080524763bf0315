"""A backfill is killed while it builds or is approved: nothing published is harmed, and the same call completes it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import shadow as backfills
from schemas.backfill import Request
from tasks.approve import approve
from tests import small_survey
from tests.integration import backfill_world
from tests.integration.backfill_world import DROPPED, World, hashes, night
from warehouse import build, integrity, proposals, shadow
from warehouse import release as folders
from warehouse.home import CHECKOUT, Home

RUN = [
    ("before", "shutil.copyfile", 1, 2),  # the build warehouse is about to be copied; then both files are read
    ("before", "warehouse.shadow.give_name", 1, 2),  # the shadow is whole and has no name
    ("before", "tasks.validate.validate", 1, 2),
    ("after", "warehouse.loads._insert_loads", 2, 1),  # inside the transaction of the second file
    ("after", "tasks.land.land", 1, 1),
    ("after", "tasks.land.land", 2, 0),
    ("after", "warehouse.results.write", 1, 0),
    ("after", "warehouse.release.give_name", 1, 0),  # the candidate has its name; what it came to is not written down
    ("after", "warehouse.shadow.record", 1, 0),
]
"""When a run is killed, and how many files the next run has left to read."""
APPROVE = [
    ("after", "warehouse.run_log.begin", 1),
    ("after", "warehouse.release.write_once", 1),  # the approval is written, the folder is still a candidate
    ("after", "warehouse.release.give_name", 1),  # a release that the chain does not know
    ("before", "warehouse.release.point", 1),
    ("before", "warehouse.shadow.carry", 1),
    ("before", "warehouse.shadow._replace", 3),  # inside the transaction
    ("after", "warehouse.shadow.carry", 1),
]
UNPUBLISHED = APPROVE[:2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("killed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        yield backfill_world.make(folder)


@pytest.fixture(scope="module")
def waiting(made: World, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A data folder in which a candidate waits."""
    home = Home(tmp_path_factory.mktemp("waiting") / "home")
    shutil.copytree(made.home.root, home.root, symlinks=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(made.surveys))
        backfills.run(Request(), home, lambda _: None)
    return home


@pytest.fixture
def declared(made: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("KINSCALE_SURVEYS", str(made.surveys))
    return made


def kill(job: str, home: Home, surveys: Path, moment: str, name: str, call: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.drills.killed_backfill", job, str(home.root), moment, name, str(call)],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "KINSCALE_SURVEYS": str(surveys)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr


def check_published(home: Home, content_sha256: str) -> None:
    """Assert the end that both an approval and an undisturbed night come to."""
    release = folders.published(home, small_survey.ID)[-1]
    assert release.manifest["content_sha256"] == content_sha256
    assert home.latest.resolve() == release.folder.resolve()
    assert integrity.check(home) == []
    with build.read(home) as warehouse:
        assert warehouse is not None
        interviews = "SELECT count(*) AS n, count(DISTINCT questionnaire_id) AS d FROM interviews"
        assert warehouse.rows(interviews) == [{"n": 2 * (30 - DROPPED), "d": 2 * (30 - DROPPED)}]
    tonight = night(home)
    assert (tonight.news, tonight.exit_code) == (False, 0)


def named(point: tuple[str | int, ...]) -> str:
    return "-".join(str(part) for part in point[:3])


@pytest.mark.parametrize("point", RUN, ids=named)
def test_a_killed_run_harms_nothing_and_reads_only_what_is_left(
    declared: World, tmp_path: Path, point: tuple[str, str, int, int]
) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(declared.home.root, home.root, symlinks=True)
    before = hashes(home.releases, home.warehouse)
    kill("run", home, declared.surveys, *point[:3])
    assert hashes(home.releases, home.warehouse) == before
    ((_, outcome),) = backfills.run(Request(), home, lambda _: None)
    assert (len(outcome.landed), outcome.errors) == (point[3], ())
    assert outcome.release is not None
    assert outcome.release.manifest["content_sha256"] == declared.content_sha256
    assert hashes(home.releases, home.warehouse) == before
    assert len(proposals.every(home)) == 1
    left = [path.name for path in (home.root / "build" / "shadow").rglob(".*")]
    assert left == []


@pytest.mark.parametrize("point", APPROVE, ids=named)
def test_a_killed_approval_is_completed_by_the_same_call(
    declared: World, waiting: Home, tmp_path: Path, point: tuple[str, str, int]
) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(waiting.root, home.root, symlinks=True)
    (proposal,) = proposals.every(home)
    kill("approve", home, declared.surveys, *point)
    latest = home.latest.resolve()
    assert list(integrity.files(latest, folders.read_json(latest / "manifest.json"), (folders.APPROVAL,))) == []
    release, is_new = approve(home, proposal.name, "head of unit", "checked")
    assert is_new is (point in UNPUBLISHED)
    assert release.approval is not None
    assert shadow.every(home) == []
    check_published(home, declared.content_sha256)


@pytest.mark.parametrize("point", APPROVE[2:6], ids=named)
def test_a_night_after_a_killed_approval_publishes_what_was_approved(
    declared: World, waiting: Home, tmp_path: Path, point: tuple[str, str, int]
) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(waiting.root, home.root, symlinks=True)
    kill("approve", home, declared.surveys, *point)
    tonight = night(home)
    assert (tonight.exit_code, tonight.is_new_release) == (0, False)
    check_published(home, declared.content_sha256)
    assert folders.published(home, small_survey.ID)[-1].approval is not None
