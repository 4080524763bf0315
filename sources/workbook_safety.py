"""What a workbook may not hold: entities and document types in its XML, macros, parts without bound.

Checked before any XML parser sees it. Entities that grow without bound or fetch files: OWASP, "XML External Entity".
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.parsers.expat import ExpatError

from schemas.errors import DeclarationError, FormatDamaged
from sources import limits, text, zip_structure
from sources.xml_elements import elements

KEYS = ("macros",)
_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0"
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_ENTITY = tuple("<!ENTITY".encode(encoding) for encoding in _ENCODINGS)
_DOCUMENT_TYPE = tuple("<!DOCTYPE".encode(encoding) for encoding in _ENCODINGS)
_OPEN_OFFICE_NAMES_ONE = re.compile(r"^(?:META-INF|Basic|Dialogs)/")
"""Parts in which OpenOffice names a document type; no reader opens them with an XML parser that follows it."""
_XML = re.compile(r"\.(?:xml|rels|vml|rdf)$", re.IGNORECASE)
_PICTURE = re.compile(r"^(?:xl/media|Pictures)/[^/]*\.svg$", re.IGNORECASE)
"""Parts that are XML, may have a document type, and are never read: a sheet that is said to be one is refused later."""
_NOT_YET = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
"""What may stand before the first sign of XML: a byte order mark, blanks, and the zeros of UTF-16."""
_MACROS = re.compile(r"vbaproject\.bin$|^xl/macrosheets/|^basic/", re.IGNORECASE)
_MACRO_TYPES = re.compile(r"(?:vbaproject|macrosheet)(?:\+xml)?$", re.IGNORECASE)
"""How types of relationships and of contents end that are macros of any name: of Visual Basic, and of Excel 4."""
_TYPES = "[content_types].xml"
_VBA_STORAGES = tuple(name.encode("utf-16-le") for name in ("_VBA_PROJECT_CUR", "_VBA_PROJECT"))


def check(data: Path | bytes, name: str, spec: Mapping[str, object]) -> None:
    """Refuse a workbook (xlsx, ods or xls) that is built to harm, or has macros although the reader ignores none.

    `macros: ignore` in the reader takes a workbook with macros; none is ever run. Raises DeclarationError,
    FileTooLarge or FormatDamaged.
    """
    macros = spec.get("macros", "refuse")
    if macros not in ("refuse", "ignore"):
        raise DeclarationError(f"macros {macros!r} is not known.", file=name, expected="refuse or ignore")
    raw = data if isinstance(data, bytes) else data.read_bytes()
    if raw.startswith(_OLE):
        has_macros = any(storage in raw for storage in _VBA_STORAGES)
    elif raw.startswith(_ZIP):
        has_macros = _check_archive(raw, name, spec)
    else:
        return  # what it is instead is said by the signature
    if has_macros and macros == "refuse":
        raise FormatDamaged(
            "the workbook has macros.",
            file=name,
            expected="a workbook without macros (xlsx, ods, xls)",
            next_step="Ask for it without macros. If you know who made it, set `macros: ignore` in this source's "
            "reader: they are never run, only the sheet is read.",
        )


def _check_archive(raw: bytes, name: str, spec: Mapping[str, object]) -> bool:
    """Check the archive and its XML. Returns whether it has macros."""
    allowed = limits.of(spec, name)

    is_xml: dict[str, bool] = {}

    def look(part: str, piece: bytes) -> None:
        if part not in is_xml and (begun := piece.lstrip(_NOT_YET)):
            is_xml[part] = bool(_XML.search(part)) or (begun.startswith(b"<") and not _PICTURE.search(part))
        if not is_xml.get(part):
            return
        marks = _ENTITY if _OPEN_OFFICE_NAMES_ONE.search(part) else (*_ENTITY, *_DOCUMENT_TYPE)
        if any(mark in piece for mark in marks):
            raise FormatDamaged(
                f'"{part}" in the workbook declares a document type or an entity.',
                file=name,
                expected="XML as office programs write it, without <!DOCTYPE and <!ENTITY",
                next_step="Ask who made the file, and how; do not open it.",
            )

    stream = io.BytesIO(raw)
    try:
        zip_structure.check_directory(stream, name, allowed)
        with zipfile.ZipFile(stream) as archive:
            zip_structure.check(archive, name, allowed, "workbook_bytes", look)
            return any(_MACROS.search(part) for part in archive.namelist()) or _declares_macros(archive, name)
    except (*zip_structure.ERRORS, ExpatError) as error:
        raise FormatDamaged(
            f"the workbook cannot be opened ({text.said(error)}); it was probably cut off at {len(raw):,} bytes.",
            file=name,
            expected="a whole workbook",
            next_step="Ask for the file again.",
        ) from error


def _declares_macros(archive: zipfile.ZipFile, file: str) -> bool:
    """Tell whether a relationship leads to macros, or a part is said to hold them, whatever its name."""
    names = archive.namelist()
    for part in names:
        if part.lower().endswith(".rels"):
            given = [about for _, about in elements(archive.read(part), part, file)]
            if any(_MACRO_TYPES.search(about.get("Type", "").strip()) for about in given):
                return True
        elif part.lower() == _TYPES and _named_by_types(elements(archive.read(part), part, file), names):
            return True
    return False


def _named_by_types(given: list[tuple[str, dict[str, str]]], names: list[str]) -> bool:
    """Tell whether the list of contents says of a part that is there that it holds macros."""
    own = {about["PartName"].lower() for _, about in given if "PartName" in about}
    without = {name.lower().rpartition(".")[2] for name in names if f"/{name.lower()}" not in own}
    return any(
        _MACRO_TYPES.search(about.get("ContentType", "").strip())
        and ("PartName" in about or about.get("Extension", "").lower() in without)
        for _, about in given
    )
