"""Step 2: turn the bytes of a pulled file into a table of text, whatever its format and encoding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.batch import PulledFile
from schemas.declaration import Declaration
from schemas.errors import ReleaseDamaged
from warehouse import raw_store
from warehouse.home import Home

if TYPE_CHECKING:
    from sources.reader import RawTable


def read(file: PulledFile, declaration: Declaration, home: Home) -> RawTable:
    """Read one file from the raw store as its source declares.

    Raises FormatDamaged, EncodingMismatch, DelimiterMismatch, HeaderMismatch or SheetMissing with the place in it.
    """
    from sources import reader

    check_input(file, home)
    return reader.read(raw_store.place(home, file.sha256), file.name, declaration.sources[file.source].reader)


def check_input(file: PulledFile, home: Home) -> None:
    """Assert that the stored bytes are still what was pulled."""
    if not raw_store.verify(home, file.sha256):
        raise ReleaseDamaged(
            "the bytes in the raw store no longer have the hash they are stored under.",
            file=str(raw_store.place(home, file.sha256)),
            next_step="Restore the raw store from a backup, or remove this file and pull again.",
        )
