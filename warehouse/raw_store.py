"""The raw store: every delivery byte for byte under its SHA-256, with a sidecar that says where it came from."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from warehouse.home import Home

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the one in C is four times as fast


def place(home: Home, sha256: str) -> Path:
    """Where the bytes of a hash are."""
    return home.raw / sha256[:2] / sha256


@dataclass(frozen=True)
class Received:
    """A copy that is written and has no name in the store yet."""

    path: Path
    sha256: str
    bytes: int


def receive(home: Home, blocks: Iterable[bytes], progress: Callable[[int], None] | None = None) -> Received:
    """Copy a file, block by block, beside the store; `store` or `discard` what was received."""
    home.raw.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(prefix=".incoming-", dir=home.raw)
    try:
        with os.fdopen(handle, "wb") as out:
            for block in blocks:
                digest.update(block)
                size += len(block)
                out.write(block)
                if progress:
                    progress(len(block))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Received(Path(name), digest.hexdigest(), size)


def store(home: Home, received: Sequence[Received]) -> None:
    """Give copies their names. A name stands for bytes that are whole and on the disk, whenever the power fails.

    All copies are flushed first and named afterwards: the first flush carries most of what the file system owes the
    others, so that many small files cost little more than one.
    """
    try:
        for copy in received:
            with copy.path.open("rb") as handle:
                os.fsync(handle.fileno())
        for copy in received:
            target = place(home, copy.sha256)
            target.parent.mkdir(exist_ok=True)
            if target.exists():
                copy.path.unlink()
            else:
                copy.path.chmod(0o444)
                copy.path.replace(target)
    except BaseException:
        discard(received)
        raise


def discard(received: Iterable[Received]) -> None:
    """Remove copies that were not stored."""
    for copy in received:
        copy.path.unlink(missing_ok=True)


def keep(home: Home, blocks: Iterable[bytes]) -> tuple[str, int]:
    """Copy one file into the store. Returns (sha256, bytes). It has its name only when it is whole."""
    received = receive(home, blocks)
    store(home, [received])
    return received.sha256, received.bytes


def sweep(home: Home) -> None:
    """Remove what copies left behind whose process was killed. Call under the warehouse lock: one copies at a time."""
    for incoming in home.raw.glob(".incoming-*"):
        incoming.unlink(missing_ok=True)


def describe(home: Home, sha256: str, origin: dict[str, object]) -> None:
    """Write the sidecar of a stored file (uri, name, bytes, time of the first copy), once."""
    sidecar = place(home, sha256).with_name(f"{sha256}.source.yaml")
    if not sidecar.exists():
        sidecar.write_text(yaml.dump(origin, Dumper=_DUMPER, allow_unicode=True, sort_keys=False), encoding="utf-8")
        sidecar.chmod(0o444)


def holds(home: Home, sha256: str) -> bool:
    """Tell whether there are bytes under a hash; that they are the right ones is for `verify` to say."""
    return place(home, sha256).exists()


def verify(home: Home, sha256: str) -> bool:
    """Tell whether the stored bytes still have the hash they are stored under."""
    if not holds(home, sha256):
        return False
    with place(home, sha256).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() == sha256
