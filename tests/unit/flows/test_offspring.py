"""Processes of a service are found by their mark, ended in order, and ended by the watch when the service is gone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from flows import offspring
from warehouse.home import CHECKOUT

pytestmark = pytest.mark.skipif(not offspring.PROC.joinpath("self/environ").exists(), reason="no /proc on this system")
SERVICE = f"test-{os.getpid()}"
DEAF = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);print('ready', flush=True); time.sleep(60)"
)
LISTENING = "import time; print('ready', flush=True); time.sleep(60)"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process with a role in a session of its own; whatever is left is ended with the test."""
    processes: list[subprocess.Popen[str]] = []

    def begin(role: str, code: str = LISTENING, **more: str) -> subprocess.Popen[str]:
        environment = {**os.environ, offspring.MARK: f"{SERVICE}:{role}", **more}
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", code],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def test_a_run_is_told_from_the_worker_that_started_it(start: Start) -> None:
    server, worker = start("server"), start("worker")
    run = start("worker", **{offspring.FLOW_RUN: "a-run"})
    start("watch")
    found = {process.pid: (process.role, process.flow_run) for process in offspring.living(SERVICE)}
    assert found == {server.pid: ("server", None), worker.pid: ("worker", None), run.pid: ("run", "a-run")}
    assert "a-run" in offspring.flow_runs()
    assert offspring.living("another") == []


def test_runs_end_before_the_worker_and_the_server_last(start: Start) -> None:
    for role, more in (("server", {}), ("worker", {}), ("worker", {offspring.FLOW_RUN: "a-run"})):
        start(role, **more)
    said: list[str] = []
    offspring.end(SERVICE, said.append)
    assert [line.split()[1] for line in said] == ["run", "worker", "server"]
    assert offspring.living(SERVICE) == []


def test_who_does_not_listen_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offspring, "PATIENCE_SECONDS", dict.fromkeys(offspring.ORDER, 0.2))
    deaf = start("worker", DEAF)
    said: list[str] = []
    offspring.end(SERVICE, said.append)
    assert said[-1] == f"worker {deaf.pid} did not stop in time and is killed"
    assert offspring.living(SERVICE) == []


def test_the_watch_ends_what_a_killed_service_left(start: Start) -> None:
    start("server")
    start("worker", **{offspring.FLOW_RUN: "a-run"})
    watch = subprocess.Popen(
        [sys.executable, "-m", "flows.offspring", SERVICE],
        cwd=CHECKOUT,
        env={**os.environ, offspring.MARK: f"{SERVICE}:watch"},
        stdin=subprocess.PIPE,
    )
    assert len(offspring.living(SERVICE)) == 2
    assert watch.stdin is not None
    watch.stdin.close()  # as the operating system does when the service is killed
    assert watch.wait(timeout=30) == 0
    deadline = time.monotonic() + 5
    while offspring.living(SERVICE) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert offspring.living(SERVICE) == []
