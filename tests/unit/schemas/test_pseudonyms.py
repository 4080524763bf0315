"""Pseudonyms: equal for one person, different for two, not linked between surveys, and nothing without the key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.personal import PersonalColumn
from schemas.pseudonyms import LETTERS, PseudonymKey, folded, new_key, normalised
from schemas.region_names import fold

KEY = PseudonymKey.read("0f" * 32)
TEXT = PersonalColumn(action="pseudonym")


def test_a_pseudonym_is_the_documented_function_of_key_survey_column_and_text() -> None:
    # docs/security.md, Pseudonyms: written out here with nothing but the standard library
    scope = json.dumps(["kinscale pseudonyms 1", "column", "valley_2012", "interviewer"]).encode()
    derived = hmac.new(bytes.fromhex("0f" * 32), scope, hashlib.sha256).digest()
    digest = hmac.new(derived, "айгуль уулу".encode(), hashlib.sha256).digest()
    expected = base64.b32encode(digest).decode()[:16]
    assert KEY.replacing("valley_2012", "interviewer", TEXT)("  АЙГУЛЬ  уулу ") == expected


def test_surveys_columns_and_keys_do_not_link_but_a_domain_does() -> None:
    shared = PersonalColumn(action="pseudonym", domain="respondents")
    apart = [
        KEY.replacing("a", "phone", TEXT)("1"),
        KEY.replacing("b", "phone", TEXT)("1"),
        KEY.replacing("a", "name", TEXT)("1"),
        KEY.replacing("a", "phone", shared)("1"),
        PseudonymKey.read("1f" * 32).replacing("a", "phone", TEXT)("1"),
    ]
    assert len(set(apart)) == 5
    assert KEY.replacing("a", "phone", shared)("1") == KEY.replacing("b", "tel", shared)("1")


def test_scopes_cannot_be_shifted_into_each_other() -> None:
    parts = [("a", "bc"), ("ab", "c"), ("a\0b", "c"), ("a", 'b", "c')]
    assert len({KEY.replacing(survey, column, TEXT)("x") for survey, column in parts}) == len(parts)


def test_a_hundred_thousand_numbers_have_as_many_pseudonyms() -> None:
    replaced = KEY.replacing("a", "phone", TEXT)
    made = {replaced(str(number)) for number in range(100_000)}
    # 16 letters of 5 bits: 100 000 ** 2 / 2 ** 81 is 4 in 10 ** 15
    assert len(made) == 100_000
    assert {len(pseudonym) for pseudonym in made} == {LETTERS}


@pytest.mark.parametrize(
    ("how", "country", "alike"),
    [
        ("text", "", ["Айгуль Уулу", " айгуль  уулу", "АЙГУЛЬ\u00a0УУЛУ", "Айгуль\tуулу"]),
        ("text", "", ["o'g'li", "oʻgʻli", "o‘g‘li"]),
        ("text", "", ["ＡＢＣ１", "abc1"]),
        ("digits", "", ["AN 123-45", "12345", "№ 1 2 3 4 5"]),
        ("phone", "KG", ["+996 555 123456", "0555123456", "00996555123456", "996(555)12-34-56", "555 123456"]),
        ("phone", "KG", ["٠٥٥٥١٢٣٤٥٦", "0555123456"]),
        ("phone", "UZ", ["+998 90 123 45 67", "90 123 45 67", "8 90 1234567", "8-10-998-90-123-45-67"]),
        ("phone", "TJ", ["+992 918 12 34 56", "918123456"]),
        ("phone", "TM", ["+993 65 123456", "8 65 123456", "65123456"]),
        ("phone", "KZ", ["+7 701 555 12 34", "8 (701) 555-12-34", "7015551234"]),
    ],
)
def test_ways_of_writing_one_thing_are_one(how: str, country: str, alike: list[str]) -> None:
    assert len({normalised(text, how, country) for text in alike}) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("how", ["text", "phone", "digits", "exact"])
def test_different_persons_stay_different(how: str) -> None:
    texts = ["+996 555 123456", "+996 555 123457", "+998 90 1234567", "нет телефона", "не скажу", "123", "12345678901"]
    for one, other in itertools.combinations(texts, 2):
        assert normalised(one, how, "KG") != normalised(other, how, "KG")  # type: ignore[arg-type]
    assert normalised("", how, "KG") == ""  # type: ignore[arg-type]


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_plain_texts_is_the_long_one(text: str) -> None:
    assert folded(text) == fold(text)


def test_a_domestic_number_is_of_the_country_of_its_source() -> None:
    assert normalised("90 123 45 67", "phone", "UZ") == "998901234567"
    assert normalised("90 123 45 67", "phone", "TJ") == "992901234567"
    assert normalised("90 123 45 67", "phone", "XX") == "901234567"


@pytest.mark.parametrize("wrong", ["", "secret", "0f" * 31, "0f" * 33, "0g" * 32])
def test_what_is_no_key_is_refused_without_being_shown(wrong: str) -> None:
    with pytest.raises(ValueError, match="64 digits") as caught:
        PseudonymKey.read(wrong)
    assert not wrong or wrong not in str(caught.value)


def test_a_key_has_no_readable_form() -> None:
    text = new_key()
    key = PseudonymKey.read(f" {text}\n")
    assert key.text == text
    assert text not in f"{key!r} {key} {key.fingerprint}"
    assert len(key.fingerprint) == 16
    assert key.fingerprint != PseudonymKey.read(new_key()).fingerprint
