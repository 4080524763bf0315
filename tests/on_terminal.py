"""A terminal of a given width for a program under test: what it writes there, signs for colour included."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path

from warehouse.home import CHECKOUT

STYLE = re.compile(r"\x1b\[[0-9;]*m")
COLOUR = re.compile(r"\x1b\[(?:[0-9]+;)*3[0-7]m")
ROWS = 50
SECONDS = 180
SETTINGS = ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS", "LINES", "GITHUB_ACTIONS")


def run(
    columns: int, *call: str, cwd: Path, settings: Mapping[str, str], term: str = "xterm-256color"
) -> tuple[int, str]:
    """Run a command of kinscale on a terminal; return its exit code and what stood on the terminal."""
    own, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    environment |= {"PYTHONPATH": str(CHECKOUT), "TERM": term, **settings}
    command = [sys.executable, "-m", "flows.cli", *call]
    with subprocess.Popen(command, cwd=cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        try:
            written = _read(own, time.monotonic() + SECONDS)
            process.wait(timeout=SECONDS)
        except BaseException:
            process.kill()
            raise
        finally:
            os.close(own)
    return process.returncode, written.decode("utf-8").replace("\r\n", "\n")


def _read(terminal: int, until: float) -> bytes:
    """Read until the last writer is gone, which Linux tells by an error. Raises TimeoutError."""
    written = b""
    while True:
        if not select.select([terminal], [], [], max(0.0, until - time.monotonic()))[0]:
            raise TimeoutError(f"the command did not end in {SECONDS} seconds; it wrote {written!r}")
        try:
            part = os.read(terminal, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return written
        if not part:
            return written
        written += part


def plain(text: str) -> list[str]:
    """Return the lines without the signs for colour and weight."""
    return STYLE.sub("", text).splitlines()
