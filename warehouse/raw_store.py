"""The raw store: every delivery byte for byte under its SHA-256, with a sidecar that says where it came from."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import yaml

from warehouse.home import Home


def place(home: Home, sha256: str) -> Path:
    """Where the bytes of a hash are."""
    return home.raw / sha256[:2] / sha256


def keep(home: Home, blocks: Iterable[bytes], progress: Callable[[int], None] | None = None) -> tuple[str, int]:
    """Copy a file, block by block, into the store. Returns (sha256, bytes). It has its name only when it is whole."""
    home.raw.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(prefix=".incoming-", dir=home.raw)
    incoming = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            for block in blocks:
                digest.update(block)
                size += len(block)
                out.write(block)
                if progress:
                    progress(len(block))
            out.flush()
            os.fsync(out.fileno())
        target = place(home, digest.hexdigest())
        target.parent.mkdir(exist_ok=True)
        if target.exists():
            incoming.unlink()
        else:
            incoming.chmod(0o444)
            incoming.replace(target)
    except BaseException:
        incoming.unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size


def sweep(home: Home) -> None:
    """Remove what copies left behind whose process was killed. Call under the warehouse lock: one copies at a time."""
    for incoming in home.raw.glob(".incoming-*"):
        incoming.unlink(missing_ok=True)


def describe(home: Home, sha256: str, origin: dict[str, object]) -> None:
    """Write the sidecar of a stored file (uri, name, bytes, time of the first copy), once."""
    sidecar = place(home, sha256).with_name(f"{sha256}.source.yaml")
    if not sidecar.exists():
        sidecar.write_text(yaml.safe_dump(origin, allow_unicode=True, sort_keys=False), encoding="utf-8")
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
