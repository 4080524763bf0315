"""A small xls workbook: BIFF8 records in an OLE compound file. Layouts: [MS-XLS] 2.4, [MS-CFB] 2.2 to 2.6."""

from __future__ import annotations

import struct

from samples.hostile.case import Rows, table

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_LEAST = 4096
"""A shorter stream would be kept elsewhere in the file."""


def workbook(rows: Rows, more: bytes = b"") -> bytes:
    """Return the stream of a workbook with one sheet called S. more: records of further cells."""
    cells = b"".join(
        label(row, column, cell) for row, line in enumerate(table(rows)) for column, cell in enumerate(line) if cell
    )
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + cells + more + _record(0x000A, b"")
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    size = len(begin) + len(_bound_sheet(0)) + 4
    return begin + _bound_sheet(size) + _record(0x000A, b"") + sheet


def label(row: int, column: int, text: str) -> bytes:
    """Return the record of a text cell."""
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def _bound_sheet(place: int) -> bytes:
    return _record(0x0085, struct.pack("<IBBBB", place, 0, 0, 1, 0) + b"S")


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def compound_file(stream: bytes, other: str = "", loop: bool = False) -> bytes:
    """Return a compound file with the stream of a workbook. other: name of a second, empty stream.

    loop: the chain of the stream's sectors has no end.
    """
    stream = stream.ljust(_LEAST, b"\0")
    stream += bytes(-len(stream) % _SECTOR)
    count = len(stream) // _SECTOR
    tables = 1
    while tables * 128 < count + 1 + tables:
        tables += 1
    first = tables + 1
    chain = [_FAT] * tables + [_END] + [first + at + 1 for at in range(count)]
    chain[-1] = first if loop else _END
    chain += [_FREE] * (tables * 128 - len(chain))
    entries = [
        _entry("Root Entry", 5, _END, 0, child=1),
        _entry("Workbook", 2, first, len(stream), right=2 if other else -1),
    ]
    entries += [_entry(other, 2, _END, 0)] if other else []
    directory = b"".join(entries).ljust(_SECTOR, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, tables, 0, _LEAST, _END, 0, _END, 0, 0)[
        :-4
    ]
    head += struct.pack("<109I", *range(tables), *[_FREE] * (109 - tables))
    return head + struct.pack(f"<{len(chain)}I", *chain) + directory + stream


def _entry(name: str, kind: int, start: int, size: int, child: int = -1, right: int = -1) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    fields = struct.pack("<HBBiii", len(raw), kind, 1, -1, right, child)
    return raw.ljust(64, b"\0") + fields + bytes(36) + struct.pack("<IQ", start, size)
