"""Names and text from deliveries as they are shown: no sign of them acts, and two names stay two."""

from __future__ import annotations

import os
import pickle
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import FormatDamaged
from schemas.shown_name import shown_name, shown_text
from sources import answers

# the left side as a listing gives it, the right side written by hand
NAMES = {
    "KZ 2009 (копия) №1.csv": "KZ 2009 (копия) №1.csv",
    "a\nb.csv": "a\\x0ab.csv",
    "a\x1b[2J.csv": "a\\x1b[2J.csv",
    "a\x9b.csv": "a\\u009b.csv",
    "KZ\u202evsc.exe": "KZ\\u202evsc.exe",
    "\U000e0041.csv": "\\U000e0041.csv",
    os.fsdecode(b"\xca\xe0.csv"): "\\xca\\xe0.csv",
    "a\\b.csv": "a\\b.csv",
    "a\\x0ab.csv": "a\\\\x0ab.csv",
}


@pytest.mark.parametrize(("name", "shown"), NAMES.items(), ids=list(NAMES.values()))
def test_a_name_is_one_line_of_visible_letters(name: str, shown: str) -> None:
    assert shown_name(name) == shown


@given(st.text(alphabet="a\\x0u\n\x1b\u202e\udcff\x9b9bcf", max_size=8), st.text(alphabet="a\\x0u\nbf9c", max_size=8))
def test_two_names_stay_two(one: str, other: str) -> None:
    assert (shown_name(one) == shown_name(other)) == (one == other)


@given(st.text(alphabet=st.characters(), max_size=20))
def test_a_shown_name_can_be_written_anywhere(name: str) -> None:
    shown = shown_name(name)
    assert shown.encode().decode() == shown
    assert not any(unicodedata.category(sign) in ("Cc", "Cf", "Cs") for sign in shown)


def test_text_keeps_its_lines_and_loses_what_acts() -> None:
    assert shown_text("a\tb\nc\x1b[31m\u202e\ud800") == "a\tb\nc\\x1b[31m\\u202e\\ud800"


def test_an_error_shows_nothing_that_acts() -> None:
    error = FormatDamaged('it says "\x1b[2J".', file="a\nb.csv", column="\u202ex", next_step="Look at \x07.")
    assert str(error) == 'a\\x0ab.csv, column "\\u202ex": it says "\\x1b[2J".\nLook at \\x07.'
    assert error.args == (error.what,)


@pytest.mark.parametrize(("name", "shown"), NAMES.items(), ids=list(NAMES.values()))
def test_an_error_escapes_a_name_once_from_hand_to_hand(name: str, shown: str) -> None:
    error = FormatDamaged("it broke.", file=shown_name(name), column=shown_name(name))
    for _ in range(2):
        error = pickle.loads(pickle.dumps(answers.to_error(answers.of_error(error))))
        assert (error.where.file, error.where.column) == (shown, shown)
