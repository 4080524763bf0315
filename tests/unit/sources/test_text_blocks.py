"""Blocks of text end with a line, whatever the encoding; what has no line end within the limit is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.errors import FileTooLarge
from sources import delimited, limits, text_blocks
from sources.table import LongTable, RawTable, of_parts

LIMITS = replace(limits.default(), line_bytes=40)
SPEC = {"format": "csv", "delimiter": ";", "limits": {"line_bytes": 40, "columns": 5, "cell_bytes": 20}}


@pytest.mark.parametrize("size", range(1, 30))
@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blocks_end_with_lines_and_hold_all_of_the_text(size: int, codec: str, end: str) -> None:
    text = end.join(["имя;возраст", "Айгуль;31", "", "Тимур;40"])
    blocks = [*text_blocks.of_lines(text.encode(codec), codec, "x.csv", LIMITS, size)]
    assert b"".join(blocks).decode() == text
    assert all(block.decode().endswith(end) for block in blocks[:-1])


@pytest.mark.parametrize("raw", [b"a;b\n" + b"x" * 41 + b"\n", b"y" * 41, b"a;b\n1;2\n" + b"z" * 60])
def test_a_line_above_the_limit_is_refused(raw: bytes) -> None:
    with pytest.raises(FileTooLarge) as caught:
        [*delimited.parts(raw, "x.csv", SPEC)]
    assert caught.value.facts["limit"] == "line_bytes"


def test_a_line_of_the_limit_is_read() -> None:
    table = delimited.read(b"a;b\n" + b"x" * 20 + b";" + b"y" * 19 + b"\n", "x.csv", SPEC)
    assert len(table.frame) == 1


@pytest.mark.parametrize(
    ("raw", "limit"),
    [
        (b"a;b;c;d;e;f\n1;2;3;4;5;6\n", "columns"),
        (b"a;b\n1;" + b"x" * 21 + b"\n", "cell_bytes"),
        (b'a;b\n1;"' + b"x\n" * 30 + b'"\n', "line_bytes"),  # a record of thirty lines
    ],
)
def test_other_limits_are_named(raw: bytes, limit: str) -> None:
    with pytest.raises(FileTooLarge) as caught:
        delimited.read(raw, "x.csv", SPEC)
    assert caught.value.facts["limit"] == limit


def test_an_endless_line_is_refused_before_it_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second megabyte is never asked for, let alone ten thousand of them."""
    asked = []

    def endless(_: object, size: int = 1 << 20) -> Iterator[bytes]:
        while True:
            asked.append(size)
            yield b"x" * size

    monkeypatch.setattr(text_blocks, "chunks", endless)
    with pytest.raises(FileTooLarge):
        text_blocks.check_lines(Path("endless.csv"), replace(limits.default(), line_bytes=1 << 20), "endless.csv")
    assert len(asked) == 2


def test_a_file_of_one_block_is_one_table_and_a_longer_one_is_not() -> None:
    raw = b"a;b\n" + b"1;2\n" * 100
    spec = {"format": "csv", "delimiter": ";"}
    assert isinstance(of_parts(delimited.parts(raw, "x.csv", spec, len(raw))), RawTable)
    longer = of_parts(delimited.parts(raw, "x.csv", spec, len(raw) - 1))
    assert isinstance(longer, LongTable)
    parts = [*longer.parts]
    assert [len(part.frame) for part in parts] == [99, 1]
    assert parts[1].frame["source_row"].tolist() == [101]


@pytest.mark.parametrize(("codec", "size"), [("utf-8", 9), ("utf-16", 21), ("cp1251", 8)])
def test_the_beginning_of_a_long_text_is_whole_lines(codec: str, size: int) -> None:
    head = text_blocks.beginning("я;ю\nэ;ь\nъ;ы\n".encode(codec), size)
    assert "я;ю\nэ;ь\n".startswith(head.decode(codec).rstrip("\n"))
    assert head.decode(codec).startswith("я;ю")
