"""The nightly flow under Prefect: the embedded server, a real one, what it records, and its deployment."""

from __future__ import annotations

import inspect
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows import orchestration
from flows.checkup import server as checkup
from flows.deployments import POOL, QUEUES
from tests import small_survey
from tests.integration import prefect_server
from tests.integration.command_line import environment, kinscale
from tests.integration.prefect_server import Server
from warehouse.home import CHECKOUT

pytestmark = pytest.mark.prefect

FILES = 2  # deliveries of the small survey: each is of a source of its own, and so a lot of its own
STEPS = {
    "look": 1,
    "pull": 1,
    "read": FILES,
    "validate": FILES,
    "land": FILES,
    "aggregate": 1,
    "fieldwork": 1,
    "estimate": 1,
    "assemble": 1,
    "explain": 1,
    "expect": 1,
    "gate": 1,
    "disclose": 1,
    "release": 1,
}
"""The steps of a night (architecture, section "One night, followed by one record") and how often each runs."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with prefect_server.running(tmp_path_factory.mktemp("prefect") / "home") as started:
        yield started


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place")
    small_survey.write(folder / "surveys")
    return folder


def run(place: Path, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    mine = {"KINSCALE_SURVEYS": str(place / "surveys"), "KINSCALE_HOME": str(place / "home")}
    done = kinscale("run", "--survey", small_survey.ID, cwd=place, settings={**settings, **mine}, timeout=240)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def artifacts_of(server: Server, flow_run: dict[str, Any]) -> dict[str, str]:
    """Return the texts that a run left on the server, by their keys."""
    found = server.ask("artifacts/filter", artifacts={"flow_run_id": {"any_": [flow_run["id"]]}}, limit=50)
    return {artifact["key"]: artifact["data"] for artifact in found}


def messages(server: Server, flow_run: dict[str, Any]) -> list[str]:
    """Return the lines of progress in the log of a run; they are sent a little later."""
    deadline = time.monotonic() + 30
    while True:
        asked = {"flow_run_id": {"any_": [flow_run["id"]]}}
        lines = [line["message"] for line in server.ask("logs/filter", logs=asked) if line["name"] == "kinscale"]
        if lines or time.monotonic() > deadline:
            return lines
        time.sleep(0.2)


def counts(task_runs: list[dict[str, Any]], state: str) -> dict[str, int]:
    """Count task runs in a state by the step, which is the first word of their name."""
    names = [task["name"].split()[0] for task in task_runs if task["state_name"] == state]
    return {name: names.count(name) for name in names}


def test_a_run_needs_no_server(tmp_path: Path) -> None:
    if orchestration.server_answers(*orchestration.DEFAULT_SERVER):
        pytest.skip("a Prefect server runs on this machine's default port, and the run would use it")
    small_survey.write(tmp_path / "surveys")
    done = run(tmp_path, {**prefect_server.QUIET, "PREFECT_HOME": str(tmp_path / "prefect")})
    assert done.returncode == 0, done.stderr
    assert "embedded server" in done.stderr
    assert (tmp_path / "home" / "releases" / "latest" / "results.duckdb").exists()
    assert (tmp_path / "prefect" / "prefect.db").exists()
    again = run(tmp_path, {**prefect_server.QUIET, "PREFECT_HOME": str(tmp_path / "prefect")})
    assert again.stdout.startswith("Nothing new")
    assert "embedded server" not in again.stderr  # no server is started for a night without news


def test_a_first_night_is_recorded_step_by_step(server: Server, place: Path) -> None:
    done = run(place, server.settings)
    assert done.returncode == 0, done.stderr
    assert server.address in done.stderr
    assert (place / "home" / "releases" / "latest").exists()
    flow_runs = server.flow_runs()
    assert [(r["name"], r["state_name"]) for r in flow_runs] == [(f"nightly {small_survey.ID}", "Completed")]
    task_runs = server.task_runs(flow_runs[0], settled=sum(STEPS.values()))
    assert counts(task_runs, "Completed") == STEPS
    assert len(task_runs) == sum(STEPS.values())
    assert {"read KZ.csv", "land KG.csv", "release small_survey-2009-r1"} <= {task["name"] for task in task_runs}
    artifacts = artifacts_of(server, flow_runs[0])
    assert set(artifacts) == {f"{kind}-small-survey" for kind in ("night", "validation", "quarantine")}
    # tests/small_survey.py: two files of thirty valid interviews
    assert "published small_survey-2009-r1, 60 rows read, 0 quarantined" in artifacts["night-small-survey"]
    assert "| all | 2 files | 60 | 60 | 0 | 2 new |" in artifacts["validation-small-survey"]
    assert "No row waits" in artifacts["quarantine-small-survey"]
    assert "writing the release" in messages(server, flow_runs[0])


def test_a_second_night_finds_nothing_new(server: Server, place: Path) -> None:
    done = run(place, server.settings)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Nothing new")
    flow_runs = server.flow_runs()
    assert [flow_run["state_name"] for flow_run in flow_runs] == ["Completed", "Completed"]
    assert counts(server.task_runs(flow_runs[-1], settled=1), "Completed") == {"look": 1}
    assert list(artifacts_of(server, flow_runs[-1])) == ["night-small-survey"]


def test_a_changed_night_shows_what_it_changed(server: Server, place: Path) -> None:
    small_survey.change(place / "surveys" / small_survey.ID / "raw" / "KG.csv", 0, {"relatives": "20"})
    done = run(place, server.settings)
    assert done.returncode == 0, done.stderr
    artifacts = artifacts_of(server, server.flow_runs()[-1])
    assert "From small_survey-2009-r1 to small_survey-2009-r2" in artifacts["diff-small-survey-2009-r2"]
    (night,) = (place / "home" / "nights").glob("*/diff.html")
    summary = (night.parent / "summary.md").read_text(encoding="utf-8")
    assert all(text in summary for key, text in artifacts.items() if not key.startswith("night-"))


def test_a_refused_file_fails_the_run_and_is_not_tried_again(server: Server, place: Path) -> None:
    path = place / "surveys" / small_survey.ID / "raw" / "KZ.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("relatives", "relatives_n", 1), encoding="utf-8")
    done = run(place, server.settings)
    assert done.returncode == 1
    assert "missing_column" in done.stderr
    assert "KZ.csv" in done.stderr
    flow_run = server.flow_runs()[-1]
    assert flow_run["state_name"] == "Failed"
    assert "KZ.csv" in flow_run["state"]["message"]
    artifacts = artifacts_of(server, flow_run)
    assert "failed: missing_column KZ.csv; small_survey-2009-r2 stays in force" in artifacts["night-small-survey"]
    assert "| missing_column | KZ.csv |" in artifacts["validation-small-survey"]
    steps = {**dict.fromkeys(STEPS, 1), "refuse": 1}
    del steps["land"]  # nothing of this file is landed
    task_runs = server.task_runs(flow_run, settled=sum(steps.values()))
    assert counts(task_runs, "Completed") == steps
    assert {"validate KZ.csv", "refuse KZ.csv"} <= {task["name"] for task in task_runs}
    assert {task["run_count"] for task in task_runs} == {1}


def deployments() -> list[dict[str, Any]]:
    content = yaml.safe_load((CHECKOUT / "prefect.yaml").read_text(encoding="utf-8"))
    listed: list[dict[str, Any]] = content["deployments"]
    return listed


@pytest.mark.parametrize("deployment", deployments(), ids=lambda d: d["name"])
def test_a_deployment_calls_a_flow_that_takes_its_parameters(
    deployment: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect import Flow
    from prefect.client.schemas.schedules import CronSchedule
    from prefect.flows import load_flow_from_entrypoint

    monkeypatch.chdir(CHECKOUT)
    flow: Flow[..., Any] = load_flow_from_entrypoint(deployment["entrypoint"])
    inspect.signature(flow.fn).bind(**deployment["parameters"])  # no parameter is missing, none is unknown
    flow.validate_parameters(deployment["parameters"])
    assert flow.name == deployment["name"]  # `nightly/nightly`: flow and deployment are called alike
    assert deployment["concurrency_limit"]["limit"] == 1  # one writer
    assert deployment["pull"], "without it the folder of whoever deployed is written down"
    assert deployment["work_pool"]["name"] == POOL
    assert deployment["work_pool"]["work_queue_name"] in QUEUES
    for schedule in deployment["schedules"]:
        CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])  # refuses a wrong one
        assert schedule["slug"]
        assert "active" not in schedule, "it would wake a schedule that an operator paused"


def test_the_deployments_are_accepted_by_a_server(server: Server) -> None:
    told = environment(**server.settings, KINSCALE_CHECKOUT=str(CHECKOUT), KINSCALE_VERSION="1")  # as `serve` does
    for arguments in (["work-pool", "create", "kinscale", "--type", "process"], ["deploy", "--all"]):
        done = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
            cwd=CHECKOUT,
            env=told,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    found = {deployment["name"]: deployment for deployment in server.ask("deployments/filter")}
    assert set(found) == {deployment["name"] for deployment in deployments()}
    nightly = found["nightly"]
    assert nightly["global_concurrency_limit"]["limit"] == 1
    assert nightly["schedules"][0]["schedule"]["timezone"] == "Asia/Almaty"
    check_up(server)


def check_up(server: Server) -> None:
    """Look at the server as `./kinscale doctor` does: all is well but that no worker was started."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_API_URL", server.address)
        found = {finding.name: finding.state for finding in checkup.check()}
    well = {"server", "server version", "queues", "deployments", "schedules"}
    assert {name for name, state in found.items() if state == "ok"} >= well, found
    assert found["work pool"] == "fail"
