"""What the sender says a file must be: `.source.yaml`, `.sha256` or `SHA256SUMS` beside it, on any storage."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

import yaml

from schemas.batch import Listed
from schemas.errors import FormatDamaged, SourceMissing, SourceRefused
from schemas.source_address import is_remote
from sources.credentials import Credentials
from sources.file_names import notes_on
from sources.listing import read_blocks
from warehouse.raw_store import Received

LARGEST = 8 << 20
"""Bytes of a note: a list of a hundred thousand files."""
_SUM = re.compile(r"\\?([0-9a-fA-F]{64})(?:\s+\*?(.+))?")


class DeliveryNotes:
    """The notes of a night's files; a list of a whole folder is read once."""

    def __init__(self) -> None:
        """Read nothing yet."""
        self._text = cache(_read)

    def check(self, listed: Listed, received: Received, credentials: Credentials | None) -> None:
        """Refuse a copy that is not what a note beside its file says. Raises FormatDamaged."""
        for name in notes_on(listed.name) if listed.beside is None else listed.beside:
            text = self._text(_place(listed, name), credentials, listed.beside is None)
            if text is None:
                continue
            read = _source_yaml if name.endswith(".yaml") else _sum
            sha256, size = read(text, name, listed)
            if sha256 is None or (sha256.lower() == received.sha256 and size in (None, received.bytes)):
                continue
            said = f"{size:,} bytes, {sha256[:12]}..." if size is not None else f"{sha256[:12]}..."
            raise FormatDamaged(
                f"{received.bytes:,} bytes with hash {received.sha256[:12]}... do not match "
                f"its delivery note ({said}).",
                file=listed.name,
                expected=f"the bytes that {name} describes",
                next_step="Copy the file again from where it came from; if it was replaced on purpose, renew the note.",
            )


def _place(listed: Listed, name: str) -> str:
    """Return the address of a note: the file's own with an ending, or one in its folder."""
    if name.startswith(listed.name):
        return listed.address + name.removeprefix(listed.name)
    return posixpath.join(posixpath.dirname(listed.address), name)


def _read(place: str, credentials: Credentials | None, unlisted: bool) -> str | None:
    """Return the text of a note, None when there is none. unlisted: nobody has seen it, so it may not be there."""
    if "?" in place and place.startswith("http"):
        return None  # what answers a question has nothing beside it
    if not is_remote(place) and not Path(place.removeprefix("file://")).exists():
        return None
    text = b""
    try:
        for block in read_blocks(place, credentials):
            text += block
            if len(text) > LARGEST:
                break
    except (SourceMissing, SourceRefused):
        if unlisted:
            return None
        raise
    if unlisted and text.lstrip()[:1] == b"<":
        return None  # a server that answers everything with a page
    return text.decode("utf-8", errors="replace")


def _sum(text: str, name: str, listed: Listed) -> tuple[str | None, int | None]:
    """Return (sha256, None) as `sha256sum` wrote it for a file; twice None when the list does not name it."""
    alone = name == f"{listed.name}.sha256"
    for line in text.splitlines():
        found = _SUM.fullmatch(line.strip())
        if found and (posixpath.basename(found[2] or "") == listed.name or (alone and not found[2])):
            return found[1], None
    return None, None


def _source_yaml(text: str, name: str, listed: Listed) -> tuple[str | None, int | None]:
    """Return (sha256, bytes) of a `.source.yaml`. Raises FormatDamaged for one that does not say them."""
    try:
        content = yaml.safe_load(text)
        return str(content["sha256"]), int(content["bytes"])
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise FormatDamaged(
            "the delivery note cannot be used.",
            file=name,
            expected=f"the keys `sha256` and `bytes` of {listed.name}",
            next_step="Write the note again, or remove it; nothing of the file was taken in.",
        ) from error
