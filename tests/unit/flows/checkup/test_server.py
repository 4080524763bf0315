"""Checks of the Prefect server against one that answers what a test lets it answer, in the form of Prefect 3.8."""

from __future__ import annotations

import contextlib
import copy
import http.server
import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.checkup import server
from flows.checkup.finding import Finding

NOW = datetime.now(UTC)
SCHEDULE = {"slug": "nightly", "active": True, "schedule": {"cron": "30 1 * * *", "timezone": "Asia/Almaty"}}
DECLARED = {"deployments": [{"name": "nightly", "schedules": [{"cron": "30 1 * * *", "timezone": "Asia/Almaty"}]}]}


def ago(**time: float) -> str:
    return (NOW - timedelta(**time)).isoformat().replace("+00:00", "Z")


def well(folder: Path) -> dict[str, Any]:
    """What a server answers on which all is well: the last night completed, and a worker gave a sign just now."""
    deployment = {
        "id": "d1", "name": "nightly", "paused": False, "parameters": {}, "schedules": [SCHEDULE],
        "parameter_openapi_schema": {"properties": {"survey": {}}},
        "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": str(folder)}}],
    }  # fmt: skip
    run = {
        "id": "r1", "name": "nightly None", "state_type": "COMPLETED", "state_name": "Completed",
        "expected_start_time": ago(hours=5), "start_time": ago(hours=5),
    }  # fmt: skip
    return {
        "health": True,
        "admin/version": version("prefect"),
        "work_pools/kinscale": {"is_paused": False},
        "work_pools/kinscale/workers/filter": [
            {"name": "w", "last_heartbeat_time": ago(seconds=10), "heartbeat_interval_seconds": 30}
        ],
        "work_pools/kinscale/queues/filter": [{"name": "nightly", "is_paused": False}],
        "deployments/filter": [deployment],
        "flow_runs/filter": [run],
        "events/filter": {"events": []},
    }


