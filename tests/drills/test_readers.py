"""Several processes at one data folder: eight readers while releases are published, and two nights at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import small_survey
from tests.drills import aftermath, reader, states
from tests.drills.aftermath import Seen
from tests.drills.nursery import Nursery
from tests.integration.command_line import environment
from warehouse.home import CHECKOUT, Home

Record = Callable[[Seen], None]
READERS = 8


def ask(database: Path) -> str:
    """Ask a release itself, undisturbed, what the readers ask."""
    return json.dumps(reader.ask(database))


@pytest.mark.parametrize("publishes", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_eight_readers_of_latest_see_one_whole_release_at_a_time(
    publishes: int, nursery: Nursery, tmp_path: Path, record: Record
) -> None:
    survey = small_survey.write(tmp_path / "surveys")
    home, stop = Home(tmp_path / "home"), tmp_path / "stop"
    assert nursery.ask("night", home, tmp_path / "surveys").told["exit_code"] == 0
    how = ("resolved", "link") * (READERS // 2)
    calls = [[sys.executable, "-m", "tests.drills.reader", str(home.latest), str(stop), way] for way in how]
    readers = [
        subprocess.Popen(call, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for call in calls
    ]
    try:
        for number in range(publishes):
            small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": str(7 + number % 23)})
            told = nursery.ask("night", home, tmp_path / "surveys").told
            assert (told["exit_code"], told["is_new"]) == (0, True)
        stop.touch()
        ended = [process.communicate(timeout=120) for process in readers]
    finally:
        for process in readers:
            process.kill()
            process.wait(timeout=10)
    assert [process.returncode for process in readers] == [0] * READERS, [said for _, said in ended]
    published = {ask(release.database) for release in aftermath.folders.published(home, small_survey.ID)}
    assert len(published) == publishes + 1
    answers = [json.loads(out) for out, _ in ended]
    for answer in answers:
        assert answer.keys() <= published  # name, number of cells and sum are those of one release
    newest = ask(home.latest / "results.duckdb")
    assert all(newest in answer for answer in answers)
    assert len({key for answer in answers for key in answer}) > publishes // 2  # they did read in between
    lost, doubled = aftermath.lost_and_doubled(home, states.delivered(tmp_path / "surveys"))
    if publishes == 50:
        record(Seen("eight readers during 50 publishes", "new", True, lost, doubled))
    assert (lost, doubled) == (0, 0)


HOLDER = """
import sys
from flows import cli
from tasks import aggregate
go_on = aggregate.aggregate
def waits(*arguments):
    print("in the middle", flush=True)
    sys.stdin.readline()
    return go_on(*arguments)
aggregate.aggregate = waits
sys.argv = [cli.__file__, *sys.argv[1:]]
cli.main()
"""


def test_of_two_nights_at_once_one_works_and_the_other_names_it(tmp_path: Path, record: Record) -> None:
    small_survey.write(tmp_path / "surveys")
    home = Home(tmp_path / "home")
    settings = environment(KINSCALE_SURVEYS=str(tmp_path / "surveys"), PYTHONPATH=str(CHECKOUT))
    order = ["run", "--direct", "--survey", small_survey.ID, "--home", str(home.root)]
    first = subprocess.Popen(
        [sys.executable, "-c", HOLDER, *order], cwd=CHECKOUT, env=settings, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "in the middle\n"
        second = subprocess.run(
            [sys.executable, "-m", "flows.cli", *order], cwd=CHECKOUT, env=settings,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert second.returncode == 1
        assert f"warehouse_locked  {home.lock}: the build warehouse is held by process {first.pid}" in second.stderr
        assert f"UTC (./kinscale {' '.join(order)})." in second.stderr
        _, said = first.communicate("go on\n", timeout=60)
        assert first.returncode == 0, said
    finally:
        if first.poll() is None:
            os.killpg(first.pid, signal.SIGKILL)
            first.wait(timeout=10)
    lost, doubled = aftermath.lost_and_doubled(home, states.delivered(tmp_path / "surveys"))
    (only,) = aftermath.folders.published(home, small_survey.ID)
    seen = aftermath.latest(home, [])
    record(Seen("two nights at once", seen, home.latest.resolve() == only.folder, lost, doubled))
    assert (lost, doubled) == (0, 0)
    deadline = time.monotonic() + 10
    while home.lock.read_text(encoding="utf-8") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert home.lock.read_text(encoding="utf-8") == ""
