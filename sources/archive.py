"""Archives around a delivery (ZIP, gzip): one member is unpacked, within limits; its name is never used as a path."""

from __future__ import annotations

import fnmatch
import gzip
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from schemas.errors import DeclarationError, FileTooLarge, FormatDamaged
from sources import limits, signature, zip_structure
from sources.limits import Limits

KEYS = ("inside", "member")
KINDS = ("zip", "gzip")
IN_MEMORY = 16 << 20
"""Unpacked bytes that are held in memory; more go to a temporary file that has no name."""
_BLOCK = 64 << 10
"""Bytes unpacked at a time. zipfile takes as many packed ones, which count as read before they are unpacked."""
_RATIO_FROM = 16 << 20
"""Unpacked bytes from which the ratio is judged: a small file of zeros harms nobody."""
_NO_FILE = re.compile(r"__MACOSX/|(?:.*/)?(?:\.DS_Store|Thumbs\.db|desktop\.ini)$", re.IGNORECASE | re.DOTALL)
"""What systems put beside the files that a person packed."""
_ENCRYPTED = 0x1
_UTF_8 = 0x800


@contextmanager
def opened(data: Path | bytes, name: str, spec: Mapping[str, Any]) -> Iterator[tuple[Path | bytes, str]]:
    """Yield what is inside an archive, and its name for messages; a file that is no archive is handed through.

    spec: `inside` says that an archive is expected, `member` which of its files (a pattern that fits one of them).
    Raises DeclarationError, FileTooLarge or FormatDamaged (damaged, no such member, a password, an archive inside).
    """
    check_spec(spec, name)
    bounds = limits.of(spec, name)
    with signature.opened(data) as stream:
        if stream.read(2) == b"PK" and zip_structure.has_directory(stream):  # before anything lists it
            zip_structure.check_directory(stream, name, bounds)
    kind = signature.of(data)[0]
    declared = spec.get("inside")
    if declared is not None and kind != declared:
        raise _damaged(f"the file is {signature.of(data)[1]}.", name, f"a {declared} archive, as the reader declares")
    if kind not in KINDS:
        if spec.get("member") is not None:
            raise _damaged("the file is no archive, and has no members.", name, "a zip archive")
        yield data, name
        return
    with signature.opened(data) as stream, tempfile.SpooledTemporaryFile(IN_MEMORY) as room:
        try:
            if kind == "zip":
                shown = _unpack_member(stream, name, spec.get("member"), bounds, room)
            else:
                shown = _unpack_gzip(stream, name, spec.get("member"), bounds, room)
        except signature.ZIP_ERRORS as error:
            raise _damaged(f"the {kind} archive cannot be unpacked ({error}).", name, "a whole archive") from error
        yield handed(room), shown


def check_spec(spec: Mapping[str, Any], name: str) -> None:
    """Refuse an archive that no reader opens. Raises DeclarationError."""
    declared, member = spec.get("inside"), spec.get("member")
    if declared is not None and declared not in KINDS:
        raise DeclarationError(f"inside {declared!r} is not known.", file=name, expected="one of: " + ", ".join(KINDS))
    if member is not None and (not isinstance(member, str) or declared == "gzip"):
        raise DeclarationError(f"member {member!r} names no file of a zip archive.", file=name, expected='"*.csv"')


def members(data: Path | bytes, name: str) -> dict[str, int]:
    """Return the files in a ZIP archive: names as a person reads them, and bytes. Raises FormatDamaged."""
    with signature.opened(data) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                return {member: info.file_size for member, info in _files(archive).items()}
        except signature.ZIP_ERRORS as error:
            raise _damaged(f"the archive cannot be opened ({error}).", name, "a whole archive") from error


def readable(info: zipfile.ZipInfo) -> str:
    """Return a member's name: UTF-8 if it is marked so or is so, else cp866, as archivers in the region write it."""
    if info.flag_bits & _UTF_8:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp866", "replace")


