"""From the bytes of a delivery to a table of text, by the format its declaration names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from schemas.errors import DeclarationError, FormatDamaged, SourceMissing
from sources import delimited, signature, spss, stata, workbook
from sources.table import DamagedRow, RawTable

__all__ = ["FORMATS", "DamagedRow", "RawTable", "read"]

FORMATS = {"csv": delimited, "tsv": delimited, "xlsx": workbook, "dta": stata, "sav": spss}


def read(data: Path | bytes, name: str, spec: Mapping[str, object]) -> RawTable:
    """Read one file as text. name: what errors call the file. spec: the `reader` of a source in survey.yaml.

    Raises DeclarationError (the spec), SourceMissing, FormatDamaged, EncodingMismatch, DelimiterMismatch,
    SheetMissing or HeaderMismatch; a single row that does not fit is returned in `damaged` instead.
    """
    kind = spec.get("format")
    if kind not in FORMATS:
        raise DeclarationError(
            f'reader format "{kind}" is not known.' if kind else "the reader names no format.",
            file=name,
            expected="format: one of " + ", ".join(FORMATS),
        )
    module = FORMATS[str(kind)]
    check_keys(spec, module.KEYS, name)
    check_signature(data, name, str(kind), module.SIGNATURE)
    return module.read(data, name, spec)


def check_keys(spec: Mapping[str, object], allowed: tuple[str, ...], name: str) -> None:
    """Refuse keys the format does not have: no misspelt option is ignored. Raises DeclarationError."""
    unknown = [key for key in spec if key not in ("format", "limits", *allowed)]
    if unknown:
        raise DeclarationError(
            f'reader key "{unknown[0]}" is not known for format {spec["format"]}.',
            file=name,
            expected="one of: " + ", ".join(("format", *allowed, "limits")),
            facts={"unknown": unknown},
        )


def check_signature(data: Path | bytes, name: str, kind: str, expected: str) -> None:
    """Refuse empty files and those of another format. Raises SourceMissing or FormatDamaged."""
    head = _head(data, name)
    if not head:
        raise FormatDamaged(
            "the file is empty (0 bytes).",
            file=name,
            expected=f"a {kind} file",
            next_step="Ask for the file again.",
        )
    seen, description = signature.recognise(head)
    if seen != expected:
        raise FormatDamaged(
            f"the file is {description}, by its first bytes.",
            file=name,
            expected=f"a {kind} file, as the reader declares",
            next_step="Ask for the file again, or change `format` of this source in survey.yaml.",
            facts={"recognised": seen},
        )


def _head(data: Path | bytes, name: str) -> bytes:
    if isinstance(data, bytes):
        return data[:512]
    try:
        with data.open("rb") as handle:
            return handle.read(512)
    except FileNotFoundError as error:
        raise SourceMissing("the file is not there.", file=name, next_step="Run the pull again.") from error
