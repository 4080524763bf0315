"""From the bytes of a delivery to a table of text, by the format its declaration names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from schemas.errors import DeclarationError, FormatDamaged, SourceMissing
from sources import (
    archive,
    delimited,
    encodings,
    extent,
    json_array,
    json_lines,
    limits,
    parquet,
    repeats,
    sas_transport,
    signature,
    spss,
    stata,
    workbook,
)
from sources.table import DamagedRow, RawTable, joined

__all__ = ["FORMATS", "DamagedRow", "RawTable", "parts", "read"]

FORMATS: dict[str, ModuleType] = {
    "csv": delimited,
    "tsv": delimited,
    "jsonl": json_lines,
    "json": json_array,
    "xlsx": workbook,
    "xls": workbook,
    "ods": workbook,
    "dta": stata,
    "sav": spss,
    "xpt": sas_transport,
    "parquet": parquet,
}
STREAMED = ("csv", "tsv", "jsonl")
"""Formats that need not be read as a whole."""
COMMON = ("decimal", *archive.KEYS, "repeats", "limits")
"""Reader keys that every format has."""


def read(data: Path | bytes, name: str, spec: Mapping[str, Any]) -> RawTable:
    """Read one file as text. name: what errors call the file. spec: the `reader` of a source in survey.yaml.

    A ZIP or gzip archive around the file is opened; `repeats` are counted and summed into the rows they belong to.
    Raises DeclarationError (the spec), SourceMissing, FileTooLarge, FormatDamaged, EncodingMismatch,
    DelimiterMismatch, SheetMissing or HeaderMismatch; a row that does not fit is returned in `damaged` instead.
    """
    return joined([*parts(data, name, spec)])


def parts(data: Path | bytes, name: str, spec: Mapping[str, Any]) -> Iterator[RawTable]:
    """Yield the tables of one file, one or more, in the order of its rows; a small file is one. Raises as `read`.

    A file with repeats is read as a whole: any row of another table may belong to any of its rows.
    """
    rules = check_spec(spec, name)
    kind, module = format_of(spec, name)
    check_there(data, name, kind)
    pieces = _of_member(data, name, spec, kind, module)
    if not rules:
        yield from (replace(piece, file=name) for piece in pieces)
        return
    table = joined([*pieces])
    for rule in rules:
        table = repeats.join(table, _children(data, name, spec, rule), rule, spec, name)
    yield replace(table, file=name)


def check_spec(spec: Mapping[str, Any], name: str) -> list[repeats.Rule]:
    """Refuse what is wrong with a reader before any file is opened; return its repeats. Raises DeclarationError."""
    _, module = format_of(spec, name)
    check_keys(spec, tuple(dict.fromkeys((*module.KEYS, *COMMON))), name)
    if spec.get("decimal", ".") not in (".", ","):
        raise DeclarationError(f"decimal {spec['decimal']!r} is not known.", file=name, expected='"." or ","')
    limits.of(spec, name)
    archive.check_spec(spec, name)
    if "encoding" in spec:
        encodings.normalise(spec["encoding"], name)
    return repeats.rules(spec, name)


def format_of(spec: Mapping[str, Any], name: str) -> tuple[str, ModuleType]:
    """Return the format that a reader names, and the module that reads it. Raises DeclarationError."""
    kind = spec.get("format")
    if kind not in FORMATS:
        raise DeclarationError(
            f'reader format "{kind}" is not known.' if kind else "the reader names no format.",
            file=name,
            expected="format: one of " + ", ".join(FORMATS),
        )
    return str(kind), FORMATS[str(kind)]


def _of_member(
    data: Path | bytes, name: str, spec: Mapping[str, Any], kind: str, module: ModuleType
) -> Iterator[RawTable]:
    with archive.opened(data, name, spec) as (inner, shown):
        check_signature(inner, shown, kind, module.SIGNATURE or kind)
        bounds = limits.of(spec, name)
        if kind not in STREAMED:
            extent.check_whole(_size(inner), bounds, shown)
        if module is delimited:
            yield from delimited.parts(inner, shown, spec)
            return
        table: RawTable = module.read(inner, shown, spec)
        extent.check_frame(table.frame, bounds, shown)
        yield table


def _children(data: Path | bytes, name: str, spec: Mapping[str, Any], rule: repeats.Rule) -> RawTable:
    """Read the table of a repeat: a list inside the records, another sheet, or another member of the archive."""
    kind, module = format_of(spec, name)
    if rule.array is not None:
        if not hasattr(module, "children"):
            raise DeclarationError(
                f'repeat "{rule.name}": format {kind} has no `array`.',
                file=name,
                expected="format: jsonl, json or parquet",
            )
        with archive.opened(data, name, spec) as (inner, shown):
            check_signature(inner, shown, kind, module.SIGNATURE or kind)
            table: RawTable = module.children(inner, shown, spec, rule.array)
            return table
    own = {key: value for key, value in spec.items() if key not in ("repeats", "sheet_column")}
    own |= {"header_rows": list(rule.header_rows)} if "header_rows" in module.KEYS else {}
    if rule.sheet is not None and "sheet" not in module.KEYS:
        raise DeclarationError(f'repeat "{rule.name}": format {kind} has no sheets.', file=name)
    own |= {"sheet": rule.sheet} if rule.sheet is not None else {"member": rule.member}
    return joined([*_of_member(data, name, own, kind, module)])


def check_keys(spec: Mapping[str, Any], allowed: tuple[str, ...], name: str) -> None:
    """Refuse keys the format does not have: no misspelt option is ignored. Raises DeclarationError."""
    unknown = [key for key in spec if key not in ("format", "limits", *allowed)]
    if unknown:
        raise DeclarationError(
            f'reader key "{unknown[0]}" is not known for format {spec["format"]}.',
            file=name,
            expected="one of: " + ", ".join(("format", *allowed, "limits")),
            facts={"unknown": unknown},
        )


def check_there(data: Path | bytes, name: str, kind: str) -> None:
    """Refuse files that are not there or empty. Raises SourceMissing or FormatDamaged."""
    try:
        size = _size(data)
    except FileNotFoundError as error:
        raise SourceMissing("the file is not there.", file=name, next_step="Run the pull again.") from error
    if not size:
        raise FormatDamaged(
            "the file is empty (0 bytes).",
            file=name,
            expected=f"a {kind} file",
            next_step="Ask for the file again.",
        )


def _size(data: Path | bytes) -> int:
    return len(data) if isinstance(data, bytes) else data.stat().st_size


def check_signature(data: Path | bytes, name: str, kind: str, expected: str) -> None:
    """Refuse files of another format, and those inside an archive that are empty. Raises FormatDamaged."""
    check_there(data, name, kind)
    seen, description = signature.of(data)
    if seen == expected or (seen == signature.DAMAGED_ZIP and expected in ("xlsx", "ods")):
        return  # of a damaged workbook its reader says more
    locked = seen == signature.LOCKED
    raise FormatDamaged(
        f"the file is {description}, by its first bytes.",
        file=name,
        expected=f"a {kind} file{' without a password' if locked else ''}, as the reader declares",
        next_step="Ask for the file without a password."
        if locked
        else "Ask for the file again, or change `format` of this source in survey.yaml.",
        facts={"recognised": seen},
    )
