"""Shapes of parts add up to the shape of the whole, wherever a file is cut; folding a name twice changes nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import shape
from schemas.region_names import fold
from schemas.shape import Shape, Texts
from schemas.transliteration import skeleton

CELLS = st.one_of(
    st.none(),
    st.text(max_size=6),
    st.sampled_from(["", "-", "12", "1,5", "01.10.2009", "5 чел", "Ош", "ош ", "да", "x" * 90]),
)
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=12)
TEXTS = st.sets(st.text("абв", max_size=4), max_size=30)


def shape_of(rows: list[tuple[str | None, str | None]]) -> Shape:
    frame = pd.DataFrame(
        {name: pd.array([row[n] for row in rows], dtype="str") for n, name in enumerate(("number", "place"))}
    )
    of = np.zeros(len(frame), dtype=np.int64)
    names = {"region": "place"}
    (seen,) = shape.shapes(shape.factors(frame, frame), of, 1, ["number", "place"], names, ["", "-"])
    return seen


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(0, 12), st.integers(0, 12))
def test_parts_add_up_to_the_whole(rows: list[tuple[str | None, str | None]], one: int, other: int) -> None:
    first, second = sorted((one, other))
    parts = [shape_of(rows[:first]), shape_of(rows[first:second]), shape_of(rows[second:])]
    whole = shape_of(rows)
    assert (parts[0] + parts[1]) + parts[2] == parts[0] + (parts[1] + parts[2]) == whole
    assert Shape() + whole == whole + Shape() == whole
    for header in ("number", "place"):
        assert sum(whole.kinds.get(header, {}).values()) == len(rows)


@settings(deadline=None)
@given(TEXTS, TEXTS, st.integers(1, 5))
def test_bounded_texts_add_up_as_well(one: set[str], other: set[str], most: int) -> None:
    def bounded(texts: set[str]) -> Texts:
        kept = sorted(texts)[:most]
        return Texts(tuple(kept), len(kept) < len(texts))

    before = shape.MOST_TEXTS
    shape.MOST_TEXTS = most
    try:
        assert Texts.of(one) == bounded(one)
        assert Texts.of(one) + Texts.of(other) == bounded(one | other)
    finally:
        shape.MOST_TEXTS = before


@settings(deadline=None)
@given(st.text(max_size=20))
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)
    assert fold(name.upper()) == fold(name.upper().lower().upper())
    assert skeleton(fold(name)) == skeleton(fold(f"  {name} "))
