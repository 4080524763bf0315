"""What is refused while it arrives: files beyond their size, streams without end, text in one line."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from schemas.errors import FileTooLarge
from sources import arrival

CSV = {"format": "csv", "limits": {"line_bytes": 1000, "file_bytes": 5000}}


def test_a_file_is_refused_by_its_size() -> None:
    arrival.check_size(5000, "KZ.csv", CSV)
    with pytest.raises(FileTooLarge, match="5,001 bytes") as caught:
        arrival.check_size(5001, "KZ.csv", CSV)
    assert caught.value.facts == {"limit": "file_bytes", "allowed": 5000, "seen": 5001}


def test_blocks_within_limits_are_handed_on_as_they_are() -> None:
    blocks = [b"a" * 999, b"\n", b"b" * 4000]
    assert list(arrival.watched(blocks, "KZ.csv", CSV)) == blocks


def test_a_stream_without_end_is_left() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        for _ in itertools.count():
            taken += 1
            yield b"a\n" * 500

    with pytest.raises(FileTooLarge, match="goes on"):
        list(arrival.watched(endless(), "KZ.csv", CSV))
    assert taken == 6  # five of a thousand bytes are allowed


@pytest.mark.parametrize("blocks", [[b"a" * 1001], [b"a" * 600, b"b" * 600]])
def test_a_first_line_without_end_is_refused(blocks: list[bytes]) -> None:
    with pytest.raises(FileTooLarge) as caught:
        list(arrival.watched(blocks, "KZ.csv", CSV))
    assert caught.value.facts["limit"] == "line_bytes"


@pytest.mark.parametrize(
    ("first", "spec"),
    [
        (b"PK\x03\x04" + b"a" * 1500, CSV),
        (b"\x1f\x8b" + b"a" * 1500, CSV),
        (b"$FL2@(#)" + b"a" * 1500, {**CSV, "format": "sav"}),
        (b"a" * 1500, {**CSV, "format": "xlsx"}),
    ],
)
def test_other_formats_and_archives_have_no_lines(first: bytes, spec: dict[str, object]) -> None:
    assert list(arrival.watched([first], "KZ", spec)) == [first]


def test_a_copy_that_is_taken_up_again_counts_from_its_beginning() -> None:
    assert list(arrival.watched([b"a" * 2000], "KZ.csv", CSV, 3000)) == [b"a" * 2000]
    with pytest.raises(FileTooLarge, match="goes on"):
        list(arrival.watched([b"a" * 2001], "KZ.csv", CSV, 3000))
