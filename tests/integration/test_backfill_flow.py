"""The flow `backfill` under a real Prefect server: its runs, its tasks, and the artifact it leaves."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration import backfill_world, prefect_server
from tests.integration.backfill_world import World
from tests.integration.command_line import environment
from tests.integration.prefect_server import Server
from warehouse import proposals
from warehouse.home import CHECKOUT

pytestmark = pytest.mark.prefect
CALLS = """
from flows.backfill import backfill
(planned,) = backfill(action="plan", country=["KZ"])
(built,) = backfill(country=["KZ"])
assert planned["plan_id"] == built["plan_id"], (planned, built)
try:
    backfill(action="plan", country=["UZ"])
except Exception as error:
    assert "KG, KZ" in str(error), error
else:
    raise SystemExit("a country that no survey has was not refused")
print(built["candidate"])
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with prefect_server.running(tmp_path / "prefect") as started:
        yield started


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
    return backfill_world.make(tmp_path)


def test_a_backfill_is_planned_and_built_as_flow_runs(server: Server, world: World) -> None:
    mine = {"KINSCALE_SURVEYS": str(world.surveys), "KINSCALE_HOME": str(world.home.root)}
    done = subprocess.run(
        [sys.executable, "-c", CALLS],
        cwd=CHECKOUT,
        env=environment(**server.settings, **mine, PYTHONPATH=str(CHECKOUT)),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (proposal,) = proposals.every(world.home)
    assert done.stdout.split()[-1] == proposal.name
    runs = [(run["name"], run["state_name"]) for run in server.flow_runs()]
    assert runs == [("backfill plan", "Completed"), ("backfill run", "Completed"), ("backfill plan", "Failed")]
    tasks = {task["name"] for task in server.task_runs(server.flow_runs()[1], settled=10)}
    assert {"read KZ.csv", "land KZ.csv", f"propose {proposal.candidate.release_id}"} <= tasks
    assert "read KG.csv" not in tasks
    keys = {artifact["key"]: artifact["data"] for artifact in server.ask("artifacts/latest/filter")}
    assert set(keys) == {f"backfill-{proposal.about['plan_id']}"}
    assert proposal.name in keys[f"backfill-{proposal.about['plan_id']}"]
