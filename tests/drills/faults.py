"""Faults that end a process as kill -9 does: at a step, at a function, at a change of the disk, while a file grows."""

from __future__ import annotations

import importlib
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flows.steps import Steps, names
from warehouse.home import Home

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod", "os.truncate"}
"""What Python announces before it changes a folder; opening a file for writing comes to these."""


@dataclass(frozen=True)
class Fault:
    """Where a process dies. kind: `step`, `function`, `change`, `growth`, or `instant`; the others as the kind needs.

    name: field of `Steps`, or dotted name of a function.  moment: `before` or `after`.  number: which call or change
    (from 1), or the size in bytes beyond which no file may grow.  seconds: when an instant comes.
    """

    kind: str
    name: str = ""
    moment: str = "before"
    number: int = 1
    seconds: float = 0.0

    def __str__(self) -> str:
        """Name the fault as test reports show it."""
        where = {"step": f"{self.moment}-{self.name}-{self.number}", "function": f"{self.moment}-{self.name}"}
        return f"{self.kind}-{where.get(self.kind, self.number)}"


def die() -> None:
    """End this process without any chance to tidy up."""
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(function: Callable[..., Any], fault: Fault) -> Callable[..., Any]:
    """Wrap a function so that its n-th call ends the process, before it begins or after it is done."""
    calls = 0

    def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == fault.number and fault.moment == "before":
            die()
        result = function(*arguments, **named)
        if calls == fault.number:
            die()
        return result

    return wrapped


def arm_steps(steps: Steps, fault: Fault | None) -> Steps:
    """Return the steps, one of them deadly."""
    if fault is None or fault.kind != "step":
        return steps
    return replace(steps, **{fault.name: deadly(getattr(steps, fault.name), fault)})


def arm(fault: Fault | None, home: Home) -> Callable[[], int]:
    """Prepare this process to die of a fault; return a function that tells how many changes there were so far."""
    if fault and fault.kind == "function":
        module_name, _, attribute = fault.name.rpartition(".")
        module = importlib.import_module(module_name)
        setattr(module, attribute, deadly(getattr(module, attribute), fault))
    if fault and fault.kind == "growth":
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it; by default it ends a process in mid-write
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.number, fault.number))
    return _count_changes(home, fault.number if fault and fault.kind == "change" else 0)


def _count_changes(home: Home, deadly_change: int) -> Callable[[], int]:
    """Count what changes the data folder: Python's own calls, fsync, statements to DuckDB; die before the n-th."""
    import duckdb

    changes = 0

    def count() -> None:
        nonlocal changes
        changes += 1
        if changes == deadly_change:
            die()

    sys.addaudithook(lambda event, arguments: count() if _is_change(event, arguments, str(home.root)) else None)
    fsync, connect = os.fsync, duckdb.connect

    def counted_fsync(handle: int) -> None:
        count()
        fsync(handle)

    os.fsync = counted_fsync  # type: ignore[assignment]
    duckdb.connect = lambda *a, **named: _Counted(connect(*a, **named), count)
    return lambda: changes


def _is_change(event: str, arguments: tuple[Any, ...], root: str) -> bool:
    if event == "open":
        path, _, flags = arguments
        return isinstance(path, str) and path.startswith(root) and bool(flags & (os.O_WRONLY | os.O_RDWR))
    if event in CHANGES:
        return any(isinstance(a, (str, Path)) and str(a).startswith(root) for a in arguments)
    return False


class _Counted:
    """A connection whose statements are counted before they run."""

    def __init__(self, connection: Any, count: Callable[[], None]) -> None:
        self._connection, self._count = connection, count

    def execute(self, *arguments: Any) -> Any:
        self._count()
        return self._connection.execute(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def step_names() -> list[str]:
    """Name the steps of a night, in their order."""
    return names()
