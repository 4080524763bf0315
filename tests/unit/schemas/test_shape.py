"""The shape of a delivery. Kinds of content are read off the cells; counts are arithmetic on the rows of the test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from schemas import content_kind, shape
from schemas.shape import Shape, Texts


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("12", "whole"),
        (" -7 ", "whole"),
        ("12,5", "decimal_comma"),
        ("12.5", "decimal_point"),
        ("1.000", "decimal_point"),  # a thousand or one: nobody can tell, so it is as it looks
        ("01.10.2009", "date_dots"),
        ("1.10.2009", "date_dots"),
        ("2009-10-01", "date_iso"),
        ("10/31/2009", "date_slashes"),
        ("31-10-2009", "date_dashes"),
        ("31.10.09", "date_short"),
        ("2009-10-01 08:30:00", "time_iso"),
        ("2009-10-01T08:30:00", "time_iso_t"),
        ("5 persons", "number_and_words"),
        ("5чел.", "number_and_words"),
        ("41.10.2009", "text"),
        ("да", "text"),
        ("KG-001", "text"),
        ("", "empty"),
        ("\u00a0 ", "empty"),
        ("-", "empty"),  # declared as "no answer"
    ],
)
def test_a_cell_is_of_one_kind(cell: str, kind: str) -> None:
    (number,) = content_kind.numbers_of([cell], ["", "-"])
    assert content_kind.kinds()[number].name == kind


def test_every_kind_says_itself_in_words() -> None:
    names = [kind.name for kind in content_kind.kinds()]
    assert names[0] == "empty"
    assert names[-1] == "text"
    assert len(set(names)) == len(names)
    assert all(kind.words for kind in content_kind.kinds())
    assert content_kind.words("of a later list") == "of a later list"


def test_files_of_one_table_have_each_their_own_shape() -> None:
    frame = pd.DataFrame({"n": ["1", "2", "many", None], "r": ["Ош", " Ош", "Чуй", ""]}, dtype="str")
    of = np.array([0, 0, 1, 1])
    first, second = shape.shapes(shape.factors(frame, frame), of, 2, ["n", "r"], {"region": "r"}, [""])
    assert first == Shape(("n", "r"), {"n": {"whole": 2}, "r": {"text": 2}}, {"region": Texts(("Ош",))})
    assert second.kinds == {"n": {"empty": 1, "text": 1}, "r": {"empty": 1, "text": 1}}
    assert second.texts == {"region": Texts(("Чуй",))}
    assert (first + second).texts == {"region": Texts(("Ош", "Чуй"))}


def test_the_main_kind_is_that_of_most_filled_cells() -> None:
    seen = Shape(("n",), {"n": {"empty": 90, "whole": 4, "text": 6}, "m": {"empty": 3}})
    assert seen.main("n") == "text"
    assert seen.main("m") is None
    assert seen.main("not there") is None


def test_a_shape_is_read_as_it_was_written() -> None:
    seen = Shape(("b", "a"), {"b": {"text": 2}}, {"region": Texts(("Ош",), True)})
    assert Shape.of_json(seen.as_json()) == seen


def test_too_many_or_too_long_texts_are_not_kept() -> None:
    many = Texts.of(f"{n:04d}" for n in range(shape.MOST_TEXTS + 5))
    assert (len(many.kept), many.kept[0], many.more) == (shape.MOST_TEXTS, "0000", True)
    assert Texts.of(["a", "x" * (shape.LONGEST_TEXT + 1)]) == Texts(("a",), True)
