"""The build warehouse: who holds its lock, how the last nights ended, and whether rows and bytes add up."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from flows.checkup.finding import Finding, listed
from schemas.errors import WarehouseLocked
from warehouse import build, consistency, nights
from warehouse.home import CHECKOUT, Home

NAMES = ("last night", "warehouse", "raw store")
LONG_HOURS = 12.0
"""A night that holds the lock longer is looked at by a person."""
REBUILD = "Stop the schedule, then: ./kinscale rebuild    It comes from the raw store; the damaged file is kept."


def lock(home: Home) -> tuple[Finding, bool]:
    """Ask for the lock without waiting; return what was found and whether somebody has it. Text alone is no lock."""
    if not home.lock.exists():
        return Finding("lock", "ok", "never taken"), False
    with home.lock.open("r", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return _held(handle.read().strip()), True
        left = handle.read().strip()
    seen = f"free; {left} was killed and left its name, which is no lock" if left else "free"
    return Finding("lock", "ok", seen), False


def _held(text: str) -> Finding:
    told = re.fullmatch(r"process (\d+) since ([\d-]+ [\d:]+) UTC( \(.*\))?", text)
    if not told:
        return Finding("lock", "ok", "a process reads the warehouse")
    since = datetime.strptime(told[2], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    hours = (datetime.now(UTC) - since).total_seconds() / 3600
    seen = f"held by {text}, for {hours:.1f} hours"
    if not _alive(int(told[1])):
        how = "That process is not to be seen here: it ended and a child keeps the lock, or it runs in a container."
        return Finding("lock", "warn", seen, f"{how} See who has the file open: lsof build/warehouse.lock")
    if hours > LONG_HOURS:
        how = "Look at nights/*.progress.log and the process; if it hangs, end it by its number: the lock goes with it."
        return Finding("lock", "warn", seen, how)
    return Finding("lock", "ok", f"{seen}: a night is running")


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it is there, and another user's
    return True


def warehouse(home: Home) -> list[Finding]:
    """Open the warehouse for reading and look at its nights, rows and bytes.

    In a process of its own: a damaged file can end whoever reads it.
    """
    if not home.warehouse.exists():
        return [Finding(name, "skipped", "there is no build warehouse yet", "./kinscale run") for name in NAMES]
    call = [sys.executable, "-m", "flows.checkup.build_warehouse", str(home.root)]
    path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        call, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode == 0:
        return [Finding(**found) for found in json.loads(done.stdout)]
    last = (done.stderr.strip().splitlines() or [""])[-1][:200]
    why = f"signal {-done.returncode}" if done.returncode < 0 else f"code {done.returncode}: {last}"
    return _unreadable(f"whoever reads it is ended ({why})")


def look(home: Home) -> list[Finding]:
    """Look at the warehouse in this process."""
    try:
        with build.read(home) as opened:
            assert opened is not None
            return [_nights(opened, home), _rows(opened), _bytes(opened, home)]
    except WarehouseLocked:
        return [
            Finding(name, "skipped", "another process has the warehouse", "Ask again when it ends.") for name in NAMES
        ]
    except Exception as error:  # noqa: BLE001 - whatever DuckDB says of a damaged file is the finding
        return _unreadable(f"it cannot be read ({str(error).splitlines()[0][:200]})")


def _unreadable(seen: str) -> list[Finding]:
    rest = [Finding(name, "skipped", "the warehouse cannot be read") for name in NAMES if name != "warehouse"]
    return [Finding("warehouse", "fail", seen, REBUILD), *rest]


def _nights(opened: build.Warehouse, home: Home) -> Finding:
    last = consistency.last_nights(opened)
    seen = listed([f"{survey} {status} at {started} UTC" for survey, status, started, _ in last]) or "none yet"
    broken = [survey for survey, status, *_ in last if status == "failed"]
    if broken:
        where = [place for survey in broken if (place := _reached(home, survey))]
        seen += f"; reached: {listed(where)}" if where else ""
        return Finding("last night", "fail", seen, "Run again; it goes on from what had landed: ./kinscale run")
    if any(status == "refused" for _, status, *_ in last):
        how = "A gate refused: look at the candidate (docs/quality.md), correct the cause or run with --reason."
        return Finding("last night", "warn", seen, how)
    unwell = [survey for survey, _, _, message in last if message != "complete"]
    if unwell:
        return Finding(
            "last night", "warn", f"{seen}; not everything went through", "./kinscale run says what, each time."
        )
    return Finding("last night", "ok", f"{seen}; nights without news leave nothing")


def _reached(home: Home, survey: str) -> str:
    told = nights.progress(home, survey)
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    return lines[-1].partition("  ")[2] if lines else ""


def _rows(opened: build.Warehouse) -> Finding:
    found = consistency.faults(opened)
    if found:
        return Finding("warehouse", "fail", listed(found), REBUILD)
    return Finding("warehouse", "ok", "every load has its rows, every row its load, every block its checksum")


def _bytes(opened: build.Warehouse, home: Home) -> Finding:
    found = consistency.stored(opened, home)
    wrong = [f"{name} is missing" for name in found.missing] + [f"{name} was changed" for name in found.changed]
    if wrong:
        how = "Restore raw/ from a backup, or remove a changed file there: the next night copies it from its source."
        return Finding("raw store", "fail", listed(wrong), how)
    return Finding(
        "raw store", "ok", f"the bytes of {found.files} files in force are there, {found.hashed} hashed again"
    )


if __name__ == "__main__":
    print(json.dumps([asdict(found) for found in look(Home(Path(sys.argv[1])))]))
