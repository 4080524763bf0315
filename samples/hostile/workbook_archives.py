"""Workbooks whose zip archive is hostile: bombs, entries over each other, sizes that lie, other bytes around it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

from samples.hostile import workbook_parts as parts
from samples.hostile.case import REFUSED_DAMAGED, REFUSED_LARGE, Case, Rows, bytes_of
from samples.hostile.workbooks import READER

_MB = 1 << 20


def deflated(megabytes: int, first: bytes = b"") -> bytes:
    """Return a deflate stream of so many MB of spaces, made without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    out = [packer.compress(first)]
    out += [packer.compress(b" " * _MB) for _ in range(megabytes)]
    return b"".join([*out, packer.flush()])


def entry(name: str, stream: bytes, size: int, check: int = 0) -> tuple[bytes, bytes]:
    """Return local header with content, and directory record without its offset, of a deflated entry."""
    raw = name.encode()
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x3B41, check, len(stream), size, len(raw), 0)
    record = b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHI", 0, 0, 0, 0)
    return b"PK\x03\x04" + fields + raw + stream, record


def archive_of(entries: list[tuple[str, bytes, int]]) -> bytes:
    """Return an archive of (name, deflate stream, size that is said)."""
    out, directory = bytearray(), bytearray()
    for name, stream, size in entries:
        local, record = entry(name, stream, size)
        directory += record + struct.pack("<I", len(out)) + name.encode()
        out += local
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), len(out), 0)
    return bytes(out + directory) + b"PK\x05\x06" + end


def _packed_parts(rows: Rows) -> list[tuple[str, bytes, int]]:
    out = []
    for name, data in parts.parts(rows).items():
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        out.append((name, packer.compress(data) + packer.flush(), len(data)))
    return out


def _bomb(rows: Rows, says: int | None = None) -> bytes:
    stream = deflated(400)
    return archive_of([*_packed_parts(rows), ("xl/media/image1.xml", stream, 400 * _MB if says is None else says)])


def _sheet_bomb(rows: Rows) -> bytes:
    stream = deflated(200, b"<worksheet><sheetData>")
    kept = [part for part in _packed_parts(rows) if part[0] != parts.SHEET]
    return archive_of([*kept, (parts.SHEET, stream, 200 * _MB + 22)])


def _overlapping(rows: Rows) -> bytes:
    """Let a thousand entries of the directory lie over one of 4 MB."""
    stream = deflated(4)
    local, record = entry("k", stream, 4 * _MB)
    base = archive_of(_packed_parts(rows))
    at = base.rindex(b"PK\x05\x06")
    count, length, start = struct.unpack_from("<HII", base, at + 10)
    directory = base[start : start + length]
    for number in range(1000):
        name = f"xl/{number:04d}".encode()
        fields = bytearray(record)
        struct.pack_into("<H", fields, 28, len(name))
        directory += bytes(fields) + struct.pack("<I", start) + name
    total = count + 1000
    end = struct.pack("<HHHHIIH", 0, 0, total, total, len(directory), start + len(local), 0)
    return base[:start] + local + directory + b"PK\x05\x06" + end


def _members(rows: Rows) -> bytes:
    return archive_of([*_packed_parts(rows), *((f"xl/{n}", b"\x03\x00", 0) for n in range(60_000))])


def _many_said(path: Path, rows: Rows) -> None:
    """Write a directory of two million entries behind which there is nothing."""
    record = b"PK\x01\x02" + bytes(42)
    end = struct.pack("<HHHHIIH", 0, 0, 65535, 65535, 46 * 2_000_000, 4, 0)
    with path.open("wb") as handle:
        handle.write(b"PK\x03\x04")
        for _ in range(200):
            handle.write(record * 10_000)
        handle.write(b"PK\x05\x06" + end)


def _whole(rows: Rows) -> bytes:
    return parts.packed(parts.parts(rows))


def _locked(rows: Rows) -> bytes:
    raw = bytearray(_whole(rows))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + place] |= 1
            at = raw.find(mark, at + 4)
    return bytes(raw)


def _wrong_check(rows: Rows) -> bytes:
    raw = bytearray(_whole(rows))
    for mark, place in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + place] ^= 0xFF
            at = raw.find(mark, at + 4)
    return bytes(raw)


def _twice(rows: Rows) -> bytes:
    content = _packed_parts(rows)
    return archive_of([*content, content[-1]])


def _strange_packing(rows: Rows) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.parts(rows).items():
            archive.writestr(zipfile.ZipInfo(name, parts.MOMENT), data, zipfile.ZIP_LZMA)
    return out.getvalue()


def _climbing(rows: Rows) -> bytes:
    more = {"../../../../tmp/kinscale_was_here": b"x", "/etc/kinscale_was_here": b"x", "C:\\kinscale_was_here": b"x"}
    return parts.packed(parts.parts(rows) | more)


def _nested(rows: Rows) -> bytes:
    inner = archive_of([("bomb", deflated(400), 400 * _MB)])
    return parts.packed(parts.parts(rows) | {"xl/embeddings/package1.zip": inner})


def _case(name: str, content: object, refused: str | None = None, limit: object = None) -> Case:
    return Case(name, "xlsx", bytes_of(content), refused, limit, reader=READER)  # type: ignore[arg-type]


CASES = (
    _case("400 MB of spaces in a workbook", _bomb, REFUSED_LARGE, "workbook_bytes"),
    _case("200 MB of spaces in a sheet", _sheet_bomb, REFUSED_LARGE, "unpack_ratio"),
    _case("400 MB that say they are 1 kB", lambda r: _bomb(r, 1024), REFUSED_DAMAGED),
    _case("a thousand entries over one another", _overlapping, REFUSED_LARGE, "workbook_bytes"),
    _case("60,000 entries", _members, REFUSED_LARGE, "archive_members"),
    Case("a directory of two million entries", "xlsx", _many_said, REFUSED_LARGE, "archive_members", reader=READER),
    _case("an archive of archives", _nested),
    _case("entries that climb out of the folder", _climbing),
    _case("one entry twice", _twice, REFUSED_DAMAGED),
    _case("entries with a password", _locked, REFUSED_DAMAGED),
    _case("entries packed as LZMA", _strange_packing, REFUSED_DAMAGED),
    _case("wrong check sums", _wrong_check, REFUSED_DAMAGED),
    _case("a workbook cut in half", lambda r: _whole(r)[: len(_whole(r)) // 2], REFUSED_DAMAGED),
    _case("a workbook behind a PDF", lambda r: b"%PDF-1.4\n" + _whole(r), REFUSED_DAMAGED),
    _case("a workbook before a script", lambda r: _whole(r) + b"<script>alert(1)</script>", REFUSED_DAMAGED),
    _case("two workbooks in one file", lambda r: _whole(r) + _whole(r), REFUSED_DAMAGED),
)
