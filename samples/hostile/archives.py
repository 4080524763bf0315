"""Hostile archives around a delivery: bombs, members that climb, archives in archives, streams cut or with a tail."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from samples.hostile.case import REFUSED_DAMAGED, REFUSED_LARGE, Case, Rows, bytes_of
from samples.hostile.texts import READER, text
from samples.hostile.workbook_archives import archive_of, deflated
from samples.hostile.workbook_parts import MOMENT, packed

_MB = 1 << 20
ZIP, GZIP = {**READER, "inside": "zip"}, {**READER, "inside": "gzip"}


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _gzip_of_a_line(path: Path, rows: Rows) -> None:
    """Pack one line of 10 GB: some 10 MB. Every MB of equal bytes packs into the same bytes, so one is packed once."""
    begin = zlib.compressobj(9, zlib.DEFLATED, -15)
    with path.open("wb") as out:
        out.write(b"\x1f\x8b\x08\0\0\0\0\0\0\xff")
        out.write(begin.compress(text(rows)[:-1]) + begin.flush(zlib.Z_FULL_FLUSH))
        block = zlib.compressobj(9, zlib.DEFLATED, -15)
        megabyte = block.compress(b"A" * _MB) + block.flush(zlib.Z_FULL_FLUSH)
        for _ in range(10 * 1024):
            out.write(megabyte)
        out.write(zlib.compressobj(9, zlib.DEFLATED, -15).flush() + bytes(8))


def _zip(rows: Rows, name: str = "KZ.csv") -> bytes:
    return packed({name: text(rows)})


def _locked(rows: Rows) -> bytes:
    raw = bytearray(_zip(rows))
    raw[6] |= 1
    raw[raw.find(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def _bomb(rows: Rows) -> bytes:
    stream = deflated(200, text(rows))
    return archive_of([("KZ.csv", stream, 200 * _MB + len(text(rows)))])


def _lying(rows: Rows) -> bytes:
    return archive_of([("KZ.csv", deflated(200, text(rows)), 1000)])


def _forty_two(rows: Rows) -> bytes:
    inner = _bomb(rows)
    return packed({"KZ.zip": packed({"KZ.zip": inner})})


def _link(rows: Rows) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("KZ.csv", MOMENT)
        link.external_attr = 0xA1FF << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def _case(
    name: str,
    content: Callable[[Rows], bytes],
    inside: str,
    refused: str | tuple[str, ...] | None = None,
    limit: str | None = None,
) -> Case:
    reader = ZIP if inside == "zip" else GZIP
    file = f"{'_'.join(re.findall('[A-Za-z0-9]+', name))}.{inside}"
    return Case(name, "csv", bytes_of(content), refused, limit, reader=reader, file=file)


CASES = (
    _case("200 MB of spaces in a zip archive", _bomb, "zip", REFUSED_LARGE, "unpack_ratio"),
    _case("200 MB that say they are 1 kB", _lying, "zip", REFUSED_DAMAGED),
    _case("a bomb in an archive in an archive", _forty_two, "zip", REFUSED_DAMAGED),
    _case("a member called ../../tmp/x.csv", lambda r: _zip(r, "../../tmp/x.csv"), "zip"),
    _case("a member called /etc/passwd", lambda r: _zip(r, "/etc/passwd"), "zip"),
    _case("a member that is a link", _link, "zip", (REFUSED_DAMAGED, "missing_column", "too_many_bad_rows")),
    _case("a member with a password", _locked, "zip", REFUSED_DAMAGED),
    _case(
        "two members where one is expected",
        lambda r: packed({"a.csv": text(r), "b.csv": text(r)}),
        "zip",
        REFUSED_DAMAGED,
    ),
    _case("a zip archive with nothing in it", lambda _: packed({}), "zip", REFUSED_DAMAGED),
    _case(
        "20,000 members",
        lambda r: archive_of([(f"{n}.csv", b"\x03\x00", 0) for n in range(20_000)]),
        "zip",
        REFUSED_LARGE,
        "archive_members",
    ),
    _case("a zip archive cut in half", lambda r: _zip(r)[: len(_zip(r)) // 2], "zip", REFUSED_DAMAGED),
    Case(
        "10 GB in one line in gzip",
        "csv",
        _gzip_of_a_line,
        REFUSED_LARGE,
        ("unpack_ratio", "line_bytes"),
        reader=GZIP,
        file="line.csv.gz",
    ),
    _case("several gzip members", lambda r: _gzip(text(r)[:100]) + _gzip(text(r)[100:]), "gzip"),
    _case("gzip cut in half", lambda r: _gzip(text(r))[: len(_gzip(text(r))) // 2], "gzip", REFUSED_DAMAGED),
    _case("gzip with a wrong check sum", lambda r: _gzip(text(r))[:-8] + bytes(8), "gzip", REFUSED_DAMAGED),
    _case("gzip with other bytes behind it", lambda r: _gzip(text(r)) + b"<script>", "gzip", REFUSED_DAMAGED),
    _case("gzip in gzip", lambda r: _gzip(_gzip(text(r))), "gzip", REFUSED_DAMAGED),
)
