"""The site in other languages: no text is missing, none loses a value it is to name, numbers are written by locale.

How numbers, shares and days are written is from the Unicode CLDR charts of `en` and `ru`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import pytest

from reports import catalogues
from reports.language import catalogue, languages

NARROW = "\u00a0"
"""A space that keeps digits together."""
CODES = [language.code for language in languages()[1:]]
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")


@pytest.mark.parametrize("code", CODES)
def test_no_text_is_missing(code: str) -> None:
    assert list(catalogues.untranslated(code)) == []


@pytest.mark.parametrize("code", CODES)
def test_no_text_is_kept_that_no_page_has(code: str) -> None:
    there = {_key(message.id) for message in catalogues.texts()}
    assert {_key(message.id) for message in catalogue(code)} - there == set()


@pytest.mark.parametrize("code", CODES)
def test_a_translation_names_the_same_values(code: str) -> None:
    wrong = [
        message.id
        for message in catalogue(code)
        if message.id and any(_values(form) != _values(_key(message.id)) for form in _forms(message.string))
    ]
    assert wrong == []


def test_a_text_that_is_in_no_catalogue_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    known = catalogues.texts()
    known.add("A text that nobody translated")
    monkeypatch.setattr(catalogues, "texts", lambda: known)
    assert list(catalogues.untranslated("ru")) == ["A text that nobody translated"]


def test_numbers_shares_limits_and_days_are_written_as_the_language_does() -> None:
    english, russian = languages()[0], languages()[1]
    assert english.number(132486.4) == "132,486"
    assert russian.number(132486.4) == f"132{NARROW}486"
    assert english.number(71.94, 1) == "71.9"
    assert russian.number(71.94, 1) == "71,9"
    assert english.share(0.315) == "31.5%"
    assert russian.share(0.315) == f"31,5{NARROW}%"
    assert english.limits(62.14, 83.0, 1) == "62.1 – 83.0"
    assert russian.limits(None, 83.0, 1) == "–"
    assert english.date(date(2026, 11, 22)) == "22 Nov 2026"
    assert russian.date(date(2026, 11, 22)) == "22 нояб. 2026\u202fг."


def test_a_number_of_things_takes_its_form() -> None:
    russian = languages()[1]
    one, many = "%(count)s number was revised, of all methods.", "%(count)s numbers were revised, of all methods."
    endings = [russian.ngettext(one, many, number).split()[2].rstrip(",") for number in (1, 3, 5, 11, 21)]
    assert endings == ["число", "числа", "чисел", "чисел", "число"]


def _key(identifier: str | Iterable[str]) -> str:
    return identifier if isinstance(identifier, str) else next(iter(identifier))


def _forms(written: str | Iterable[str] | None) -> list[str]:
    return [written] if isinstance(written, str) else list(written or ())


def _values(text: str) -> list[str]:
    return sorted(found.group(0) for found in PLACEHOLDER.finditer(text))
