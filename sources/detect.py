"""How a file is to be read, when nobody says: format, encoding, delimiter, sheet, header; each with its confidence.

A night never guesses. This is for the first draft of a declaration, and to hold a declaration to its file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.errors import DeclarationError, EncodingMismatch
from sources import archive, confined, delimiter_guess, encoding_guess, json_guess, reader, sheet_guess, signature
from sources.encodings import codec
from sources.finding import Finding
from sources.table import RawTable

_ENDINGS = tuple(f".{ending}" for ending in (*reader.FORMATS, "txt", "xlsm"))


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
        others = f"these would decode too: {', '.join(fitting[1:])}" if fitting[1:] else "nothing else was found to fit"
        findings["encoding"] = Finding(fitting[0], False, others)
        table = confined.read(raw, name, {**spec, "encoding": fitting[0]})
    if findings["format"].value in ("csv", "tsv"):
        mark = delimiter_guess.decimal(table.frame[column].dropna() for column in table.columns)
        findings |= {"decimal": mark} if mark else {}
    return Detected(findings, table)


def settings(raw: bytes, name: str) -> dict[str, Finding]:
    """Return format, and what else the reader of it needs, without reading the rows.

    Raises DeclarationError for a format that has no reader, FileTooLarge or FormatDamaged.
    """
    kind, description = signature.of(raw)
    if kind not in archive.KINDS:
        return _of_content(raw, name, kind, description)
    outside = {"inside": Finding(kind, True, confidence=1.0)}
    member = _member(raw, name) if kind == "zip" else None
    spec = {"member": member.value} if member else {}
    with archive.opened(raw, name, spec) as (inner, shown):
        content = inner if isinstance(inner, bytes) else inner.read_bytes()
        found = _of_content(content, shown, *signature.of(content))
    return found | outside | ({"member": member} if member else {})


def _member(raw: bytes, name: str) -> Finding | None:
    """Choose the largest member whose name ends as a table's does; None when the archive holds one file only."""
    sizes = archive.members(raw, name)
    tables = {member: size for member, size in sizes.items() if member.lower().endswith(_ENDINGS)} or sizes
    if len(sizes) == 1:
        return None
    ranked = sorted(tables, key=lambda member: (-tables[member], member))
    if not ranked:
        return None
    rivals = f'"{ranked[1]}" is there too' if len(ranked) > 1 else ""
    share = tables[ranked[0]] / max(sum(tables.values()), 1)
    return Finding(ranked[0], not rivals, rivals, share)


def _of_content(raw: bytes, name: str, kind: str, description: str) -> dict[str, Finding]:
    if kind == "text":
        return _of_text(raw)
    if kind not in reader.FORMATS:
        raise DeclarationError(
            f"the file is {description}, by its first bytes.",
            file=name,
            expected="text with delimiters (csv, tsv), or one of: " + ", ".join(reader.FORMATS),
            next_step="Save it as one of these.",
        )
    note = "it has macros, which no reader runs" if signature.has_macros(raw) else ""
    found = {"format": Finding(kind, True, note, 1.0)}
    if "sheet" in reader.FORMATS[kind].KEYS:
        found["sheet"], found["header_rows"] = sheet_guess.guess(raw, name, kind)
    return found


def _of_text(raw: bytes) -> dict[str, Finding]:
    if found := json_guess.guess(raw):
        return found
    encoding = encoding_guess.guess(raw)
    delimiter = delimiter_guess.guess(raw.decode(codec(encoding.value), "replace"))
    kind = "tsv" if delimiter.value == "\t" else "csv"
    cut = bool(delimiter.confidence)  # else it has one column, or is no table at all
    shape = Finding(kind, cut, "" if cut else delimiter.note, delimiter.confidence)
    return {"format": shape, "encoding": encoding, "delimiter": delimiter}
