"""Text that a spreadsheet would take for a formula: neutralised on the way out, restored on the way in."""

from __future__ import annotations

import pyarrow
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.spreadsheet_text import acts, neutralised, neutralised_columns, restored

# OWASP's list of beginnings, and what spreadsheet programs strip before they look
ACTING = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    '"=1',
    "'=1",
    "＝1+1",
    "＋1+a",
    "－1-a",
    "＠x",
    "-",
    "=",
]
HARMLESS = ["", "KZ-15", "Актюбинская", "a=b", "-1.5", "+7", "-1,5", "-3.1%", "1e-05", "'tis", "–", "2009-10-01", "<b>"]


@pytest.mark.parametrize("text", ACTING)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert neutralised(text) == "'" + text


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert not acts(text)
    assert neutralised(text) == text


@given(st.text(alphabet="='+-@\t\r\"1a., ＝", max_size=8))
@example("''=")
def test_what_was_neutralised_is_restored(text: str) -> None:
    assert restored(neutralised(text)) == text


@given(st.text(alphabet="='+-@\t\r\"1a., ＝", max_size=8), st.text(alphabet="='+-1a", max_size=8))
def test_two_texts_stay_two(one: str, other: str) -> None:
    assert (neutralised(one) == neutralised(other)) == (one == other)


def test_only_columns_of_text_are_touched() -> None:
    rows = pyarrow.table({"text": ["=1", None, "a", "-1.5"], "number": [-1.5, None, 2.0, -3.0], "whole": [-1, 2, 3, 4]})
    out = neutralised_columns(rows)
    assert out.schema == rows.schema
    assert out.to_pydict() == rows.to_pydict() | {"text": ["'=1", None, "a", "-1.5"]}


def test_a_table_in_which_nothing_acts_is_handed_through() -> None:
    rows = pyarrow.table({"text": ["a", "-1.5"]})
    assert neutralised_columns(rows) is rows
