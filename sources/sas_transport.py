"""SAS transport files (.xpt, versions 5 and 8): one data set, missing codes as .A to .Z, days in ISO form.

Layout: SAS Institute, technical paper TS-140 and "Record Layout of a SAS Version 8 or 9 Data Set in Transport Format".
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import EncodingMismatch, FormatDamaged
from sources import encodings, labelled, text
from sources.table import RawTable

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("encoding",)
SIGNATURE = None
_RECORD = 80
_MEMBER, _NAMES, _ROWS = (b"HEADER RECORD*******" + part for part in (b"MEMB", b"NAM", b"OBS"))
_NUMERIC = 1
_CODES = b"_ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""First bytes of a missing number that says why it is missing; the other bytes are zero."""


def read(data: Path | bytes, name: str, spec: Mapping[str, Any]) -> RawTable:
    """Read a transport file; `source_row` is the observation. Numbers of days arrive as days by their format only.

    Without an `encoding` its texts must be UTF-8. Raises DeclarationError, EncodingMismatch or FormatDamaged.
    """
    import pyreadstat

    raw = data if isinstance(data, bytes) else data.read_bytes()
    layout = _layout(raw, name)
    try:
        frame, meta = labelled.parse(pyreadstat.read_xport, data, name, spec)
    except EncodingMismatch as error:
        if spec.get("encoding") is not None:
            raise
        raise _no_encoding(raw, layout, name) from error
    if len(layout.fields) != len(frame.columns):
        raise _damaged(f"{len(frame.columns)} of its {len(layout.fields)} variables can be read", name)
    _check_end(raw, layout, len(frame), name)
    _mark_missing(frame, raw, layout)

    def missing_code(column: str, value: object) -> str | None:
        numeric = meta.readstat_variable_types.get(column) != "string"
        return f".{value}" if numeric and isinstance(value, str) else None

    return labelled.as_table(frame, meta, name, missing_code)


@dataclass(frozen=True)
class _Field:
    """A variable's place in an observation."""

    numeric: bool
    start: int
    length: int


@dataclass(frozen=True)
class _Layout:
    """Where the observations begin and how they are cut."""

    start: int
    width: int
    fields: tuple[_Field, ...]


def _layout(raw: bytes, name: str) -> _Layout:
    """Read where the variables stand. Raises FormatDamaged for a file that is cut off or holds two data sets."""
    if len(raw) % _RECORD:
        raise _damaged(f"its {len(raw):,} bytes are no whole records of {_RECORD}", name)
    headers = [at for at in range(0, len(raw), _RECORD) if raw[at : at + 20] == _MEMBER[:20]]
    members = [at for at in headers if raw.startswith(_MEMBER, at)]
    names = [at for at in headers if raw.startswith(_NAMES, at)]
    rows = [at for at in headers if raw.startswith(_ROWS, at)]
    if not (members and names and rows):
        raise _damaged("it has no data set", name)
    if len(members) > 1:
        raise FormatDamaged(
            f"the file holds {len(members)} data sets.", file=name, expected="one", next_step="Ask for one file each."
        )
    try:
        size, count = int(raw[members[0] + 74 : members[0] + 78]), int(raw[names[0] + 54 : names[0] + 58])
        starts = [names[0] + _RECORD + at * size for at in range(count)]
        fields = []
        for at in starts:
            kind, _, length = struct.unpack_from(">hhh", raw, at)
            (place,) = struct.unpack_from(">i", raw, at + 84)
            fields.append(_Field(kind == _NUMERIC, place, length))
    except (ValueError, struct.error) as error:
        raise _damaged(f"the description of its variables is damaged: {text.said(error)}", name) from error
    width = max((field.start + field.length for field in fields), default=0)
    if width <= 0 or any(field.start < 0 or field.length <= 0 for field in fields):
        raise _damaged("the description of its variables is damaged", name)
    return _Layout(rows[0] + _RECORD, width, tuple(fields))


def _check_end(raw: bytes, layout: _Layout, count: int, name: str) -> None:
    """Refuse a file that ends within an observation: behind the last one there are only blanks, to fill a record."""
    rest = raw[layout.start + count * layout.width :]
    if rest.strip(b" ") or layout.start + count * layout.width > len(raw):
        raise _damaged(f"observation {count + 1:,} is not whole", name)


def _mark_missing(frame: pd.DataFrame, raw: bytes, layout: _Layout) -> None:
    """Put the letter of a missing code where the library gives a plain missing number."""
    import numpy as np

    size = len(frame) * layout.width
    cells = np.frombuffer(raw, np.uint8, size, layout.start).reshape(len(frame), layout.width)
    for column, field in zip(frame.columns, layout.fields, strict=True):
        stored = cells[:, field.start : field.start + field.length]
        coded = np.isin(stored[:, 0], np.frombuffer(_CODES, np.uint8)) & ~stored[:, 1:].any(axis=1)
        if field.numeric and coded.any():
            letters = frame[column].astype(object)
            letters[coded] = [chr(first) for first in stored[coded, 0]]
            frame[column] = letters


def _no_encoding(raw: bytes, layout: _Layout, name: str) -> EncodingMismatch:
    """Make the error for texts that are no UTF-8, with the encodings in which all of them can be read."""
    starts = range(layout.start, len(raw) - layout.width + 1, layout.width)
    texts = (raw[at + f.start : at + f.start + f.length] for at in starts for f in layout.fields if not f.numeric)
    fitting = encodings.would_work(b"\n".join(texts))
    shown = f" (these would decode too: {', '.join(fitting[1:])})" if fitting[1:] else ""
    return EncodingMismatch(
        "its texts are not UTF-8, and a transport file does not say what they are.",
        file=name,
        expected="an `encoding` in this source's reader",
        next_step=f"Set `encoding: {fitting[0]}`{shown}." if fitting else "Ask for the file again.",
        facts={"declared": None, "byte_offset": None, "would_work": fitting},
    )


def _damaged(what: str, name: str) -> FormatDamaged:
    return FormatDamaged(
        f"{what}; it was probably cut off.",
        file=name,
        expected="a whole xpt file",
        next_step="Ask for the file again.",
    )
