"""How a file is to be read, when nobody says: format, encoding, delimiter, sheet, header; each with its confidence.

A night never guesses. This is for the first draft of a declaration, and to hold a declaration to its file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.errors import DeclarationError, EncodingMismatch
from sources import confined, delimiter_guess, encoding_guess, sheet_guess, signature
from sources.encodings import codec
from sources.finding import Finding
from sources.table import RawTable

_FORMATS = {"text": "csv", "zip": "xlsx", "dta": "dta", "sav": "sav"}


@dataclass(frozen=True)
class Detected:
    """How a file was read: the keys of its `reader`, each as a finding, and the table that came of it."""

    reader: dict[str, Finding]
    table: RawTable

    @property
    def spec(self) -> dict[str, Any]:
        """Return the `reader` of a declaration."""
        return {key: finding.value for key, finding in self.reader.items()}


def detect(raw: bytes, name: str) -> Detected:
    """Find out how a file is read, by reading it so.

    Raises what `reader.read` raises when the file is damaged, and DeclarationError for a format that has no reader.
    """
    is_text = signature.recognise(raw[:512])[0] == "text"
    findings = settings(raw, name) if is_text else confined.settings(raw, name)
    spec = {key: finding.value for key, finding in findings.items()}
    try:
        table = confined.read(raw, name, spec)
    except EncodingMismatch as error:
        fitting = error.facts["would_work"]
        if "encoding" in findings or not fitting:
            raise
        findings["encoding"] = Finding(fitting[0], False, f"these would decode too: {', '.join(fitting[1:])}")
        table = confined.read(raw, name, {**spec, "encoding": fitting[0]})
    if findings["format"].value in ("csv", "tsv"):
        mark = delimiter_guess.decimal(table.frame[column].dropna() for column in table.columns)
        findings |= {"decimal": mark} if mark else {}
    return Detected(findings, table)


def settings(raw: bytes, name: str) -> dict[str, Finding]:
    """Return format, and encoding and delimiter or sheet and header rows, without reading the rows."""
    seen, description = signature.recognise(raw[:512])
    if seen not in _FORMATS:
        raise DeclarationError(
            f"the file is {description}, by its first bytes.",
            file=name,
            expected="text with delimiters (csv, tsv), xlsx, dta or sav",
            next_step="Save it as one of these.",
        )
    kind = _FORMATS[seen]
    if kind == "xlsx":
        sheet, rows = sheet_guess.guess(raw, name)
        return {"format": Finding(kind, True), "sheet": sheet, "header_rows": rows}
    if kind != "csv":
        return {"format": Finding(kind, True)}
    encoding = encoding_guess.guess(raw)
    delimiter = delimiter_guess.guess(raw.decode(codec(encoding.value), "replace"))
    kind = "tsv" if delimiter.value == "\t" else kind
    return {"format": Finding(kind, True), "encoding": encoding, "delimiter": delimiter}
