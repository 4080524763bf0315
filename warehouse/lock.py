"""The lock of the build warehouse: one writer at a time, released by the operating system even after a kill -9."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from schemas.errors import WarehouseLocked
from warehouse import private, storage_faults
from warehouse.home import Home

PATIENCE_SECONDS = 2.0
"""A look at the warehouse takes milliseconds; whoever holds the lock longer than this is running a night."""

MOST_LETTERS = 200
"""Of a command line in the message."""


@contextlib.contextmanager
def hold(home: Home, exclusive: bool = True) -> Iterator[None]:
    """Hold the lock, as the one writer or as one of several readers; a reader writes nothing.

    Raises WarehouseLocked, naming the holder, when another process keeps it. All that writes the data folder does so in
    this block, where what it creates is its owner's alone; faults of the disk on the way become DiskFull,
    DataFolderReadOnly or WarehouseDamaged.
    """
    with storage_faults.told(home), private.umask(), _opened(home, exclusive) as handle:
        _acquire(handle, home, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        if exclusive:
            handle.truncate(0)
            handle.write(f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC ({_command()})\n")
            handle.flush()
        try:
            yield
        finally:
            if exclusive:
                handle.truncate(0)


def _opened(home: Home, exclusive: bool) -> TextIO:
    private.make(home)
    home.lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # interviews are nobody else's
    return home.lock.open("a+" if exclusive or not home.lock.exists() else "r", encoding="utf-8")


def _command() -> str:
    """Say what this process was called as; the command line of kinscale as a person types it."""
    program = Path(sys.argv[0])
    name = "./kinscale" if program.parts[-2:] == ("flows", "cli.py") else program.name
    return shlex.join([name, *sys.argv[1:]])[:MOST_LETTERS]


def _acquire(handle: TextIO, home: Home, kind: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return
        except OSError as error:
            if time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            handle.seek(0)
            holder = handle.read().strip() or "a process that only reads it"
            raise WarehouseLocked(
                f"the build warehouse is held by {holder}.",
                file=str(home.lock),
                expected="one writer at a time; nothing was changed by this call",
                next_step="Wait until it ends, or, if it hangs, end that process; the lock goes with it.",
            ) from error
