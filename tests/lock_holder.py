"""A process that holds the lock of a data folder, until it is ended or a minute is over."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from warehouse.home import CHECKOUT, Home

HOLDER = """
import sys, time
from pathlib import Path
from warehouse import lock
from warehouse.home import Home
with lock.hold(Home(Path(sys.argv[1])), exclusive=sys.argv[2] == "write"):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def holding(home: Home, kind: str = "write") -> Iterator[subprocess.Popen[str]]:
    """Let another process hold the lock, to write or to read, while the block runs."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home.root), kind],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)
