"""What a workbook may not hold: entities and document types in its XML, macros, parts without bound.

Checked before any XML parser sees it. Entities that grow without bound or fetch files: OWASP, "XML External Entity".
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from schemas.errors import DeclarationError, FormatDamaged
from sources import limits, zip_structure

KEYS = ("macros",)
_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0"
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_ENTITY = tuple("<!ENTITY".encode(encoding) for encoding in _ENCODINGS)
_DOCUMENT_TYPE = tuple("<!DOCTYPE".encode(encoding) for encoding in _ENCODINGS)
_OPEN_OFFICE_NAMES_ONE = re.compile(r"^(?:META-INF|Basic|Dialogs)/")
"""Parts in which OpenOffice names a document type; no reader opens them with an XML parser that follows it."""
_XML = re.compile(r"\.(?:xml|rels|vml|rdf)$", re.IGNORECASE)
_MACROS = re.compile(r"vbaproject\.bin$|^xl/macrosheets/|^basic/", re.IGNORECASE)
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

    def look(part: str, piece: bytes) -> None:
        if not _XML.search(part):
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
            return any(_MACROS.search(part) for part in archive.namelist())
    except zip_structure.ERRORS as error:
        raise FormatDamaged(
            f"the workbook cannot be opened ({error}); it was probably cut off at {len(raw):,} bytes.",
            file=name,
            expected="a whole workbook",
            next_step="Ask for the file again.",
        ) from error
