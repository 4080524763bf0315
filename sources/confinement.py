"""The reading process: parses files that strangers made, one after another, and can do little else.

`python -m sources.confinement xlsx sav` answers requests on standard input until it is closed. It has no network and
no credentials, and each file has its own bound of memory, computing time and bytes written: none, unless an archive
is unpacked.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from pathlib import Path
from typing import Any, BinaryIO

from schemas.errors import KinscaleError
from sources import answers, limits
from sources.table import RawTable

LIBRARIES = {
    "python_calamine": ("xlsx", "xls", "ods"),
    "pyreadstat": ("sav", "dta", "xpt"),
    "pyarrow.parquet": ("parquet",),
}
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_NO_NEW_PRIVILEGES = 38
_OPEN_FILES = 64
_LONGEST_FAULT = 2000
_LONGEST_NAME = 80


def main(formats: list[str]) -> None:
    """Answer requests until standard input ends."""
    requests, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints is no answer
    _give_up_rights()
    _load(formats)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    _send(out, ({"ready": True}, b""))
    while start := requests.read(answers.LENGTHS):
        head, body = answers.lengths(start)
        asked, content = answers.unpack(requests.read(head), requests.read(body))
        _send(out, _answer(asked, content))


def _answer(asked: dict[str, Any], content: bytes) -> answers.Message:
    """Return the answer to a request; `spent` in its head says that the process is of no more use."""
    _bound(asked["seconds"], asked["memory_bytes"], asked["file_bytes"])
    try:
        return _read(asked, content)
    except KinscaleError as error:
        spent = _is_of_memory(error.__cause__)
        answer = _out_of_memory(asked) if spent else answers.of_error(error)
    except MemoryError:
        answer, spent = _out_of_memory(asked), True
    except BaseException as error:  # noqa: BLE001 - a panic of a Rust library is no Exception
        answer, spent = ({"failed": f"{type(error).__name__}: {error}"[:_LONGEST_FAULT]}, b""), True
    return {**answer[0], "spent": spent}, answer[1]


def _is_of_memory(cause: BaseException | None) -> bool:
    """Tell whether a library failed for want of memory, whatever its error is called."""
    return isinstance(cause, MemoryError) or any(mark in str(cause).lower() for mark in ("allocat", "malloc"))


def _out_of_memory(asked: dict[str, Any]) -> answers.Message:
    _soft(resource.RLIMIT_AS, resource.RLIM_INFINITY)  # to have room for saying so
    allowed = limits.of(asked["spec"], asked["name"])
    return answers.of_error(limits.out_of_memory(allowed, asked["memory_bytes"], asked["name"]))


def _read(asked: dict[str, Any], content: bytes) -> answers.Message:
    from sources import detect, reader

    data = Path(asked["path"]) if asked["path"] else content
    if asked["kind"] == "settings":
        whole = data if isinstance(data, bytes) else data.read_bytes()
        return answers.of_findings(detect.settings(whole, asked["name"]))
    table = reader.read(data, asked["name"], asked["spec"])
    _hold(table, limits.of(asked["spec"], asked["name"]))
    return answers.of_table(table)


def _hold(table: RawTable, allowed: limits.Limits) -> None:
    """Refuse a table with more columns, or a longer cell, than is allowed."""
    import pyarrow
    import pyarrow.compute

    wide = len(table.columns)
    allowed.hold("columns", wide, f"the header has {wide:,} cells.", table.file)
    for place, column in enumerate(table.columns):
        cells = pyarrow.array(table.frame.iloc[:, place])
        longest = pyarrow.compute.max(pyarrow.compute.binary_length(cells)).as_py() or 0
        if longest > allowed.cell_bytes:
            what = f'a cell of column "{column[:_LONGEST_NAME]}" has {longest:,} bytes.'
            allowed.hold("cell_bytes", longest, what, table.file)


def _bound(seconds: int, memory: int, written: int) -> None:
    """Bound what the next file may cost, on top of what the process has used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)
    _soft(resource.RLIMIT_AS, _address_space() + memory)
    _soft(resource.RLIMIT_FSIZE, written)


def _soft(kind: int, value: int) -> None:
    resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def _give_up_rights() -> None:
    """Leave the network and the way to more rights behind, where the kernel lets an ordinary account do so."""
    import ctypes

    kernel = ctypes.CDLL(None)
    with contextlib.suppress(AttributeError):
        kernel.unshare(_NEW_USER | _NEW_NETWORK)
        kernel.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _load(formats: list[str]) -> None:
    """Import what the formats need before a bound is set, while the night still imports its own."""
    import pandas as pd
    import pyarrow as pa

    from sources import detect  # noqa: F401

    for library, mine in LIBRARIES.items():
        if set(mine) & set(formats):
            __import__(library)
    pd.array(["a"], dtype="str").isna()
    pa.set_cpu_count(1)


def _send(out: BinaryIO, message: answers.Message) -> None:
    for piece in answers.pack(*message):
        left = memoryview(piece)
        while left:
            left = left[out.write(left) :]


if __name__ == "__main__":
    main(sys.argv[1:])