@contextlib.contextmanager
def serving(answers: dict[str, Any], login: str | None = None) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found = answers.get(self.path.removeprefix("/api/"))
            code = 404 if found is None else 200
            if login is not None and self.headers["Authorization"] != login:
                code = 401
            self.send_response(code)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        do_POST = do_GET  # noqa: N815 - the library's name

        def date_time_string(self, timestamp: float | None = None) -> str:
            """Give the time of this test's server, which is that of its answers."""
            return format_datetime(NOW, usegmt=True)

        def log_message(self, format: str, *arguments: object) -> None:
            """Stay silent."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/api"
        running.shutdown()
        thread.join(timeout=10)


def look(answers: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> dict[str, Finding]:
    declared = folder / "prefect.yaml"
    declared.write_text(yaml.safe_dump(DECLARED), encoding="utf-8")
    with serving(answers, **more) as address:
        monkeypatch.setenv("PREFECT_API_URL", address)
        return {finding.name: finding for finding in server.check(declared, NOW)}


def test_a_server_on_which_all_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = look(well(tmp_path), tmp_path, monkeypatch)
    assert set(found) == {"server", *server.NAMES}
    assert {finding.state for finding in found.values()} == {"ok"}, found


Change = Callable[[dict[str, Any]], Any]
RUN, DEPLOYED = "flow_runs/filter", "deployments/filter"
RUNNING = {"state_type": "RUNNING", "state_name": "Running", "start_time": ago(minutes=30)}
FAULTS: list[tuple[str, Change, str, str]] = [
    ("server version", lambda a: a.update({"admin/version": "3.0.0"}), "fail", "3.0.0"),
    ("work pool", lambda a: a.pop("work_pools/kinscale"), "warn", "no work pool"),
    ("work pool", lambda a: a["work_pools/kinscale"].update(is_paused=True), "fail", "paused"),
    ("work pool", lambda a: a.update({"work_pools/kinscale/workers/filter": []}), "fail", "no worker"),
    (
        "work pool",
        lambda a: a["work_pools/kinscale/workers/filter"][0].update(last_heartbeat_time=ago(seconds=120)),
        "fail",
        "the last was seen",
    ),
    ("queues", lambda a: a["work_pools/kinscale/queues/filter"][0].update(is_paused=True), "warn", "nightly"),
    ("deployments", lambda a: a.update({DEPLOYED: []}), "warn", "none of prefect.yaml"),
    ("deployments", lambda a: a[DEPLOYED][0].update(parameters={"surwey": "s"}), "fail", "surwey"),
    (
        "deployments",
        lambda a: a[DEPLOYED][0]["pull_steps"][0].update(
            {"prefect.deployments.steps.set_working_directory": {"directory": "/nowhere/at/all"}}
        ),
        "fail",
        "/nowhere/at/all",
    ),
    ("schedules", lambda a: a[DEPLOYED][0].update(paused=True), "warn", "paused"),
    ("schedules", lambda a: a[DEPLOYED][0].update(schedules=[{**SCHEDULE, "active": False}]), "warn", "not active"),
    ("schedules", lambda a: a[DEPLOYED][0].update(schedules=[SCHEDULE, SCHEDULE]), "warn", "twice"),
    (
        "schedules",
        lambda a: a[DEPLOYED][0]["schedules"].append({"active": True, "schedule": {"cron": "0 * * * *"}}),
        "warn",
        "0 * * * * None is not declared",
    ),
    ("runs", lambda a: a[RUN][0].update(state_type="SCHEDULED", state_name="Late"), "fail", "1 late"),
    ("runs", lambda a: a[RUN][0].update(state_type="FAILED", state_name="Failed"), "warn", "Failed"),
    ("runs", lambda a: a[RUN][0].update(RUNNING), "warn", "no sign of life"),
    ("runs", lambda a: a.update({RUN: "nonsense"}), "fail", "cannot be used"),
]


@pytest.mark.parametrize(("name", "change", "state", "told"), FAULTS, ids=[f"{f[0]}: {f[3]}" for f in FAULTS])
def test_each_fault_of_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: Change, state: str, told: str
) -> None:
    answers = copy.deepcopy(well(tmp_path))
    change(answers)
    found = look(answers, tmp_path, monkeypatch)[name]
    assert (found.state, told in found.seen) == (state, True), found
    assert found.advice


def test_a_run_that_gives_signs_of_life_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = well(tmp_path)
    answers[RUN] = [{**answers[RUN][0], **RUNNING}, answers[RUN][0]]
    answers["events/filter"] = {"events": [{"event": "prefect.flow-run.heartbeat"}]}
    assert look(answers, tmp_path, monkeypatch)["runs"].state == "ok"


def test_a_run_that_is_due_this_minute_is_not_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = well(tmp_path)
    due = {"state_type": "SCHEDULED", "state_name": "Scheduled", "expected_start_time": ago(minutes=2)}
    answers[RUN].insert(0, {**answers[RUN][0], **due})
    assert look(answers, tmp_path, monkeypatch)["runs"].state == "ok"


def test_a_server_that_asks_for_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    login = "Basic YWRtaW46c2VzYW1l"  # printf admin:sesame | base64
    monkeypatch.delenv("PREFECT_API_AUTH_STRING", raising=False)
    found = look(well(tmp_path), tmp_path, monkeypatch, login=login)
    assert (found["server"].state, "401" in found["server"].seen) == ("fail", True)
    assert found["runs"].state == "skipped"
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "admin:sesame")
    found = look(well(tmp_path), tmp_path, monkeypatch, login=login)
    assert {finding.state for finding in found.values()} == {"ok"}


def test_a_clock_that_differs_is_named(tmp_path: Path) -> None:
    with serving(well(tmp_path)) as address:
        here = server.answers(server.Server(address), True, NOW + timedelta(minutes=3))
    assert (here.state, "clock" in here.seen) == ("warn", True)


def test_nobody_there_is_a_fault_only_when_the_server_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}/api"
    monkeypatch.setattr(server, "DEFAULT", address)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert {finding.state for finding in server.check()} == {"skipped"}
    monkeypatch.setenv("PREFECT_API_URL", address)
    states = [finding.state for finding in server.check()]
    assert (states[0], set(states[1:])) == ("fail", {"skipped"})
