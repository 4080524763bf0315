"""What one process cost: wall time, processor time and peak memory, as the kernel counted them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Seconds of wall and processor time, peak resident megabytes, and what the process printed."""

    wall: float
    cpu: float
    peak_mb: float
    said: str


def measured(command: Sequence[str | Path], log: Path, limit: float, environment: dict[str, str]) -> Cost | None:
    """Run a command to its end and return its cost, or None if it needs more than `limit` seconds.

    Raises RuntimeError with the end of its output if it fails. The peak is the high-water mark that the kernel keeps
    for the child's own memory, read until it ends: what wait4 reports can be the parent's, which a child inherits.
    """
    with log.open("wb") as output:
        started = time.perf_counter()
        child = subprocess.Popen(
            [str(part) for part in command], stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )
        peak = 0.0
        while True:
            peak = max(peak, high_water(child.pid))
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            wall = time.perf_counter() - started
            if pid:
                break
            if wall > limit:
                child.kill()
                os.wait4(child.pid, 0)
                child.returncode = -1
                return None
            time.sleep(0.002)
        child.returncode = os.waitstatus_to_exitcode(status)
    said = log.read_text(encoding="utf-8", errors="replace").strip()
    if child.returncode:
        raise RuntimeError(f"{command[0]} ended with {child.returncode}:\n{said[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak, said)


def high_water(process: int) -> float:
    """Return the most memory a process has held so far, in megabytes; 0 when it has just ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0.0  # it ended between two looks; the mark seen before stands
    marks = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(marks[0]) / 1024 if marks else 0.0
