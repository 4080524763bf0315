"""Reading in a process of its own, for formats that C and Rust libraries parse: a file can end it, never the night.

One process serves a whole run. It is started by `begin` or by the first such file, and again after a file ended it.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from schemas.errors import FormatDamaged, KinscaleError
from sources import answers, limits
from sources.finding import Finding
from sources.limits import Limits
from sources.reading_process import Died, ReadingProcess, TooLong, TooMuch
from sources.table import RawTable

FORMATS = frozenset({"xlsx", "xls", "ods", "dta", "sav", "xpt", "parquet"})
_ZIPPED = ("xlsx", "ods")
"""Formats that are zip archives themselves, and are unpacked in memory."""
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b")
_UNPACKED = 10
"""What an archive around a delivery usually unpacks to, for each of its bytes."""
_WALL = 3
"""Wall seconds for each second of computing, on a machine that does other work as well."""
_GRACE = 10.0
_MEMORY_ENDED = ("memory allocation of", "bad_alloc", "out of memory", "Cannot allocate memory", "MemoryError")
"""What Rust, C++ and C print when they end because there is no memory left."""
_Made = TypeVar("_Made")


class _Current:
    """The reading process of this run, and what asks it in turn."""

    lock = threading.RLock()
    process: ReadingProcess | None = None
    formats: frozenset[str] = frozenset()


def begin(formats: Iterable[object]) -> None:
    """Start the reading process if one of the formats needs it; it gets ready while the caller goes on."""
    mine = FORMATS.intersection(str(kind) for kind in formats)
    if mine:
        with _Current.lock:
            _running(mine)


def end() -> None:
    """End the reading process, if there is one."""
    with _Current.lock:
        if _Current.process is not None:
            _Current.process.end()
        _Current.process = None


@contextmanager
def reading() -> Iterator[None]:
    """End the reading process when what is inside has read its files: it is in nobody's way afterwards."""
    try:
        yield
    finally:
        end()


def read(data: Path | bytes, name: str, spec: Mapping[str, object]) -> RawTable:
    """Read one file as `reader.read` does: text here, the other formats in the reading process.

    Raises what `reader.read` raises, FileTooLarge when reading costs more than its limits allow, and FormatDamaged
    when the library that parses the format crashes on the file.
    """
    from sources import reader

    if spec.get("format") not in FORMATS:
        return reader.read(data, name, spec)
    return _ask("read", data, name, spec, answers.to_table)


def parts(data: Path | bytes, name: str, spec: Mapping[str, object]) -> Iterator[RawTable]:
    """Yield the tables of one file as `reader.parts` does, read as by `read`."""
    from sources import reader

    if spec.get("format") in FORMATS:
        yield read(data, name, spec)
    else:
        yield from reader.parts(data, name, spec)


def settings(data: bytes, name: str) -> dict[str, Finding]:
    """Say how a file is to be read, as `detect.settings` does, in the reading process."""
    return _ask("settings", data, name, {}, answers.to_findings)


def _ask(
    kind: str,
    data: Path | bytes,
    name: str,
    spec: Mapping[str, object],
    made_of: Callable[[answers.Message], _Made],
) -> _Made:
    allowed = limits.of(spec, name)
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    allowed.hold("whole_bytes", size, f"the file has {size:,} bytes, and its format is read as a whole.", name)
    is_archive = spec.get("format") not in _ZIPPED and _head(data).startswith(_ARCHIVES)
    weight = size * _UNPACKED if is_archive else size
    seconds, memory = allowed.seconds_for(weight), allowed.memory_for(weight)
    asked: dict[str, Any] = {"kind": kind, "name": name, "spec": dict(spec), "seconds": seconds, "memory_bytes": memory}
    asked |= {"path": None if isinstance(data, bytes) else str(data), "file_bytes": 0}
    if is_archive:
        asked["file_bytes"] = allowed.unpacked_bytes
    content = data if isinstance(data, bytes) else b""
    with _Current.lock:
        process = _running(frozenset({str(spec.get("format", "xlsx"))}))
        try:
            answer = process.ask(asked, content, _WALL * seconds + _GRACE, memory)
        except (Died, TooLong, TooMuch) as end_of_it:
            _Current.process = None
            raise _told(end_of_it, name, allowed, seconds, memory) from end_of_it
        if answer[0].get("spent"):
            end()
    return _taken(answer, name, made_of)


def _head(data: Path | bytes) -> bytes:
    if isinstance(data, bytes):
        return data[:4]
    with data.open("rb") as stream:
        return stream.read(4)


def _running(formats: frozenset[str]) -> ReadingProcess:
    if _Current.process is None:
        _Current.formats |= formats
        _Current.process = ReadingProcess(sorted(_Current.formats))
    return _Current.process


def _taken(answer: answers.Message, name: str, made_of: Callable[[answers.Message], _Made]) -> _Made:
    """Return what the process found, or raise what it says; an answer that makes no sense damns the file."""
    if "failed" in answer[0]:
        raise _damaged(f"the library that reads the format failed on it ({answer[0]['failed']}).", name)
    try:
        if "error" not in answer[0]:
            return made_of(answer)
        error: KinscaleError = answers.to_error(answer)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:  # those of pyarrow are ValueErrors too
        raise _damaged("what was read of it makes no sense.", name) from fault
    raise error


def _told(end_of_it: Exception, name: str, allowed: Limits, seconds: int, memory: int) -> KinscaleError:
    """Say in terms of the file why the reading process did not answer."""
    words = end_of_it.words if isinstance(end_of_it, Died) else ""
    status = end_of_it.status if isinstance(end_of_it, Died) else 0
    if isinstance(end_of_it, TooLong) or status == -signal.SIGXCPU:
        base = "seconds" if seconds >= allowed.seconds else "base_seconds"
        return limits.beyond(base, seconds, f"reading it takes more than {seconds} seconds of computing.", name)
    if isinstance(end_of_it, TooMuch) or any(mark in words for mark in _MEMORY_ENDED):
        return limits.out_of_memory(allowed, memory, name)
    last = words.splitlines()[-1] if words else "nothing was said"
    how = signal.Signals(-status).name if -status in set(signal.Signals) else f"exit code {status}"
    return _damaged(f"the library that reads the format crashed on it ({how}: {last}).", name)


def _damaged(what: str, name: str) -> FormatDamaged:
    return FormatDamaged(
        what, file=name, expected="a file as the program saves it", next_step="Ask for the file again, or for csv."
    )


def _forget() -> None:
    """Leave the reading process to the process that this one was forked from."""
    _Current.lock = threading.RLock()
    if _Current.process is not None:
        _Current.process.abandon()
    _Current.process = None


os.register_at_fork(after_in_child=_forget)
atexit.register(end)
