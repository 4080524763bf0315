"""JSON lines (jsonl): one object a line, in UTF-8, as the interfaces of form servers give submissions."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from schemas.errors import EncodingMismatch, FileTooLarge, FormatDamaged
from sources import encodings, json_records, json_text, limits
from sources.table import RawTable

KEYS = ("fields",)
SIGNATURE = "text"


def read(data: Path | bytes, name: str, spec: Mapping[str, Any]) -> RawTable:
    """Read one object a line; `source_row` is the line. A line that is no object is set aside.

    Raises DeclarationError, EncodingMismatch, FileTooLarge, FormatDamaged or HeaderMismatch.
    """
    with _opened(data) as stream:
        return json_records.table(_lines(stream, name, limits.of(spec, name).line_bytes), name, spec)


def children(data: Path | bytes, name: str, spec: Mapping[str, Any], array: str) -> RawTable:
    """Read the objects in one list of every line; see `json_records.children`."""
    with _opened(data) as stream:
        return json_records.children(_lines(stream, name, limits.of(spec, name).line_bytes), name, spec, array)


def _opened(data: Path | bytes) -> BinaryIO:
    return io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")


def _lines(stream: BinaryIO, name: str, longest: int) -> Iterator[json_records.Written]:
    """Yield the lines that are not blank. Raises FileTooLarge, EncodingMismatch or FormatDamaged."""
    number = offset = 0
    seen = False
    while raw := stream.readline(longest + 1):
        number += 1
        if len(raw) > longest:
            raise FileTooLarge(
                f"the line is longer than {longest:,} bytes.",
                file=name,
                row=number,
                expected="one object a line",
                next_step="If it is a list of all objects, declare `format: json`.",
                facts={"limit": "line_bytes", "allowed": longest},
            )
        text = _decoded(raw, name, number, offset)
        offset += len(raw)
        if text.strip():
            seen = True
            yield number, text.rstrip("\r\n"), partial(json_text.record, text)
    if not seen:
        raise FormatDamaged("the file has no line with text.", file=name, expected="one JSON object a line")


def _decoded(raw: bytes, name: str, number: int, offset: int) -> str:
    if number == 1 and encodings.utf16_of(raw) is not None:
        raise _mismatch("the bytes are UTF-16.", name, number, offset)
    try:
        return (raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw).decode()
    except UnicodeDecodeError as error:
        at = error.start + (3 if number == 1 and raw.startswith(codecs.BOM_UTF8) else 0)
        seen = f"byte 0x{raw[at]:02X} at offset {offset + at:,} is not UTF-8."
        raise _mismatch(seen, name, number, offset + at) from error


def _mismatch(seen: str, name: str, number: int, offset: int) -> EncodingMismatch:
    return EncodingMismatch(
        seen,
        file=name,
        row=number,
        expected="UTF-8, in which JSON is always written",
        next_step="Ask for the file again.",
        facts={"declared": "utf-8", "byte_offset": offset, "would_work": []},
    )