def _files(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    return {readable(info): info for info in infos if not _NO_FILE.match(info.filename)}


def _unpack_member(stream: BinaryIO, name: str, wanted: Any, bounds: Limits, room: Any) -> str:
    with zipfile.ZipFile(stream) as archive:
        if len(archive.infolist()) > bounds.archive_members:
            raise _too_large("archive_members", bounds.archive_members, f"{len(archive.infolist()):,} members", name)
        zip_structure.check_names([readable(info) for info in archive.infolist() if not info.is_dir()], name)
        member, info = _chosen(_files(archive), wanted, name)
        inner = f"{name} ({member})"
        if info.flag_bits & _ENCRYPTED:
            raise _damaged("the archive has a password.", inner, "an archive without a password")
        if info.file_size > bounds.unpacked_bytes:
            raise _too_large("unpacked_bytes", bounds.unpacked_bytes, f"{info.file_size:,} bytes", inner)
        with archive.open(info) as content:
            _copy(content, stream, room, inner, bounds)
    return inner


def _unpack_gzip(stream: BinaryIO, name: str, wanted: Any, bounds: Limits, room: Any) -> str:
    if wanted is not None:
        raise DeclarationError("a gzip archive has no members.", file=name, expected="no `member` in the reader")
    stream.seek(0)
    with gzip.GzipFile(fileobj=stream) as content:
        _copy(content, stream, room, name, bounds)
    return name


def _copy(content: Any, stream: BinaryIO, room: Any, name: str, bounds: Limits) -> None:
    """Unpack block by block; what the archive says of its own size is not believed.

    The ratio is that of what was read so far: a bomb costs as much as its first blocks, however long it is.
    """
    unpacked, begin = 0, stream.tell()
    while block := content.read(_BLOCK):
        unpacked += len(block)
        packed = stream.tell() - begin
        if unpacked > bounds.unpacked_bytes:
            raise _too_large("unpacked_bytes", bounds.unpacked_bytes, f"more than {unpacked:,} bytes", name)
        if unpacked > _RATIO_FROM and unpacked > bounds.unpack_ratio * max(packed, 1):
            shown = f"{unpacked:,} bytes and more, out of {packed:,} so far"
            raise _too_large("unpack_ratio", bounds.unpack_ratio, shown, name)
        room.write(block)
    room.seek(0)
    kind, description = signature.recognise(room.read(signature.HEAD))
    if kind == "gzip" or (kind == "zip" and signature.of(handed(room))[0] in ("zip", signature.DAMAGED_ZIP)):
        raise _damaged(f"inside the archive is {description}.", name, "the delivery itself inside one archive")


def handed(room: Any) -> Path | bytes:
    """Return a few unpacked bytes, or the path under which the system shows a file that has no name."""
    if room.seek(0, os.SEEK_END) > IN_MEMORY:
        room.flush()
        return Path(f"/dev/fd/{room.fileno()}")
    room.seek(0)
    return bytes(room.read())


def _chosen(files: Mapping[str, zipfile.ZipInfo], wanted: Any, name: str) -> tuple[str, zipfile.ZipInfo]:
    pattern = "*" if wanted is None else str(wanted)
    fitting = [member for member in files if member == pattern] or [
        member
        for member in files
        if fnmatch.fnmatchcase(member, pattern) or fnmatch.fnmatchcase(member.rpartition("/")[2], pattern)
    ]
    if len(fitting) == 1:
        return fitting[0], files[fitting[0]]
    listed = ", ".join(f'"{member}"' for member in list(fitting or files)[:8]) or "no file"
    more = len(fitting or files) - 8
    seen = f"{len(fitting)} files fit" if fitting else "no file fits"
    raise FormatDamaged(
        f'the archive holds {listed}{f" and {more} more" if more > 0 else ""}; {seen} "{pattern}".',
        file=name,
        expected="one file that `member` of this source's reader fits",
        next_step='Set `member` to its name or a pattern, such as "*.csv", or ask for the file again.',
        facts={"members": list(files)[:100]},
    )


def _too_large(limit: str, allowed: int, seen: str, name: str) -> FileTooLarge:
    return FileTooLarge(
        f"the archive unpacks to {seen}." if limit != "archive_members" else f"the archive has {seen}.",
        file=name,
        expected=f"{limit} of at most {allowed:,}",
        next_step="If it is a real delivery, raise the limit under `limits` of this source's reader.",
        facts={"limit": limit, "allowed": allowed},
    )


def _damaged(what: str, name: str, expected: str) -> FormatDamaged:
    return FormatDamaged(what, file=name, expected=expected, next_step="Ask for the file again.")
