"""What a file is by its first bytes, whatever its name says. Formats are not read here."""

from __future__ import annotations

import re

_BEGINNINGS = (
    (re.compile(rb"PK\x03\x04|PK\x05\x06"), "zip", "a zip archive or an xlsx workbook"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "ole", "an old .xls workbook or one with a password"),
    (re.compile(rb"\$FL[23]@\(#\)"), "sav", "an SPSS file"),
    (re.compile(rb"<stata_dta>"), "dta", "a Stata file"),
    (re.compile(rb"[\x69-\x73][\x01\x02]\x01\x00"), "dta", "a Stata file"),
    (re.compile(rb"%PDF-"), "pdf", "a PDF document"),
    (re.compile(rb"\x1f\x8b"), "gzip", "a gzip archive"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head)", re.IGNORECASE), "html", "a web page"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml"), "xml", "an XML document"),
)


def recognise(head: bytes) -> tuple[str, str]:
    """Return (kind, description) of a file by its first bytes; kind is "text" when nothing is known."""
    for pattern, kind, description in _BEGINNINGS:
        if pattern.match(head):
            return kind, description
    return "text", "text or something unknown"
