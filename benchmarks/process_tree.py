"""What a process and all it started cost: wall time, processor time, and the memory they held at once."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_BETWEEN = 0.1
"""Seconds between two looks at the memory."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class TreeCost:
    """Seconds of wall and processor time, and the most megabytes held at once, shared pages counted by their share."""

    wall: float
    cpu: float
    peak_mb: float


def watched(
    command: Sequence[str], log: Path, limit: float, environment: dict[str, str], landmark: str, on: bool = True
) -> tuple[TreeCost, TreeCost]:
    """Run a command to its end; return the cost until it printed a landmark, and the whole.

    landmark: a piece of a line of its output; the first cost is the whole one where it was not seen.  on: whether it
    goes on behind the landmark; if not it is killed there.
    Raises RuntimeError with the end of the output if it fails or needs more than `limit` seconds.
    """
    seen: TreeCost | None = None
    peak = cpu = 0.0
    with log.open("wb") as output:
        started = time.perf_counter()
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **environment})
        try:
            while child.poll() is None:
                tree = family(child.pid)
                peak = max(peak, sum(_megabytes(process) for process in tree))
                cpu = max(cpu, sum(_seconds(process) for process in tree))
                wall = time.perf_counter() - started
                if seen is None and landmark and landmark in log.read_text(encoding="utf-8", errors="replace"):
                    seen = TreeCost(wall, cpu, peak)
                    if not on:
                        return seen, seen
                if wall > limit:
                    raise RuntimeError(f"{command[0]} needed more than {limit:g} s")
                time.sleep(_BETWEEN)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    whole = TreeCost(time.perf_counter() - started, cpu, peak)
    if child.returncode:
        said = log.read_text(encoding="utf-8", errors="replace").strip()
        raise RuntimeError(f"{command[0]} ended with {child.returncode}:\n{said[-2000:]}")
    return seen or whole, whole


def family(process: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [process]
    for member in found:
        for thread in Path(f"/proc/{member}/task").glob("*/children"):
            try:
                found += map(int, thread.read_text(encoding="ascii").split())
            except OSError:
                continue  # it ended between two looks
    return found


def _megabytes(process: int) -> float:
    """Return the memory of a process in which a shared page counts by its share; 0 when it has just ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _seconds(process: int) -> float:
    """Return processor time of a process and of the children it has waited for."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS
