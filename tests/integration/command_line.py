"""The command line as a person calls it: the launcher, in a process of its own, from any working directory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from warehouse.home import CHECKOUT

SETTINGS = (
    "KINSCALE_HOME", "KINSCALE_SURVEYS", "KINSCALE_THREADS", "KINSCALE_SETTINGS", "PREFECT_API_URL", "PREFECT_HOME",
)  # fmt: skip


def environment(**settings: str) -> dict[str, str]:
    """Return this process's environment without any setting of kinscale or Prefect but those given."""
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return {**kept, "PYTHONWARNINGS": "default", "COLUMNS": "160", **settings}


def kinscale(
    *arguments: str, cwd: Path, settings: Mapping[str, str] | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Call the launcher and wait for its end."""
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "kinscale"), *arguments],
        cwd=cwd,
        env=environment(**(settings or {})),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
    )
