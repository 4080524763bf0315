"""Numbers with what they count."""

from __future__ import annotations

import pytest

from schemas.counted import counted


@pytest.mark.parametrize(("number", "words"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (11_384, "11,384 files")])
def test_one_of_a_thing_has_no_s(number: int, words: str) -> None:
    assert counted(number, "file") == words
