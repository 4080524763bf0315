"""Step 2: turn the bytes of pulled files into tables of text, whatever their format and encoding."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.batch import Lot, PulledFile
from schemas.declaration import Declaration
from schemas.errors import DeliveryError, KinscaleError, ReleaseDamaged
from warehouse import raw_store
from warehouse.home import Home

if TYPE_CHECKING:
    from sources.reader import RawTable

SMALL = 1 << 20
"""Bytes of a file up to which it is read once, for its hash and its rows."""


def read(lot: Lot, declaration: Declaration, home: Home) -> list[RawTable | KinscaleError]:
    """Read the files of a lot from the raw store, each as its source declares.

    Returns a table for each file, or why it cannot be read: FormatDamaged, EncodingMismatch, DelimiterMismatch,
    HeaderMismatch or SheetMissing with the place in it, or ReleaseDamaged for bytes that rotted in the store.
    """
    out: list[RawTable | KinscaleError] = []
    for file in lot.files:
        try:
            out.append(_read(file, declaration, home))
        except (DeliveryError, ReleaseDamaged) as error:
            out.append(error)
    return out


def _read(file: PulledFile, declaration: Declaration, home: Home) -> RawTable:
    from sources import confined

    return confined.read(stored(file, home), file.name, declaration.sources[file.source].reader)


def stored(file: PulledFile, home: Home) -> Path | bytes:
    """Return the stored file, a small one as bytes. Raises ReleaseDamaged if it is not what was pulled."""
    path = raw_store.place(home, file.sha256)
    if file.bytes <= SMALL and path.exists():
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == file.sha256:
            return content
    elif raw_store.verify(home, file.sha256):
        return path
    raise ReleaseDamaged(
        "the bytes in the raw store no longer have the hash they are stored under.",
        file=str(path),
        next_step="Restore the raw store from a backup, or remove this file and pull again.",
    )
