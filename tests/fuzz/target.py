"""What a fuzzer calls: bytes in, nothing out; anything but a sound table or a typed refusal is a finding."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from schemas.errors import DeliveryError
from sources import reader
from sources.table import ROW, RawTable
from tests.fuzz.specs import specs


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
