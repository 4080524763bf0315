"""A text table comes out the same whatever way its lines are cut, and wherever its blocks end.

Expected is what the csv module makes of the whole file at once, record by record.
"""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.errors import KinscaleError
from sources import delimited, plain_lines
from sources.table import joined

LINES = st.lists(
    st.text(st.sampled_from('ab;\r\n "\x1a\x00я'), max_size=12)
    | st.sampled_from(["1;2", ";;", "1;2;3", "x;y;", "\x1a", '"a\nb";c;d', '"a;b', "", " "]),
    max_size=14,
)
HEADERS = st.sampled_from(["x;y;z", "x;y", "x", '"x";"y"', "", ";y", "x;y;"])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "cp1251", "utf-16"])


def made_of(raw: bytes, encoding: str, size: int) -> Any:
    """Return rows, misfits and columns of a table, or what is wrong with it."""
    spec = {"format": "csv", "delimiter": ";", "encoding": encoding}
    try:
        parts = [*delimited.parts(raw, "x.csv", spec, size)]
    except KinscaleError as error:
        return type(error), str(error)
    table = joined(parts)
    rows = [row for part in parts for row in part.frame.to_numpy().tolist()]
    assert rows == table.frame.to_numpy().tolist()
    assert all(str(part.frame[name].dtype) == "str" for part in parts for name in part.columns)
    assert {str(part.frame["source_row"].dtype) for part in parts} == {"int64"}
    return rows, table.damaged, table.columns


def record_by_record(raw: bytes, encoding: str) -> Any:
    with mock.patch.object(plain_lines, "is_plain", lambda *_: False):
        return made_of(raw, encoding, 1 << 20)


@settings(max_examples=300, deadline=None)
@given(HEADERS, LINES, ENDS, st.booleans(), ENCODINGS, st.sampled_from([1, 2, 3, 7, 16, 64, 1 << 20]))
@example("x;y", ["1;2", "3;4"], "\r\n", True, "utf-8", 5)  # a carriage return is the last byte of a block
@example("x;y", ['"a', 'b";2', "3;4"], "\n", True, "utf-8", 7)  # a quoted cell goes on in the next block
@example("x;y", ["1;2", "", "3", "\x1a"], "\n", True, "utf-8", 1 << 20)
@example("x;y", ["1;2", "3;4"], "\n", False, "utf-8-sig", 2)
@example("x;y", ['"1;2', "3;4", "5;6"], "\n", True, "utf-8", 3)  # a quotation mark that is never closed
def test_blocks_and_ways_of_cutting_change_nothing(
    header: str, lines: list[str], end: str, is_ended: bool, encoding: str, size: int
) -> None:
    raw = (end.join([header, *lines]) + end * is_ended).encode(encoding)
    assert made_of(raw, encoding, size) == record_by_record(raw, encoding)


@pytest.mark.parametrize("size", [1, 10, 1 << 20])
def test_rows_with_a_nul_are_set_aside(size: int) -> None:
    raw = b"x;y\n1;2\n3;\x00\n5;6\n"
    rows, damaged, _ = made_of(raw, "utf-8", size)
    assert rows == [["1", "2", 2], ["5", "6", 4]]
    assert [(row.source_row, row.text) for row in damaged] == [(3, "3;\x00")]
    assert "NUL" in damaged[0].reason
