"""The Prefect server is killed while a night runs under it: the night ends, and the next one makes it good."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import small_survey
from tests.drills import aftermath, states
from tests.drills.aftermath import Seen
from tests.drills.nursery import Nursery
from tests.integration import prefect_server
from tests.integration.command_line import environment
from warehouse.home import CHECKOUT, Home

Record = Callable[[Seen], None]
SECONDS_TO_GIVE_UP = 240
"""A client tries a server that is gone again and again, and longer each time, before it gives up."""


def processes_of(session: int) -> list[int]:
    """List the processes of a session that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                about = (entry / "stat").read_text(encoding="utf-8").rsplit(")", maxsplit=1)[1].split()
                if int(about[3]) == session and about[0] != "Z":
                    found.append(int(entry.name))
    return found


@pytest.mark.prefect
@pytest.mark.slow
def test_a_server_that_is_killed_under_a_night(nursery: Nursery, tmp_path: Path, record: Record) -> None:
    survey = small_survey.write(tmp_path / "surveys")
    home = Home(tmp_path / "home")
    assert nursery.ask("night", home, tmp_path / "surveys").told["exit_code"] == 0
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": "20"})
    undisturbed = states.second(tmp_path / "undisturbed", nursery)
    order = ["run", "--survey", small_survey.ID, "--home", str(home.root)]
    with prefect_server.running(tmp_path / "prefect") as server:
        settings = environment(**server.settings, KINSCALE_SURVEYS=str(tmp_path / "surveys"), PYTHONPATH=str(CHECKOUT))
        settings["PREFECT_CLIENT_MAX_RETRIES"] = "1"  # of every call; with the default of 5 it gives up much later
        night = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", *order], cwd=CHECKOUT, env=settings, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        try:
            assert night.stderr is not None
            for line in night.stderr:
                if "taking in KZ.csv" in line:
                    break
            else:
                pytest.fail("the night ended before it took a file in")
            os.killpg(server.process_id, signal.SIGKILL)
            said = night.stderr.read()
            assert night.wait(timeout=SECONDS_TO_GIVE_UP) in (0, 1), said
        finally:
            if night.poll() is None:
                os.killpg(night.pid, signal.SIGKILL)
                night.wait(timeout=10)
            if night.stderr:
                night.stderr.close()
    assert processes_of(night.pid) == []
    in_between = aftermath.latest(home, ["small_survey-2009-r1"])
    told = nursery.ask("night", home, tmp_path / "surveys").told
    lost, doubled = aftermath.lost_and_doubled(home, states.delivered(tmp_path / "surveys"))
    same = told["content"] == undisturbed.content
    record(Seen("Prefect server killed under the night", in_between, same, lost, doubled))
    assert (same, told["exit_code"], lost, doubled) == (True, 0, 0, 0)
    assert home.latest.resolve().name == "small_survey-2009-r2"
    aftermath.check_chain(home)
