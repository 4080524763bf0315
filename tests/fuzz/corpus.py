"""The saved inputs of each reader, one archive a reader: unpacked to be fuzzed from, packed again when it has grown."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

FOLDER = Path(__file__).with_name("corpus")
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry, so that equal inputs make equal archives."""


def kinds() -> list[str]:
    """Name the readers that have a saved corpus."""
    return sorted(path.stem for path in FOLDER.glob("*.zip"))


def load(kind: str) -> Mapping[str, bytes]:
    """Return the saved inputs of a reader by the beginning of their SHA-1; their first byte chooses a declaration."""
    path = FOLDER / f"{kind}.zip"
    if not path.exists():
        return {}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in sorted(archive.namelist())}


def save(kind: str, inputs: Iterable[bytes]) -> int:
    """Write the corpus of a reader anew and return how many inputs it holds."""
    named = {hashlib.sha1(data, usedforsecurity=False).hexdigest()[:16]: data for data in inputs}
    FOLDER.mkdir(exist_ok=True)
    with zipfile.ZipFile(FOLDER / f"{kind}.zip", "w") as archive:
        for name in sorted(named):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, named[name])
    return len(named)


def unpack(kind: str, folder: Path, seeds: Iterable[bytes]) -> None:
    """Put the saved inputs and the seeds of a reader into a folder, as a fuzzer wants them."""
    folder.mkdir(parents=True, exist_ok=True)
    for data in (*load(kind).values(), *seeds):
        (folder / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)
