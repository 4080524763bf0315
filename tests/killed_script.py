"""A script in a process of its own that kills itself on the way, as the power does: no clean-up of Python's runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from warehouse.home import CHECKOUT


def killed(script: str, surveys: Path, *arguments: str) -> None:
    """Run a script with arguments, on a folder of declarations, and assert that it died by SIGKILL."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "KINSCALE_SURVEYS": str(surveys)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
