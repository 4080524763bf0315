"""The bytes of a note beside a delivery: of an ordinary file in the declared folder only, and never more than a cap."""

from __future__ import annotations

import errno
import posixpath
from dataclasses import dataclass

from schemas.errors import FormatDamaged, KinscaleError, SourceMissing, SourceRefused
from schemas.source_address import is_remote
from sources import symlinks
from sources.credentials import Credentials
from sources.listing import read_blocks
from sources.storage import connect, own_errors

_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
"""Also a name that is too long with the ending of a note, though not without it."""


@dataclass(frozen=True)
class Fault:
    """Why a note cannot be used. expected: what would have been right."""

    kind: type[KinscaleError]
    what: str
    expected: str

    def of(self, note: str, delivery: str) -> KinscaleError:
        """Return the error that refuses a delivery for it."""
        return self.kind(
            f"the delivery note {self.what}.",
            file=note,
            expected=self.expected,
            next_step=f"Write the note again, or remove it; nothing of {delivery} was taken in.",
        )


_NO_FILE = Fault(SourceRefused, "is no file, but a folder, a pipe, a device or a broken link", "an ordinary file")


@dataclass(frozen=True)
class Beside:
    """Where a note is looked for. declared: the address of its source; unlisted: nobody has seen the note."""

    place: str
    declared: str
    credentials: Credentials | None
    unlisted: bool


def read_note(beside: Beside, most: int) -> str | Fault | None:
    """Return the text of a note of at most so many bytes, why it is not read, or None when there is none.

    Raises SourceMissing, SourceRefused or SourceUnreachable.
    """
    if "?" in beside.place and beside.place.startswith("http"):
        return None  # what answers a question has nothing beside it
    kind = _kind(beside)
    if kind is None or isinstance(kind, Fault):
        return kind
    try:
        content = _content(beside, most)
    except (SourceMissing, SourceRefused):
        if beside.unlisted and kind == "unknown":
            return None
        raise
    if beside.unlisted and content.lstrip()[:1] == b"<":
        return None  # a server that answers everything with a page
    if len(content) > most:
        return Fault(FormatDamaged, "is too large", f"a note of at most {most:,} bytes")
    return content.decode("utf-8", errors="replace")


def _kind(beside: Beside) -> str | Fault | None:
    """Return "file", or "unknown" on a storage that has only files, without opening anything; None: it is not there.

    A pipe would never end, and whoever may deliver could have any file of the machine read by a link.
    """
    with own_errors(beside.place, beside.credentials):
        storage, path = connect(beside.place, beside.credentials)
        if is_remote(beside.place) and not hasattr(storage, "real_path"):
            return "unknown"
        try:
            info = storage.info(path)
        except OSError as error:
            if error.errno not in (*_NOT_THERE, errno.ELOOP):
                raise
            return None if beside.unlisted and error.errno != errno.ELOOP else _NO_FILE
        folder = _before_wildcards(connect(beside.declared, beside.credentials)[1])
        try:
            about = symlinks.followed(storage, folder, path, info)
        except SourceRefused as error:
            if "folder" not in error.facts:
                raise
            return Fault(SourceRefused, "is a link that leads out of its folder", f"a file below {folder}")
    if about["type"] != "file":
        return _NO_FILE
    return "file"


def _before_wildcards(path: str) -> str:
    """Return the declared folder: what stands before the first wildcard."""
    folder = posixpath.dirname(path)
    while any(sign in folder for sign in "*?["):
        folder = posixpath.dirname(folder)
    return folder


def _content(beside: Beside, most: int) -> bytes:
    """Read a note, and no more of it than shows that it is too large."""
    content = b""
    for block in read_blocks(beside.place, beside.credentials, size=most + 1):
        content += block
        if len(content) > most:
            break
    return content
