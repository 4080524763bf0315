"""`serve` as a service manager calls it: a process of its own on a free port, and what a test asks of it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows import offspring
from flows.prefect_api import Api
from tests.integration.command_line import environment
from warehouse.home import CHECKOUT, Home

SECONDS = 180.0
"""A first start makes the server's database; two busy cores need most of a minute."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@dataclass
class Served:
    """A data folder and its surveys, served or not."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None
    printed: list[str] = field(default_factory=list)

    @property
    def home(self) -> Home:
        return Home(self.folder / "home")

    @property
    def api(self) -> Api:
        return Api(f"http://127.0.0.1:{self.port}/api", self.settings.get("PREFECT_SERVER_API_AUTH_STRING"))

    @property
    def said(self) -> str:
        return (self.folder / "said.txt").read_text(encoding="utf-8")

    def start(self) -> None:
        """Start it and read what it prints until it is ready."""
        own = {"KINSCALE_SURVEYS": str(self.folder / "surveys"), "PREFECT_WORKER_QUERY_SECONDS": "1"}
        with (self.folder / "said.txt").open("w", encoding="utf-8") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flows.cli", "serve", "--home", str(self.home.root), "--port", str(self.port)],
                cwd=CHECKOUT,
                env=environment(**own, **self.settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
        assert self.process.stdout is not None
        self.printed = []
        for line in self.process.stdout:
            self.printed.append(line.rstrip())
            if line.startswith("Ready"):
                return
        raise AssertionError(f"serve ended with {self.process.wait()}:\n{self.said}")

    def stop(self) -> int:
        """Ask it to stop and return its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=90)
        code, self.process = self.process.returncode, None
        return code

    def lose_power(self) -> None:
        """End everything at once, without a chance to say anything."""
        assert self.process is not None
        self.process.kill()
        deadline = time.monotonic() + 30
        while (left := self.started()) and time.monotonic() < deadline:  # one may have been about to start another
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        self.process.communicate(timeout=30)
        self.process = None

    def started(self) -> list[int]:
        """List the living processes that serve this data folder, its watch included."""
        mine = str(self.home.root)
        return [p for p, v in offspring.environments() if offspring.MARK in v and v.get("KINSCALE_HOME") == mine]

    def deployment(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(f"deployments/name/{name}/{name}")
        return found

    def run(self, name: str, **more: Any) -> str:
        """Ask for a run of a deployment and return its id."""
        body = {"state": {"type": "SCHEDULED"}, **more}
        return str(self.api.post(f"deployments/{self.deployment(name)['id']}/create_flow_run", **body)["id"])

    def until(self, run: str, *states: str) -> dict[str, Any]:
        """Wait until a run is in one of some states, and return it."""
        deadline = time.monotonic() + SECONDS
        while True:
            found: dict[str, Any] = self.api.get(f"flow_runs/{run}")
            if found["state_name"] in states:
                return found
            assert time.monotonic() < deadline, found["state"]
            time.sleep(0.2)

    def ended(self, run: str) -> dict[str, Any]:
        """Wait until a run has ended, and return it."""
        return self.until(run, "Completed", "Failed", "Crashed", "Cancelled")

    def prefect(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call Prefect's own command line."""
        settings = {"PREFECT_API_URL": self.api.address, "PREFECT_HOME": str(self.folder / "client")}
        if self.api.password:
            settings["PREFECT_API_AUTH_STRING"] = self.api.password
        return subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
            cwd=self.folder,
            env=environment(**settings, DO_NOT_TRACK="1"),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
