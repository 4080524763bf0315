"""Copies of large remote files that are not whole yet: kept when the connection breaks, taken up again at their end.

One has a place that follows from the file's address and version, and a note that says what it is. Bytes of two
versions never meet in one: another version has another place.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import yaml

from warehouse.home import Home
from warehouse.raw_store import Received

KEPT_SECONDS = 7 * 24 * 3600.0
"""How long what nobody takes up again is kept."""
_BLOCK = 1 << 20


def folder(home: Home) -> Path:
    """Where such copies are."""
    return home.raw / ".incoming"


def receive(
    home: Home,
    uri: str,
    version: str,
    read: Callable[[int], Iterable[bytes]],
    progress: Callable[[int], None] | None = None,
) -> Received:
    """Copy a file, from where an earlier try broke off; read: gives its blocks from a place on.

    What has come stays when `read` raises an error or the process ends. Raises OSError, after removing it, when it
    cannot be written.
    """
    path = _place(home, uri, version)
    _begin(home, path, uri, version)
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("a+b") as out:
            out.seek(0)
            while block := out.read(_BLOCK):
                digest.update(block)
                size += len(block)
            if progress and size:
                progress(size)
            for block in read(size):
                digest.update(block)
                size += len(block)
                out.write(block)
                if progress:
                    progress(len(block))
    except OSError:
        forget(home, uri, version)
        raise
    _note(path).unlink(missing_ok=True)
    return Received(path, digest.hexdigest(), size)


def forget(home: Home, uri: str, version: str) -> None:
    """Remove what has come of a file."""
    path = _place(home, uri, version)
    path.unlink(missing_ok=True)
    _note(path).unlink(missing_ok=True)


def sweep(home: Home) -> list[Path]:
    """Remove and return what nobody took up again for a week. Call under the warehouse lock."""
    old = [path for path in folder(home).glob("*") if time.time() - path.stat().st_mtime > KEPT_SECONDS]
    for path in old:
        path.unlink(missing_ok=True)
    return old


def _begin(home: Home, path: Path, uri: str, version: str) -> None:
    """Write the note of a copy that begins; other versions of the file are of no use any more."""
    folder(home).mkdir(mode=0o700, parents=True, exist_ok=True)
    for other in folder(home).glob(f"{_hash(uri)}-*"):
        if other not in (path, _note(path)):
            other.unlink(missing_ok=True)
    if not _note(path).exists():
        path.unlink(missing_ok=True)
        note = yaml.safe_dump({"uri": uri, "version": version}, allow_unicode=True)
        path.touch(mode=0o600)
        _note(path).write_text(note, encoding="utf-8")


def _place(home: Home, uri: str, version: str) -> Path:
    return folder(home) / f"{_hash(uri)}-{_hash(version)}"


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.yaml")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
