"""The machine: Python, the packages, the checkout, validation and the clock."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path

from flows.checkup.finding import Finding, listed
from schemas.errors import EnvironmentUnsafe
from tasks import environment
from warehouse import release as folders
from warehouse.home import Home

OLDEST, NEWEST = (3, 11), (3, 13)
AHEAD_SECONDS = 120
"""A file may be dated this much after now: file systems and clocks are not exact."""


def python(version: tuple[int, int] = sys.version_info[:2]) -> Finding:
    """Hold the Python that runs against those that were tested."""
    seen = f"Python {version[0]}.{version[1]}"
    if OLDEST <= version <= NEWEST:
        return Finding("python", "ok", seen)
    return Finding("python", "fail", seen, "Run ./kinscale with Python 3.11, 3.12 or 3.13.")


def installed() -> dict[str, str]:
    """Return the version of every package of this environment, by its normalised name."""
    return {re.sub(r"[-_.]+", "-", str(d.metadata["Name"])).lower(): d.version for d in distributions()}


def packages(locked: Mapping[str, frozenset[str]], there: Mapping[str, str]) -> Finding:
    """Hold the installed packages against the lock. One that is locked for other systems only need not be there."""
    wrong = [
        f"{name} {there[name]} instead of {' or '.join(sorted(versions))}"
        for name, versions in sorted(locked.items())
        if name in there and there[name] not in versions
    ]
    wrong += [f"{name} is not installed" for name in environment.PACKAGES if name not in there]
    if wrong:
        how = "Run through ./kinscale, which installs them; if it is used already, remove .venv and run it again."
        return Finding("packages", "fail", listed(wrong), how)
    return Finding("packages", "ok", f"{len(locked.keys() & there.keys())} packages are as locked")


def checkout(commit: str | None) -> Finding:
    """Tell which code runs."""
    if commit is None:
        seen = "not a git checkout; releases name the code by its hash"
        return Finding(
            "checkout", "warn", seen, "Run from a git checkout, so that verify can find the code of a release."
        )
    if commit.endswith("-dirty"):
        seen = f"files differ from commit {commit[:12]}"
        return Finding(
            "checkout", "warn", seen, "Commit or undo the changes; a release of them cannot be made again later."
        )
    return Finding("checkout", "ok", f"commit {commit[:12]}")


def validation(settings: Mapping[str, str] = os.environ) -> Finding:
    """Tell whether pandera looks at values."""
    try:
        environment.check_validation(settings)
    except EnvironmentUnsafe as error:
        return Finding("validation", "fail", error.what, error.next_step or "")
    return Finding("validation", "ok", "pandera looks at every value")


def clock(home: Home, now: float | None = None) -> Finding:
    """Hold the clock against what has already happened: releases, and the dates of files. now: seconds since 1970."""
    now = time.time() if now is None else now
    for survey in folders.surveys(home) or [""]:
        try:
            environment.check_clock(now, home, survey)
        except EnvironmentUnsafe as error:
            return Finding("clock", "fail", error.what, error.next_step or "")
    ahead = [path for path in _dated(home) if path.stat().st_mtime > now + AHEAD_SECONDS]
    if ahead:
        seen = f"dated later than now: {listed([str(path.relative_to(home.root)) for path in ahead])}"
        return Finding(
            "clock", "warn", seen, "Look at the clock (timedatectl): it is behind, or was ahead for a while."
        )
    return Finding("clock", "ok", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now)))


def _dated(home: Home) -> list[Path]:
    manifests = home.releases.glob(f"*/{folders.MANIFEST}")
    return [path for path in (home.warehouse, *sorted(manifests)) if path.exists()]
