"""A real Prefect server on a free port of this machine, for as long as a test needs it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.integration.command_line import environment
from warehouse.home import CHECKOUT

SECONDS_TO_START = 150.0
"""A first start makes the server's database; two busy cores need most of a minute."""
QUIET = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PREFECT_CLI_PROMPT": "false"}


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and the settings a client needs."""

    address: str
    home: Path
    process_id: int = 0
    """Of the server, and of the group of all that it started."""

    @property
    def settings(self) -> dict[str, str]:
        """What a process is told so that it uses this server."""
        return {**QUIET, "PREFECT_API_URL": self.address, "PREFECT_HOME": str(self.home)}

    def ask(self, path: str, **body: object) -> Any:
        """Post a filter to the server's API and return what it answers."""
        request = urllib.request.Request(
            f"{self.address}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def flow_runs(self) -> list[dict[str, Any]]:
        """Return the runs of the nightly flow, oldest first."""
        runs: list[dict[str, Any]] = self.ask("flow_runs/filter", sort="START_TIME_ASC")
        return runs

    def task_runs(self, flow_run: dict[str, Any], settled: int) -> list[dict[str, Any]]:
        """Return the task runs of a flow run once `settled` of them have ended; they are recorded a little later."""
        deadline = time.monotonic() + 30
        while True:
            runs: list[dict[str, Any]] = self.ask("task_runs/filter", flow_runs={"id": {"any_": [flow_run["id"]]}})
            ended = [run for run in runs if run["state_type"] in ("COMPLETED", "FAILED")]
            if len(ended) >= settled or time.monotonic() > deadline:
                return runs
            time.sleep(0.2)


@contextlib.contextmanager
def running(home: Path) -> Iterator[Server]:
    """Start a server and end it, with everything it started, by its process group."""
    home.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Server(f"http://127.0.0.1:{port}/api", home)
    call = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            call,
            cwd=CHECKOUT,
            env=environment(**server.settings),
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        _wait(server, process)
        yield replace(server, process_id=process.pid)
    finally:
        _end(process)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{server.address}/health", timeout=2) as answer:
            if answer.read().strip() == b"true":
                return
        time.sleep(0.2)
    told = (server.home / "server.log").read_text(encoding="utf-8", errors="replace")
    raise AssertionError(f"the Prefect server did not start:\n{told[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    for kind, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, kind)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=patience)
            return
