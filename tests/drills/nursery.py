"""A process that has everything loaded and forks one child per drill: a night, a withdrawal or a rebuild.

A child costs milliseconds where a fresh process costs three seconds. Each line of standard input is an order, each line
of standard output what became of its child: its exit status and what it told.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from schemas.errors import KinscaleError
from tests.drills.faults import Fault, arm, arm_steps
from warehouse.home import CHECKOUT, Home


@dataclass(frozen=True)
class Ended:
    """How a child ended: the signal that killed it (0 for none), and what it told when it lived to tell."""

    signal: int
    told: dict[str, Any]


class Nursery:
    """The process and its two pipes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Wrap a process that `running` has started."""
        self.process = process

    def ask(self, work: str, home: Home, surveys: Path, fault: Fault | None = None, **more: str) -> Ended:
        """Have a child do some work and wait for its end; the work: `night`, `withdraw`, `rebuild`."""
        order = {"work": work, "home": str(home.root), "surveys": str(surveys), "more": more}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({**order, "fault": asdict(fault) if fault else None}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "trouble" not in answer["told"], answer["told"]["trouble"]
        return Ended(answer["signal"], answer["told"])


@contextlib.contextmanager
def running() -> Iterator[Nursery]:
    """Start the process, and end it with the block."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "KINSCALE_THREADS": "2"}
    call = [sys.executable, "-W", "ignore", "-m", "tests.drills.nursery"]
    process = subprocess.Popen(
        call, cwd=CHECKOUT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


def main() -> None:
    """Load and warm everything, then fork a child per order until the orders end."""
    with tempfile.TemporaryDirectory() as name:
        _warm(Path(name))
        _leave_nothing()
        for line in sys.stdin:
            sys.stdout.write(json.dumps(_deliver(json.loads(line))) + "\n")
            sys.stdout.flush()


def _warm(folder: Path) -> None:
    """Run one night here, with one expectation suite and one page: what it loads and builds, every child then has."""
    from reports.site import contents
    from tests import small_survey
    from warehouse import checkpoint

    (folder / "suites").mkdir()
    for name in ("loads.yaml", "loads.sql"):
        shutil.copy(checkpoint.SUITES / name, folder / "suites")
    checkpoint.SUITES = folder / "suites"
    contents.OF_FAMILIES = contents.OF_FAMILIES[:1]
    small_survey.write(folder / "surveys")
    _do({"work": "night", "home": str(folder / "home"), "surveys": str(folder / "surveys"), "fault": None, "more": {}})


def _leave_nothing() -> None:
    """Give back what the first night left in memory: a child's memory is to be what its own night takes."""
    import ctypes
    import gc

    import pyarrow

    gc.collect()
    pyarrow.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
    if trim is not None:
        trim(0)


def _deliver(order: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            told = _do(order)
        except BaseException:  # noqa: BLE001 - a child must not go on in its parent's loop
            told = {"trouble": traceback.format_exc()}
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            json.dump(told, pipe)
        os._exit(0)
    os.close(writing)
    fault = order["fault"]
    if fault and fault["kind"] == "instant":
        killer = threading.Timer(fault["seconds"], os.kill, (child, signal.SIGKILL))
        killer.start()
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    if fault and fault["kind"] == "instant":
        killer.cancel()
    _, status = os.waitpid(child, 0)
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return {"signal": ended_by, "told": {} if ended_by or not said else json.loads(said)}


def _do(order: dict[str, Any]) -> dict[str, Any]:
    """Do the work; return the number of changes of the disk and how it ended."""
    os.environ["KINSCALE_SURVEYS"] = order["surveys"]
    home, fault = Home(Path(order["home"])), Fault(**order["fault"]) if order["fault"] else None
    work = {"night": _night, "withdraw": _withdraw, "rebuild": _rebuild}[order["work"]]
    changes = arm(fault, home) if fault or order["more"].get("count") else lambda: 0
    begun = time.monotonic()
    try:
        told = work(home, fault, order["more"])
    except KinscaleError as error:
        if not order["more"].get("expect_error"):
            raise
        told = error.as_record()
    return {**told, "changes": changes(), "seconds": time.monotonic() - begun, **_cost()}


def _cost() -> dict[str, Any]:
    """Return what this process and those that it started have cost: seconds of computing, most bytes of memory."""
    mine, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    computing = mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return {"computing": computing, "peaks": (int(status.split("VmHWM:")[1].split()[0]) << 10, theirs.ru_maxrss << 10)}


def _night(home: Home, fault: Fault | None, _: dict[str, str]) -> dict[str, Any]:
    from flows import direct
    from flows.night import night
    from schemas import declaration
    from tasks import pull
    from tests import small_survey

    every = arm_steps(direct.steps(), fault)
    first = every.look if fault and fault.name == "look" else pull.look
    outcome = night(declaration.load(small_survey.ID), home, lambda: every, lambda _: None, first)
    told = {"exit_code": outcome.exit_code, "errors": [error.as_record() for error in outcome.errors]}
    if outcome.release:
        told |= {"release": outcome.release.release_id, "content": outcome.release.manifest["content_sha256"]}
    landed = {load.uri: (load.rows_accepted, load.rows_quarantined) for load in outcome.landed}
    return {**told, "is_new": outcome.is_new_release, "news": outcome.news, "landed": landed}


def _withdraw(home: Home, _: Fault | None, more: dict[str, str]) -> dict[str, Any]:
    from tasks.withdraw import withdraw

    try:
        return {"tombstone": withdraw(home, more["release"], "wrong file")}
    except KinscaleError as error:
        return {"error": error.what}


def _rebuild(home: Home, _: Fault | None, __: dict[str, str]) -> dict[str, Any]:
    from flows import warehouse_rebuild

    rebuilt = warehouse_rebuild.rebuild(home, lambda _: None)
    return {"landed": [load.uri for load in rebuilt.landed]}


if __name__ == "__main__":
    main()
