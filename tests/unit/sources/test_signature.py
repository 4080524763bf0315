"""What a file is, by its content: archives of each kind are made here as their makers lay them out."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile

import openpyxl
import pytest

from schemas.errors import FormatDamaged
from sources import detect, signature
from sources.reader import FORMATS, read
from tests.unit.sources import golden_formats
from tests.unit.sources.test_archive import packed

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/x" ContentType="application/vnd.{}"/></Types>'
)
MAIN = "openxmlformats-officedocument.{}.main+xml"
MACRO_BOOK = TYPES.format("ms-excel.sheet.macroEnabled.main+xml").encode()


def office(kind: str, **parts: bytes) -> bytes:
    return packed(**{"[Content_Types].xml": TYPES.format(kind).encode(), **parts})


def open_document(kind: str, manifest: bytes = b"<manifest/>") -> bytes:
    media = f"application/vnd.oasis.opendocument.{kind}".encode()
    return packed(**{"mimetype": media, "content.xml": b"<x/>", "META-INF/manifest.xml": manifest})


def with_stream(name: str) -> bytes:
    """Return an old workbook whose stream has another name: 64 bytes of name, two of its length."""
    raw = golden_formats.case("xls_dates_from_1904").file.read_bytes()
    old = "Workbook".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 18)
    assert raw.count(old) == 1
    return raw.replace(old, name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(name) + 2))


@pytest.mark.parametrize(
    ("raw", "kind", "words"),
    [
        (office(MAIN.format("spreadsheetml.sheet")), "xlsx", "xlsx"),
        (packed(**{"[Content_Types].xml": MACRO_BOOK, "xl/vbaProject.bin": b"x"}), "xlsx", "with macros"),
        (office("ms-excel.sheet.binary.macroEnabled.main"), "xlsb", "binary"),
        (office(MAIN.format("wordprocessingml.document")), "docx", "Word"),
        (office(MAIN.format("presentationml.presentation")), "pptx", "presentation"),
        (open_document("spreadsheet"), "ods", "ods"),
        (open_document("text"), "opendocument", "text"),
        (open_document("spreadsheet", b"<m:encryption-data/>"), signature.LOCKED, "password"),
        (packed(**{"a.csv": b"x"}), "zip", "zip"),
        (packed(**{"a.csv": b"x"})[:-10], signature.DAMAGED_ZIP, "damaged"),
        (with_stream("EncryptionInfo"), signature.LOCKED, "password"),
        (with_stream("WordDocument"), "ole", "Word"),
        (with_stream("Other"), "ole", "no workbook"),
        (gzip.compress(b"x", mtime=0), "gzip", "gzip"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "7z", "7z"),
        (b"Rar!\x1a\x07\x01\x00", "rar", "RAR"),
        (b'{"a": 1}', "text", "text"),
    ],
)
def test_a_file_is_told_by_what_is_in_it(raw: bytes, kind: str, words: str) -> None:
    found, description = signature.of(raw)
    assert found == kind
    assert words in description


@pytest.mark.parametrize("name", golden_formats.names())
def test_every_golden_file_is_of_its_format(name: str) -> None:
    case = golden_formats.case(name)
    kind = case.reader["format"]
    inside = {"zip": "zip", "gzip": "gzip"}.get(name.split("_", maxsplit=1)[0])
    assert signature.of(case.file)[0] == (inside or FORMATS[kind].SIGNATURE or kind)


@pytest.mark.parametrize("raw", [with_stream("EncryptionInfo"), open_document("spreadsheet", b"encryption-data")])
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_workbook_with_a_password_is_refused_as_such(raw: bytes, kind: str) -> None:
    with pytest.raises(FormatDamaged, match="with a password") as caught:
        read(raw, "x", {"format": kind})
    assert caught.value.next_step == "Ask for the file without a password."


def test_an_old_workbook_with_a_password_is_refused_as_such() -> None:
    raw = golden_formats.case("xls_dates_from_1904").file.read_bytes()
    # the record that says so takes the place of one that says nothing: MS-XLS 2.4.117 FilePass, 2.4.146 InterfaceHdr
    assert raw.count(b"\xe1\x00\x02\x00") == 1
    with pytest.raises(FormatDamaged, match="has a password"):
        read(raw.replace(b"\xe1\x00\x02\x00", b"\x2f\x00\x02\x00"), "x.xls", {"format": "xls"})


def test_an_old_workbook_that_announces_more_cells_than_a_sheet_has_is_refused() -> None:
    raw = golden_formats.case("xls_dates_from_1904").file.read_bytes()
    extent = b"\x00\x02\x0e\x00" + struct.pack("<IIHH", 0, 3, 0, 2)
    assert raw.count(extent) == 1
    with pytest.raises(FormatDamaged, match="announces more"):
        read(
            raw.replace(extent, b"\x00\x02\x0e\x00" + struct.pack("<IIHH", 0, 2**31, 0, 2)), "x.xls", {"format": "xls"}
        )


@pytest.mark.parametrize("text", [b"PARENT_KEY;n\n1;2\n", b"PAR1,n\n1,2\n", b"PAR1\n1\n2\n"])
def test_a_header_that_begins_like_parquet_is_text(text: bytes) -> None:
    assert signature.of(text)[0] == "text"


def test_macros_are_found_and_never_needed() -> None:
    book = openpyxl.Workbook()
    book.active.append(["id"])
    book.active.append(["a"])
    out = io.BytesIO()
    book.save(out)
    plain = out.getvalue()
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    assert not signature.has_macros(plain)
    assert signature.has_macros(out.getvalue())
    assert list(read(out.getvalue(), "x.xlsm", {"format": "xlsx", "macros": "ignore"}).frame["id"]) == ["a"]
    assert detect.settings(out.getvalue(), "x.xlsm")["format"].note == "it has macros, which no reader runs"
    assert detect.settings(plain, "x.xlsx")["format"].note == ""
    assert signature.has_macros(with_stream("_VBA_PROJECT_CUR")) is False  # without a workbook, macros of nothing
    assert not signature.has_macros(b"id;n\n")
