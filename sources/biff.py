"""What the workbook reader does not tell of an old .xls sheet: error values, uncomputed formulas, passwords.

Layout: Microsoft, [MS-XLS] Excel Binary File Format. A record is a number, a length and as many bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from schemas.errors import FormatDamaged
from sources import compound_file
from sources.worksheet import Oversights, column_letters

_STREAMS = ("Workbook", "WORKBOOK", "Book", "BOOK")
_EXTENT, _TEXTS = 0x0200, 0x00FC
_MANY_NUMBERS = 0x00BD
_CELLS = (0x0006, 0x0206, 0x0406, 0x0201, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E, _MANY_NUMBERS)
_MOST_ROWS, _MOST_COLUMNS = 65536, 256
_BEGIN, _END = (0x0009, 0x0209, 0x0409, 0x0809), 0x000A
_SHEET, _PASSWORD = 0x0085, 0x002F
_BOOLEAN_OR_ERROR, _FORMULAS = 0x0205, (0x0006, 0x0206, 0x0406)
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_NO_NUMBER = 0xFFFF
"""Marks a formula's result that is no number; its first byte says what it is."""
_IS_ERROR, _IS_EMPTY = 2, 3
_COMPUTE_LATER = 0x0003
"""Flags of a formula whose value a program is to compute when it opens the file."""


def inspect(raw: bytes, sheet: int, file: str) -> Oversights:
    """Find what would be lost when a sheet is read; sheet: its place in the workbook, from 0. Raises FormatDamaged."""
    stream, starts = _opened(raw, file)
    return _of_sheet(stream, starts[sheet]) if sheet < len(starts) else Oversights()


def check(raw: bytes, file: str) -> None:
    """Refuse a workbook that is cut off or has a password, before the library opens it. Raises FormatDamaged."""
    _opened(raw, file)


def _opened(raw: bytes, file: str) -> tuple[bytes, list[int]]:
    """Return the stream of a workbook, and where each sheet begins in it."""
    try:
        container = compound_file.CompoundFile(raw)
        stream = container.stream(next(name for name in _STREAMS if name in container.names))
    except (compound_file.UnsoundError, StopIteration, struct.error) as error:
        raise _damaged(f"it is cut off or damaged: {error}", file) from error
    starts = []
    for kind, content in _records(stream, 0):
        if kind == _PASSWORD:
            raise FormatDamaged(
                "the workbook has a password.",
                file=file,
                expected="a workbook that opens without one",
                next_step="Ask for the file without a password.",
            )
        if kind == _SHEET and len(content) >= 4:
            starts.append(struct.unpack_from("<I", content)[0])
    _check_announced(stream, file)
    return stream, starts


def _check_announced(stream: bytes, file: str) -> None:
    """Refuse records that announce more cells or texts than a file can have: the library takes memory for them."""
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        content = stream[at + 4 : at + 4 + size]
        if kind == _EXTENT and len(content) >= 10:
            wide = len(content) >= 14
            first, last, left, right = struct.unpack_from("<IIHH" if wide else "<HHHH", content)
            sound = first <= last <= _MOST_ROWS and left <= right <= _MOST_COLUMNS
        elif kind == _TEXTS and len(content) >= 8:
            sound = 0 <= struct.unpack_from("<i", content, 4)[0] <= len(stream)
        elif kind in _CELLS and len(content) >= 4:
            sound = (
                struct.unpack_from("<H", content, 2)[0] + (size // 6 if kind == _MANY_NUMBERS else 1) <= _MOST_COLUMNS
            )
        else:
            sound = True
        if not sound:
            raise _damaged("a record of it announces more than a sheet can hold", file)
        at += 4 + size


def _of_sheet(stream: bytes, start: int) -> Oversights:
    found = Oversights()
    for kind, content in _records(stream, start):
        if kind == _BOOLEAN_OR_ERROR and len(content) >= 8 and content[7]:
            found.errors[_place(content)] = _ERRORS.get(content[6], "#N/A")
        elif kind in _FORMULAS and len(content) >= 16 and struct.unpack_from("<H", content, 12)[0] == _NO_NUMBER:
            row, column = _place(content)
            if content[6] == _IS_ERROR:
                found.errors[row, column] = _ERRORS.get(content[8], "#N/A")
            elif content[6] == _IS_EMPTY and struct.unpack_from("<H", content, 14)[0] & _COMPUTE_LATER:
                found.uncomputed[row, column] = f"{column_letters(column)}{row + 1}"
    return found


def _place(content: bytes) -> tuple[int, int]:
    row, column = struct.unpack_from("<HH", content)
    return row, column


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of one part of the stream, and those of parts inside it (drawings), to its end mark."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind in _BEGIN:
            depth += 1
        elif kind == _END:
            depth -= 1
            if depth <= 0:
                return
        elif depth <= 1:
            yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _damaged(what: str, file: str) -> FormatDamaged:
    return FormatDamaged(
        f"the workbook cannot be opened ({what}).",
        file=file,
        expected="a whole xls file",
        next_step="Ask for the file again.",
    )
