"""The registry matches what is written and nothing else: case and spaces carry no meaning, a letter does."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import registry
from schemas.region_names import fold

PLACES = registry.places()
SPELLINGS = [
    (spelling, str(code))
    for code, row in PLACES.table.fillna("").iterrows()
    for spelling in filter(None, (row["name_en"], row["name_ru"], *row["aliases"].split(";")))
]
KNOWN = {fold(spelling) for spelling, _ in SPELLINGS} | {fold(str(code)) for code in PLACES.table.index}


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(SPELLINGS), st.booleans(), st.integers(0, 3))
def test_case_and_spaces_do_not_matter(case: tuple[str, str], upper: bool, spaces: int) -> None:
    spelling, code = case
    written = spelling.upper() if upper else spelling
    assert PLACES.find(" " * spaces + written.replace(" ", " " * (spaces + 1)) + " ") == code


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(SPELLINGS), st.integers(0, 30), st.sampled_from("abcxyzабвёһ"))
def test_one_letter_more_is_another_name(case: tuple[str, str], position: int, letter: str) -> None:
    spelling, _ = case
    changed = spelling[:position] + letter + spelling[position:]
    found = PLACES.find(changed)
    assert (found is not None) == (fold(changed) in KNOWN)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=20))
def test_any_text_is_a_known_spelling_or_gets_no_code(text: str) -> None:
    assert (PLACES.find(text) is not None) == (fold(text) in KNOWN)
