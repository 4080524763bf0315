"""Whether a zip archive is what archivers make: counted before it is listed, no entry over another, no hidden size.

Layout: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4. Bombs of overlapping entries: Fifield (2019), "A better zip bomb".
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import BinaryIO

from schemas.errors import FormatDamaged
from sources.limits import Limits

RATIO_FROM = 16 << 20
"""Unpacked bytes from which the ratio counts: small archives of one repeated row are harmless."""
ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)
"""What zipfile raises on damaged archives."""
_LOCAL, _DIRECTORY_END, _DIRECTORY_END_64, _LOCATOR_64 = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_END, _END_64, _LOCATOR, _LOCAL_HEADER, _ENTRY = 22, 56, 20, 30, 46
_LONGEST_COMMENT = 65535
_ENCRYPTED = 0x1
_BLOCK = 1 << 18


def has_directory(stream: BinaryIO) -> bool:
    """Tell whether there is something to be listed; without it the bytes are no archive, or half of one."""
    return _DIRECTORY_END in _tail(stream)


def _tail(stream: BinaryIO) -> bytes:
    stream.seek(max(stream.seek(0, os.SEEK_END) - _END - _LONGEST_COMMENT, 0))
    return stream.read()


def check_directory(stream: BinaryIO, name: str, allowed: Limits) -> None:
    """Refuse an archive whose directory is too long to be listed, or that is something else as well.

    To list an archive takes half a kilobyte of memory for each of its entries. Raises FileTooLarge or FormatDamaged.
    """
    tail, size = _tail(stream), stream.tell()
    place = tail.rfind(_DIRECTORY_END)
    if place < 0 or len(tail) - place < _END:
        raise _damaged(f"the archive has no directory at its end; it was probably cut off at {size:,} bytes.", name)
    entries, length = struct.unpack_from("<HI", tail, place + 10)
    (comment,) = struct.unpack_from("<H", tail, place + 20)
    if len(tail) - place - _END != comment:
        raise _damaged("after the end of the archive there are other bytes.", name)
    others = [found.start() for found in re.finditer(re.escape(_DIRECTORY_END), tail) if found.start() != place]
    locator = tail[max(place - _LOCATOR, 0) : place]
    if locator.startswith(_LOCATOR_64):
        stream.seek(size - len(tail) + place - _LOCATOR - _END_64)
        record = stream.read(_END_64)
        if record.startswith(_DIRECTORY_END_64):
            entries, length = struct.unpack_from("<Q", record, 32)[0], struct.unpack_from("<Q", record, 40)[0]
    count = max(entries, length // _ENTRY // 3)  # a name of ninety bytes for each; the count itself may lie
    allowed.hold("archive_members", count, f"the archive has {max(entries, 1):,} entries.", name)
    stream.seek(0)
    if not stream.read(4).startswith((_LOCAL, _DIRECTORY_END)):
        raise _damaged("before the archive there are other bytes.", name)
    if any(_ends_with(tail, other) for other in others) or not _are_inside(stream, others, size - len(tail)):
        raise _damaged("the archive has two directories, and programs differ in which one they read.", name)
    stream.seek(0)


def _ends_with(tail: bytes, place: int) -> bool:
    """Tell whether a mark could be that of the directory's end: its comment, as long as it says, ends the file."""
    beginning = tail[place : place + _END]
    return len(beginning) == _END and len(tail) - place - _END == struct.unpack_from("<H", beginning, 20)[0]


def _are_inside(stream: BinaryIO, places: list[int], begin: int) -> bool:
    """Tell whether all places, counted from `begin`, lie in entries: of a workbook, say, that is stored as it is."""
    if not places:
        return True
    try:
        with zipfile.ZipFile(stream) as archive:
            reaches = [(info.header_offset, info.compress_size + _LOCAL_HEADER) for info in archive.infolist()]
    except ERRORS:
        return False
    return all(any(start < begin + place < start + length for start, length in reaches) for place in places)


def check(
    archive: zipfile.ZipFile,
    name: str,
    allowed: Limits,
    limit: str = "unpacked_bytes",
    look: Callable[[str, bytes], None] | None = None,
) -> None:
    """Refuse an archive with entries that overlap, are locked, or unpack to more than they say or than is allowed.

    limit: the bound of all unpacked bytes. look: called with name and every piece of unpacked bytes, each piece
    beginning with the end of the one before. Every entry is unpacked once, into nothing.
    Raises FileTooLarge or FormatDamaged.
    """
    infos = archive.infolist()
    packed = sum(info.compress_size for info in infos)
    unpacked = sum(info.file_size for info in infos)
    allowed.hold(limit, unpacked, f"unpacked, it would take {unpacked:,} bytes.", name)
    if unpacked > RATIO_FROM:
        ratio = unpacked // max(packed, 1)
        allowed.hold("unpack_ratio", ratio, f"{packed:,} packed bytes say they unpack to {unpacked:,}.", name)
    _check_places(infos, name)
    stream = archive.fp
    assert stream is not None
    for info in infos:
        if info.flag_bits & _ENCRYPTED:
            raise _damaged(f'"{info.filename}" in it has a password.', name)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _damaged(f'"{info.filename}" in it is packed in a way that office programs do not use.', name)
        _unpack(stream, info, name, look)


def _check_places(infos: list[zipfile.ZipInfo], name: str) -> None:
    reached = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < reached:
            raise _damaged(f'"{info.filename}" in it lies over another entry.', name)
        reached = info.header_offset + _LOCAL_HEADER + info.compress_size
    check_names([info.filename for info in infos], name)


def check_names(names: Sequence[str], name: str) -> None:
    """Refuse an archive with two entries of one name. names: of its entries.  Raises FormatDamaged."""
    if len(set(names)) < len(names):
        twice = next(entry for entry, times in Counter(names).items() if times > 1)
        raise _damaged(f'"{twice}" is in it twice, and programs differ in which one they read.', name)


def _unpack(
    stream: BinaryIO | object, info: zipfile.ZipInfo, name: str, look: Callable[[str, bytes], None] | None
) -> None:
    """Unpack one entry block by block, and hold it to the size it says."""
    source: BinaryIO = stream  # type: ignore[assignment]
    source.seek(info.header_offset)
    header = source.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or not header.startswith(_LOCAL):
        raise _damaged(f'"{info.filename}" is not where its directory says.', name)
    source.seek(sum(struct.unpack_from("<HH", header, 26)), os.SEEK_CUR)
    inflate = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
    left, seen, before = info.compress_size, 0, b""
    while left:
        block = source.read(min(left, _BLOCK))
        if not block:
            raise _damaged(f'"{info.filename}" in it is cut off.', name)
        left -= len(block)
        while block:
            piece = inflate.decompress(block, _BLOCK) if inflate else block
            block = inflate.unconsumed_tail if inflate else b""
            seen += len(piece)
            if seen > info.file_size:
                raise _damaged(
                    f'"{info.filename}" in it unpacks to more than the {info.file_size:,} bytes it says.', name
                )
            if look and piece:
                look(info.filename, before + piece)
                before = piece[-64:]
    # a stream that still owes bytes would give them to a reader that asks for more
    if seen < info.file_size or (inflate and not inflate.eof and info.file_size):
        raise _damaged(f'"{info.filename}" in it unpacks to {seen:,} bytes, it says {info.file_size:,}.', name)


def _damaged(what: str, name: str) -> FormatDamaged:
    return FormatDamaged(
        what,
        file=name,
        expected="an archive as archivers and office programs write it",
        next_step="Ask for the file again.",
    )
