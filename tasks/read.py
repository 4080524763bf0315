"""Step 2: turn the bytes of pulled files into tables of text, whatever their format and encoding."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.batch import Lot, PulledFile
from schemas.declaration import Declaration
from schemas.errors import DeliveryError, KinscaleError, PseudonymKeyUnusable, ReleaseDamaged
from warehouse import raw_store
from warehouse.home import Home

if TYPE_CHECKING:
    from sources.table import LongTable, RawTable

SMALL = 1 << 20
"""Bytes of a file up to which it is read once, for its hash and its rows."""


def read(lot: Lot, declaration: Declaration, home: Home) -> list[RawTable | LongTable | KinscaleError]:
    """Read the files of a lot from the raw store, each as its source declares.

    Returns a table for each file, the parts of a long one, of which the first two are read now, or why it cannot be
    read: FormatDamaged, EncodingMismatch, DelimiterMismatch, HeaderMismatch or SheetMissing with the place in it,
    ReleaseDamaged for bytes that rotted in the store, or PseudonymKeyUnusable. No table, and no part of one, holds a
    personal column in clear.
    """
    out: list[RawTable | LongTable | KinscaleError] = []
    for file in lot.files:
        try:
            out.append(_read(file, declaration, home))
        except (DeliveryError, PseudonymKeyUnusable, ReleaseDamaged) as error:
            out.append(error)
    return out


def _read(file: PulledFile, declaration: Declaration, home: Home) -> RawTable | LongTable:
    from sources import table

    return table.of_parts(_withheld(file, declaration, home))


def _withheld(file: PulledFile, declaration: Declaration, home: Home) -> Iterator[RawTable]:
    """Yield the parts of a file without what must not be known of a person; errors do not quote it either."""
    from sources import confined
    from tasks import personal, pseudonym_key

    source = declaration.sources[file.source]
    try:
        for part in confined.parts(stored(file, home), file.name, source.reader):
            yield personal.withhold(part, source, declaration.id, lambda: pseudonym_key.find(home))
    except DeliveryError as error:
        raise personal.discreet(error, source) from None


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
