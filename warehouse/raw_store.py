"""The raw store: every delivery byte for byte under its SHA-256, with a sidecar that says where it came from."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from schemas.errors import ReleaseDamaged
from warehouse import private
from warehouse.home import Home

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the one in C is four times as fast
INCOMING = ".incoming-"
"""Beginning of names of what is being written; a killed process leaves it, the next run removes it."""


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
    private.make(home)
    home.raw.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(prefix=INCOMING, dir=home.raw)
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
                copy.path.chmod(private.READ_ONLY)
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
    for incoming in home.raw.glob(f"{INCOMING}*"):
        incoming.unlink(missing_ok=True)


def describe(home: Home, sha256: str, origin: Mapping[str, object]) -> None:
    """Add a document to the sidecar of a stored file: survey, uri, name, bytes, mark of the version, time of the copy.

    The same bytes can come from two places, or come back to one that held others since: each time has its document.
    One that says nothing new is not added. The sidecar has its name only when it is whole.
    """
    sidecar = _sidecar(home, sha256)
    known = sidecar.read_text(encoding="utf-8") if sidecar.exists() else ""
    if known and origin in list(yaml.safe_load_all(known)):
        return
    text = yaml.safe_dump(dict(origin), allow_unicode=True, sort_keys=False)
    whole = home.raw / f"{INCOMING}{sha256}.source.yaml"
    whole.write_text(f"{known}---\n{text}" if known else text, encoding="utf-8")
    whole.chmod(private.READ_ONLY)
    whole.replace(sidecar)


def origins(home: Home) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (sha256, document) for each document of each sidecar. Raises ReleaseDamaged for one it cannot read."""
    for sidecar in sorted(home.raw.glob("*/*.source.yaml")):
        try:
            documents = [d for d in yaml.safe_load_all(sidecar.read_text(encoding="utf-8")) if isinstance(d, dict)]
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ReleaseDamaged(
                "the note beside stored bytes, which says where they came from, cannot be read.",
                file=str(sidecar),
                next_step="Restore it from a backup, or remove it; manifests of releases name what they hold as well.",
            ) from error
        yield from ((sidecar.name.removesuffix(".source.yaml"), document) for document in documents)


def is_described(home: Home, sha256: str) -> bool:
    """Tell whether there is a sidecar beside stored bytes."""
    return _sidecar(home, sha256).exists()


def _sidecar(home: Home, sha256: str) -> Path:
    return place(home, sha256).with_name(f"{sha256}.source.yaml")


def holds(home: Home, sha256: str) -> bool:
    """Tell whether there are bytes under a hash; that they are the right ones is for `verify` to say."""
    return place(home, sha256).exists()


def verify(home: Home, sha256: str) -> bool:
    """Tell whether the stored bytes still have the hash they are stored under."""
    if not holds(home, sha256):
        return False
    with place(home, sha256).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() == sha256
