"""What a fuzzer calls: bytes in, nothing out; anything but a sound table or a typed refusal is a finding."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from schemas.errors import DeliveryError
from sources import reader
from sources.table import ROW, RawTable

TIGHT: Mapping[str, int] = {
    "unpacked_bytes": 1 << 22,
    "workbook_bytes": 1 << 22,
    "archive_members": 100,
    "columns": 200,
    "line_bytes": 1 << 14,
    "cell_bytes": 1 << 12,
}
"""Limits of a fuzzed file: small, so that the paths that refuse are reached by small inputs."""

TEXT = [
    {"encoding": encoding, "delimiter": delimiter}
    for encoding in ("utf-8", "utf-16", "cp1251", "koi8-r", "cp866")
    for delimiter in (",", ";", "|")
]
SPECS: Mapping[str, list[dict[str, Any]]] = {
    "csv": TEXT,
    "tsv": [{"encoding": "utf-8"}, {"encoding": "utf-16"}],
    "xlsx": [{}, {"header_rows": [2]}, {"header_rows": [1, 2]}],
}
"""Declarations a reader is fuzzed with; the first byte of the input chooses. Of other formats only the plain one."""


def specs(kind: str) -> list[dict[str, Any]]:
    """Return the `reader` declarations of a format that its target tries."""
    return [{"format": kind, "limits": dict(TIGHT), **spec} for spec in SPECS.get(kind, [{}])]


def read(
    kind: str, data: bytes, using: Callable[[bytes, str, Mapping[str, Any]], RawTable] = reader.read
) -> RawTable | DeliveryError:
    """Read one input: its first byte chooses the declaration, the rest is the file. Raises only for a finding."""
    choices = specs(kind)
    spec = choices[data[0] % len(choices)] if data else choices[0]
    try:
        table = using(data[1:], "fuzzed", spec)
    except DeliveryError as error:
        return error
    check(table)
    return table


def check(table: RawTable) -> None:
    """Assert what every reader promises of its table. Raises AssertionError."""
    frame = table.frame
    assert list(frame.columns) == [*table.columns, ROW]
    assert len(set(table.columns)) == len(table.columns)
    assert all(str(frame[column].dtype) == "str" for column in table.columns)
    numbers = [*frame[ROW].tolist(), *(row.source_row for row in table.damaged)]
    assert len(set(numbers)) == len(numbers), "a row number stands for two rows"
    assert all(number >= 1 for number in numbers)
    for column in table.columns:
        with contextlib.suppress(StopIteration):
            next(iter(frame[column].dropna())).encode("utf-8", "strict")
