"""Stata files (.dta): value labels applied, extended missing values as .a to .z, cut label tables noticed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.errors import FormatDamaged
from sources import labelled, limits
from sources.table import RawTable

KEYS = ("encoding",)
SIGNATURE = "dta"
FIRST_UNICODE_RELEASE = 118
FIRST_MARKED_RELEASE = 117
_END = b"</stata_dta>"


def read(data: Path | bytes, name: str, spec: Mapping[str, object]) -> RawTable:
    """Read a Stata file. `encoding` is needed for files of Stata 13 and older with letters beyond ASCII.

    Raises DeclarationError, EncodingMismatch, FileTooLarge or FormatDamaged.
    """
    import pyreadstat

    release = _release(data)
    if release >= FIRST_MARKED_RELEASE and not _tail(data).rstrip(b"\0\r\n ").endswith(_END):
        raise _cut_off(f"the file does not end with {_END.decode()}", name)
    _check_size(data, name, spec)
    frame, meta = labelled.parse(pyreadstat.read_dta, data, name, spec, user_missing=True)
    if meta.missing_user_values:
        # pyreadstat 1.3.7 gives 0 for "." in whole-number columns that also hold .a to .z, unless read without them
        plain, _ = labelled.parse(pyreadstat.read_dta, data, name, spec, user_missing=False)
        for column in meta.missing_user_values:
            coded = frame[column].map(lambda value: isinstance(value, str))
            frame[column] = frame[column].where(coded | plain[column].notna())
    if release < FIRST_MARKED_RELEASE:
        _check_labels(meta, name)
    if release < FIRST_UNICODE_RELEASE and spec.get("encoding") is None:
        labelled.refuse_guessed_encoding(frame, meta, name, assumed="cp1252")

    def missing_code(column: str, value: object) -> str | None:
        numeric = meta.readstat_variable_types.get(column) != "string"
        return f".{value}" if numeric and isinstance(value, str) else None

    return labelled.as_table(frame, meta, name, missing_code)


def _check_size(data: Path | bytes, name: str, spec: Mapping[str, object]) -> None:
    """Refuse a header that announces more values than the file has bytes, before memory is taken for them."""
    import pyreadstat

    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    _, meta = labelled.parse(pyreadstat.read_dta, data, name, spec, metadataonly=True)
    limits.of(spec, name).hold("columns", meta.number_columns, f"it has {meta.number_columns:,} variables.", name)
    if (meta.number_rows or 0) * max(meta.number_columns, 1) > size:
        raise _cut_off(
            f"its header announces {meta.number_rows:,} observations of {meta.number_columns:,} variables, "
            f"the file has {size:,} bytes",
            name,
        )


def _release(data: Path | bytes) -> int:
    """Return the version of the file format: a number in the new header, the first byte in the old one."""
    head = data[:64] if isinstance(data, bytes) else _piece(data, 64, 0)
    marked = re.search(rb"<release>(\d+)</release>", head)
    return int(marked.group(1)) if marked else head[0]


def _tail(data: Path | bytes) -> bytes:
    return data[-64:] if isinstance(data, bytes) else _piece(data, 64, max(data.stat().st_size - 64, 0))


def _piece(path: Path, size: int, start: int) -> bytes:
    with path.open("rb") as handle:
        handle.seek(start)
        return handle.read(size)


def _check_labels(meta: Any, name: str) -> None:
    """Refuse a file whose columns name value labels it does not hold.

    They stand at the end of the old formats, without an end mark: a file cut there reads without an error,
    and "1" arrives where "да" was meant.
    """
    named = {label for label in meta.variable_to_label.values() if label}
    lost = sorted(named - set(meta.value_labels))
    if lost:
        shown = ", ".join(f'"{label}"' for label in lost[:3])
        raise _cut_off(f"its columns use value labels that are not in the file ({shown})", name)


def _cut_off(what: str, name: str) -> FormatDamaged:
    return FormatDamaged(
        f"{what}; it was probably cut off.",
        file=name,
        expected="a whole dta file",
        next_step="Ask for the file again.",
    )
