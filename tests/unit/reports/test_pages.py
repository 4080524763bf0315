"""How the pages that stand by themselves write numbers."""

from __future__ import annotations

import math

import pytest

from reports import pages


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (pages.whole, 132486.4, "132,486"),
        (pages.whole, None, "–"),
        (pages.whole, math.nan, "–"),
        (pages.share, 0.3149, "31.5%"),
        (pages.share, None, "–"),
    ],
)
def test_numbers_are_written_as_in_the_publication(write: object, value: float | None, text: str) -> None:
    assert callable(write)
    assert write(value) == text
