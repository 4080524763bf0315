"""What the default install leaves out: Spark and Dask as their locks name them, and the Java that Spark runs on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from flows.checkup.finding import Finding, State, listed
from schemas import settings, survey_folders
from schemas.errors import SettingsError
from schemas.settings import Settings
from tasks import environment
from warehouse import code_version
from warehouse.home import Home

OLDEST_JAVA = 17
"""Spark 4 runs on Java 17 and 21."""
PATIENCE_SECONDS = 20
ABSENT = "is not installed"


def packages(home: Home, there: Mapping[str, str]) -> Finding:
    """Hold the packages of each extra against its lock; fails only for one that is needed.

    there: version by package.
    """
    needed = environment.asked_for(_settings(home), survey_folders.names())
    seen, advice = [], {}
    for extra in code_version.EXTRAS:
        what, how = _extra(extra, there)
        seen.append(f"{extra} {what}")
        if how and (extra in needed or what != ABSENT):
            advice[extra] = how
    state: State = "fail" if needed & advice.keys() else "warn" if advice else "ok"
    return Finding("extras", state, "; ".join(seen), " ".join(advice.values()))


def _extra(extra: str, there: Mapping[str, str]) -> tuple[str, str]:
    """Return what is seen of an extra, and the command that makes it whole; empty when it is."""
    pinned = code_version.locked(code_version.lock_of(extra))
    absent = [name for name in code_version.EXTRAS[extra] if name not in there]
    if len(absent) == len(code_version.EXTRAS[extra]):
        return ABSENT, f"./kinscale install {extra}."
    wrong = [
        f"{name} {there[name]} instead of {' or '.join(sorted(versions))}"
        for name, versions in sorted(pinned.items())
        if name in there and there[name] not in versions
    ]
    wrong += [f"{name} is not installed" for name in absent]
    if wrong:
        again = f"./kinscale install --remove {extra}, then ./kinscale install {extra}."
        return f"is not as locked ({listed(wrong)})", again
    return "is as locked", ""


def java(home: Home, there: Mapping[str, str]) -> Finding:
    """Look for the Java that a Spark of this machine runs on; one behind a Connect address has its own."""
    found = _settings(home)
    needed = "spark" in environment.asked_for(found, survey_folders.names())
    if found.spark.connect or not (needed or "pyspark" in there):
        why = "the Spark Connect server has its own" if found.spark.connect else "Spark is not installed"
        return Finding("java", "ok", f"not needed: {why}")
    how = "Install Java 17, on Debian: apt-get install openjdk-17-jre-headless. Or set JAVA_HOME."
    missing: State = "fail" if needed else "warn"
    at_home = Path(os.environ.get("JAVA_HOME") or "nowhere") / "bin" / "java"
    program = str(at_home) if at_home.exists() else shutil.which("java")
    if program is None:
        return Finding("java", missing, "there is no java, on which Spark runs", how)
    told = version_of(program)
    number = re.search(r'version "(\d+)', told)
    if number is None or int(number[1]) < OLDEST_JAVA:
        return Finding("java", missing, f"{program}: {told or 'it does not say which it is'}", how)
    return Finding("java", "ok", f"{program}: {told}")


def version_of(program: str) -> str:
    """Return the first line of what a Java says of itself; empty when it does not."""
    try:
        call = [program, "-version"]
        done = subprocess.run(call, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return next(iter(done.stderr.splitlines()), "")


def _settings(home: Home) -> Settings:
    """Read the settings; those that do not load ask for nothing here, and the check `settings` fails."""
    try:
        return settings.load(home.root)
    except SettingsError:
        return Settings()
