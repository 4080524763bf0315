"""The processes that a service started, however deep, found by a mark in their environment, and ended in order.

Prefect's worker gives each flow run a session of its own, so neither a process group nor a parent names them all. The
mark is inherited by everything below. As a program, this module watches: when its standard input closes, because the
service that started it is gone (by `kill -9` too), it ends what the service left behind.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MARK = "KINSCALE_SERVED_BY"
"""Environment variable `<service>:<role>`; the role of a flow run is that of the worker, which started it."""
FLOW_RUN = "PREFECT__FLOW_RUN_ID"
ORDER = ("run", "worker", "deploy", "server")
"""A flow run tells the server how it ended, so the server goes last."""
PATIENCE_SECONDS = {"run": 40.0, "worker": 15.0, "deploy": 5.0, "server": 15.0}
PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """A living process: its id, what it does for the service, and the flow run it is, if any."""

    pid: int
    role: str
    flow_run: str | None


def environments() -> Iterator[tuple[int, dict[str, str]]]:
    """Give process id and environment of each process that this user may look at; Linux only."""
    for folder in PROC.glob("[0-9]*"):
        try:
            content = (folder / "environ").read_bytes()
        except OSError:
            continue  # it ended, or is somebody else's
        cells = (cell.partition("=") for cell in content.decode(errors="replace").split("\0") if cell)
        yield int(folder.name), {name: value for name, _, value in cells}


def living(service: str) -> list[Process]:
    """List the processes of a service, but for the caller and its watch."""
    found = []
    for pid, variables in environments():
        owner, _, role = variables.get(MARK, "").partition(":")
        if owner == service and pid != os.getpid() and role != "watch":
            flow_run = variables.get(FLOW_RUN)
            found.append(Process(pid, "run" if flow_run else role, flow_run))
    return found


def flow_runs() -> set[str]:
    """Name the flow runs that have a living process on this machine, whoever started it."""
    return {variables[FLOW_RUN] for _, variables in environments() if FLOW_RUN in variables}


def end(service: str, say: Callable[[str], None], in_a_hurry: Callable[[], bool] = lambda: False) -> None:
    """End every process of a service: flow runs first, then worker, then server; who does not go in time is killed."""
    for role in ORDER:
        processes = [process for process in living(service) if process.role == role]
        if not processes:
            continue
        say(f"stopping {role} ({', '.join(str(process.pid) for process in processes)})")
        for process in processes:
            _signal(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_SECONDS[role]
        while _left(service, role) and time.monotonic() < deadline and not in_a_hurry():
            time.sleep(0.1)
        for process in _left(service, role):
            say(f"{role} {process.pid} did not stop in time and is killed")
            _signal(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while (rest := living(service)) and time.monotonic() < deadline:
        for process in rest:
            _signal(process.pid, signal.SIGKILL)
        time.sleep(0.1)


def _left(service: str, role: str) -> list[Process]:
    _reap()
    return [process for process in living(service) if process.role == role]


def _reap() -> None:
    """Collect children that ended, so that they do not stay as zombies while the service waits."""
    with contextlib.suppress(ChildProcessError):  # there is none
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it ended by itself
        os.kill(pid, number)


def watch(service: str) -> None:
    """Wait until the service is gone, then end what it left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # meant for the service, which then ends its own
    while os.read(0, 1024):
        pass
    end(service, lambda _: None)


if __name__ == "__main__":
    watch(sys.argv[1])
