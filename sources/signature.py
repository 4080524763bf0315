"""What a file is by its content, whatever its name says: first bytes, and what an archive holds. Nothing is read."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from sources import compound_file

HEAD = 512
_BEGINNINGS = (
    (re.compile(rb"PK\x03\x04|PK\x05\x06"), "zip", "a zip archive or an xlsx workbook"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "ole", "an old .xls workbook or one with a password"),
    (re.compile(rb"\$FL[23]@\(#\)"), "sav", "an SPSS file"),
    (re.compile(rb"<stata_dta>"), "dta", "a Stata file"),
    (re.compile(rb"[\x69-\x73][\x01\x02]\x01\x00"), "dta", "a Stata file"),
    (re.compile(rb"HEADER RECORD\*{7}(?:LIBRARY|LIBV8  ) HEADER RECORD"), "xpt", "a SAS transport file"),
    (re.compile(rb"PAR[1E](?![\t\r\n\x20-\xff]{3})"), "parquet", "a Parquet file"),  # not PARENT_KEY;...
    (re.compile(rb"%PDF-"), "pdf", "a PDF document"),
    (re.compile(rb"\x1f\x8b"), "gzip", "a gzip archive"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "7z", "a 7z archive"),
    (re.compile(rb"Rar!\x1a\x07"), "rar", "a RAR archive"),
    (re.compile(rb"BZh[1-9]1AY&SY"), "bzip2", "a bzip2 archive"),
    (re.compile(rb"\xfd7zXZ\x00"), "xz", "an xz archive"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head)", re.IGNORECASE), "html", "a web page"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml"), "xml", "an XML document"),
)
_OFFICE = (
    ("spreadsheetml.sheet.main+xml", "xlsx", "an xlsx workbook"),
    ("spreadsheetml.template.main+xml", "xlsx", "an xlsx workbook"),
    ("ms-excel.sheet.macroenabled.main+xml", "xlsx", "an xlsx workbook with macros"),
    ("ms-excel.template.macroenabled.main+xml", "xlsx", "an xlsx workbook with macros"),
    ("ms-excel.sheet.binary", "xlsb", "a binary workbook (xlsb)"),
    ("wordprocessingml", "docx", "a Word document (docx)"),
    ("presentationml", "pptx", "a presentation (pptx)"),
)
"""What the list of content types of an Office archive holds, in small letters; the first that is found."""
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_FEW = 1 << 20
"""Bytes of a list of content types or of a manifest; a real one is much shorter."""
DAMAGED_ZIP = "damaged zip"
LOCKED = "locked"
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises on damaged archives; RuntimeError and NotImplementedError for flipped marks."""


def recognise(head: bytes) -> tuple[str, str]:
    """Return (kind, description) of a file by its first bytes; kind is "text" when nothing is known."""
    for pattern, kind, description in _BEGINNINGS:
        if pattern.match(head):
            return kind, description
    return "text", "text or something unknown"


def of(data: Path | bytes) -> tuple[str, str]:
    """Return (kind, description) of a file by its content: archives and compound files are looked into.

    kind: as of `recognise`, and xlsx, ods, xls, xlsb, docx ..., LOCKED for a workbook with a password, DAMAGED_ZIP.
    """
    with opened(data) as stream:
        kind, description = recognise(stream.read(HEAD))
        if kind == "zip":
            return _of_zip(stream)
        if kind == "ole":
            stream.seek(0)
            return _of_compound_file(stream.read())
    return kind, description


def has_macros(data: Path | bytes) -> bool:
    """Tell whether a workbook carries macros; no reader runs them. False for what is no workbook."""
    kind, _ = of(data)
    with opened(data) as stream:
        if kind in ("xlsx", "xlsb"):
            with zipfile.ZipFile(stream) as archive:
                return any(name.lower().endswith("vbaproject.bin") for name in archive.namelist())
        if kind == "ods":
            with zipfile.ZipFile(stream) as archive:
                return any(name.startswith("Basic/") for name in archive.namelist())
        if kind == "xls":
            return "_VBA_PROJECT_CUR" in compound_file.CompoundFile(stream.read()).names
    return False


def opened(data: Path | bytes) -> BinaryIO:
    """Return a stream over a file or over its bytes."""
    return io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")


def _of_zip(stream: BinaryIO) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                return _open_document(archive, names)
            if "[Content_Types].xml" in names:
                return _office(_short(archive, "[Content_Types].xml").lower(), names)
    except (*ZIP_ERRORS, UnicodeDecodeError):
        return DAMAGED_ZIP, "a zip archive or an xlsx workbook, cut off or damaged"
    return "zip", "a zip archive"


def _open_document(archive: zipfile.ZipFile, names: set[str]) -> tuple[str, str]:
    media = _short(archive, "mimetype").strip()
    if not media.startswith(_OPEN_DOCUMENT):
        return "zip", "a zip archive"
    if "META-INF/manifest.xml" in names and "encryption-data" in _short(archive, "META-INF/manifest.xml"):
        return LOCKED, "a document with a password"
    if media.startswith(_OPEN_DOCUMENT + "spreadsheet"):
        return "ods", "an ods workbook"
    return "opendocument", f"an OpenDocument {media.removeprefix(_OPEN_DOCUMENT)[:40]}"


def _office(types: str, names: set[str]) -> tuple[str, str]:
    for part, kind, description in _OFFICE:
        if part in types:
            return kind, description
    return ("xlsx", "an xlsx workbook") if "xl/workbook.xml" in names else ("zip", "a zip archive")


def _short(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as member:
        return member.read(_FEW).decode("utf-8", "replace")


def _of_compound_file(raw: bytes) -> tuple[str, str]:
    try:
        names = compound_file.CompoundFile(raw).names
    except compound_file.UnsoundError as error:
        return "ole", f"an old .xls workbook that is damaged ({error})"
    if "EncryptionInfo" in names or "EncryptedPackage" in names:
        return LOCKED, "a workbook with a password"
    if names & {"Workbook", "WORKBOOK", "Book", "BOOK"}:
        return "xls", "an old .xls workbook"
    return "ole", "an old Word document" if "WordDocument" in names else "an old Office file that is no workbook"
