"""A Prefect server and its worker as children of this process: started, kept alive, given their work, stopped."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flows import janitor, offspring
from flows.deployments import POOL, POOL_TYPE, QUEUES, declared
from flows.prefect_api import Api
from schemas.errors import ServerFailed
from warehouse.home import CHECKOUT

START_SECONDS = 240.0
"""A first start makes the server's database; two busy cores need most of a minute."""
DEPLOY_SECONDS = 180.0
RESTARTS = 5
RESTARTS_WITHIN_SECONDS = 600.0
SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_BETWEEN_MENDING = 300.0
SECRETS_OF_THE_SERVER = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_SERVER_API_AUTH_STRING")
LARGEST_LOG_BYTES = 10_000_000


class Stopped(Exception):  # noqa: N818 - it tells a state
    """Somebody asked the service to stop while it was starting."""


@dataclass
class Child:
    """A process that is started again when it dies, at most `RESTARTS` times in `RESTARTS_WITHIN_SECONDS`."""

    role: str
    call: list[str]
    log: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    begun: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches the service only."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.call,
                cwd=CHECKOUT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.begun.append(time.monotonic())

    @property
    def ended(self) -> bool:
        """Whether it is there no more."""
        return self.process is None or self.process.poll() is not None

    def told(self, lines: int = 5) -> str:
        """The last lines it wrote."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.strip().splitlines()[-lines:])


class Service:
    """The server, the worker, and a watch that ends both when this process is gone."""

    def __init__(self, host: str, port: int, api: Api, folder: Path, environment: Mapping[str, str]) -> None:
        """Prepare; nothing is started. folder: for logs.  environment: what the children get."""
        self.api = api
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.worker_name = f"kinscale-{socket.gethostname()}"
        self.stopping = threading.Event()
        self.in_a_hurry = threading.Event()
        self._folder, self._environment = folder, dict(environment)
        python = [sys.executable, "-m", "prefect"]
        server = [*python, "server", "start", "--host", host, "--port", str(port)]
        worker = [*python, "worker", "start", "--pool", POOL, "--type", POOL_TYPE, "--name", self.worker_name]
        self.server = self._child("server", server, self._environment)
        kept = {name: value for name, value in self._environment.items() if name not in SECRETS_OF_THE_SERVER}
        self.worker = self._child("worker", worker, kept)
        self._watch: subprocess.Popen[bytes] | None = None
        self._mended = time.monotonic()
        self._worker_begun = datetime.now(UTC)

    def _child(self, role: str, call: list[str], environment: Mapping[str, str]) -> Child:
        marked = {**environment, offspring.MARK: f"{self.name}:{role}"}
        return Child(role, call, self._folder / f"{role}.log", marked)

    def start(self, say: Callable[[str], None]) -> None:
        """Start server and worker and apply the deployments. Raises ServerFailed or Stopped."""
        self._watch = subprocess.Popen(
            [sys.executable, "-m", "flows.offspring", self.name],
            cwd=CHECKOUT,
            env={**self._environment, offspring.MARK: f"{self.name}:watch"},
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        say("starting the Prefect server (about 15 s; the first time up to a minute)")
        self.server.start()
        self._wait(self.server, self.api.healthy, START_SECONDS)
        say("making the pool and its queues")
        make_pool(self.api)
        for sentence in (*janitor.mend(self.api, self.worker_name, 0.0), *janitor.drop_missed(self.api)):
            say(sentence)
        say("applying prefect.yaml")
        paused = paused_schedules(self.api)
        self._deploy()
        for sentence in pause_again(self.api, paused):
            say(sentence)
        say("starting the worker")
        self._worker_begun = datetime.now(UTC)
        self.worker.start()
        self._wait(self.worker, lambda: bool(self._workers()), START_SECONDS)

    def keep(self, say: Callable[[str], None]) -> None:
        """Start again what dies, until asked to stop. Raises ServerFailed when a child dies again and again."""
        while not self.stopping.wait(SECONDS_BETWEEN_LOOKS):
            for child in (self.server, self.worker):
                if child.ended:
                    self._again(child, say)
            if time.monotonic() - self._mended > SECONDS_BETWEEN_MENDING and self.api.healthy():
                self._mended = time.monotonic()
                for sentence in janitor.mend(self.api, self.worker_name):
                    say(sentence)

    def stop(self, say: Callable[[str], None]) -> None:
        """End flow runs, worker and server, in this order, within the limits of `offspring`; then the watch."""
        offspring.end(self.name, say, self.in_a_hurry.is_set)
        if self._watch is not None and self._watch.stdin is not None:
            self._watch.stdin.close()
            self._watch.wait()

    def _again(self, child: Child, say: Callable[[str], None]) -> None:
        code = child.process.poll() if child.process else None
        child.begun = [moment for moment in child.begun if moment > time.monotonic() - RESTARTS_WITHIN_SECONDS]
        if len(child.begun) > RESTARTS:
            raise ServerFailed(
                f"the {child.role} ended again and again ({len(child.begun)} times, last with {code}). It said last:\n"
                f"{child.told()}",
                file=str(child.log),
            )
        pause = 2.0 ** max(len(child.begun) - 1, 0)
        say(f"the {child.role} ended with {code}; it is started again in {pause:.0f} s (see {child.log})")
        if self.stopping.wait(pause):
            return
        child.start()
        if child is self.server:
            self._wait_unless_stopping()

    def _wait_unless_stopping(self) -> None:
        try:
            self._wait(self.server, self.api.healthy, START_SECONDS)
        except Stopped:
            pass  # the caller's loop sees it
        except ServerFailed:
            if not self.server.ended:
                raise  # it hangs; one that ended is started again, as long as it may

    def _wait(self, child: Child, ready: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if self.stopping.wait(0.2):
                raise Stopped
            if child.ended or time.monotonic() > deadline:
                why = "ended" if child.ended else f"was not ready after {seconds:.0f} s"
                raise ServerFailed(f"the {child.role} {why}. It said last:\n{child.told()}", file=str(child.log))

    def _workers(self) -> list[str]:
        rows = self.api.every(f"work_pools/{POOL}/workers/filter")
        return [row["name"] for row in rows if row["name"] == self.worker_name and seen(row) > self._worker_begun]

    def _deploy(self) -> None:
        call = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
        deploy = self._child("deploy", call, self.worker.environment)
        deploy.start()
        assert deploy.process is not None
        deadline = time.monotonic() + DEPLOY_SECONDS
        while (code := deploy.process.poll()) is None and time.monotonic() < deadline:
            if self.stopping.wait(0.1):
                raise Stopped
        if code != 0:
            why = "did not end" if code is None else f"ended with {code}"
            raise ServerFailed(f"prefect deploy {why}. It said last:\n{deploy.told(15)}", file=str(deploy.log))


def seen(worker: Mapping[str, str]) -> datetime:
    """When a worker was heard of last; the row of one that was here before stays."""
    return datetime.fromisoformat(worker["last_heartbeat_time"])


def make_pool(api: Api) -> None:
    """Make the pool and its queues where they are not there; an operator's limits and pauses stay."""
    if POOL not in {pool["name"] for pool in api.every("work_pools/filter")}:
        api.post("work_pools/", name=POOL, type=POOL_TYPE)
    there = {queue["name"]: queue for queue in api.every(f"work_pools/{POOL}/queues/filter")}
    for name, priority in QUEUES.items():
        if name not in there:
            api.post(f"work_pools/{POOL}/queues", name=name, priority=priority)
        elif there[name]["priority"] != priority:
            api.patch(f"work_pools/{POOL}/queues/{name}", priority=priority)


def paused_schedules(api: Api) -> set[tuple[str, str]]:
    """Name the schedules that an operator paused, as (deployment, slug)."""
    rows = api.every("deployments/filter", work_pools={"name": {"any_": [POOL]}})
    return {(row["name"], str(s["slug"])) for row in rows for s in row["schedules"] if not s["active"]}


def pause_again(api: Api, paused: set[tuple[str, str]]) -> list[str]:
    """Pause what was paused before the deployments were applied, and say what stays paused."""
    declared_slugs = {(d.name, slug) for d in declared() for slug in d.schedules}
    said = []
    for row in api.every("deployments/filter", work_pools={"name": {"any_": [POOL]}}):
        for schedule in row["schedules"]:
            key = (row["name"], str(schedule["slug"]))
            if key not in paused:
                continue
            if schedule["active"]:
                api.patch(f"deployments/{row['id']}/schedules/{schedule['id']}", active=False)
            said.append(
                f"{key[0]}: schedule {key[1]} stays paused, as it was"
                + ("" if key in declared_slugs else " (not of prefect.yaml)")
            )
    return said
