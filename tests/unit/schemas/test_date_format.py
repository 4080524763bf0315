"""Which forms of dates a source may declare."""

from __future__ import annotations

import pytest

from schemas import date_format

GOOD = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%y", "%Y%m%d", "%d %B %Y", "%j/%Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z")
BAD = ("", "d.m.Y", "%e.%m.%Y", "%Q", "%m.%Y", "%d.%m", "%d.%d.%m.%Y", "%Y-%m-%d %", "%H:%M", "%x", "%G-W%V-%u", "%D")


@pytest.mark.parametrize("form", GOOD)
def test_a_form_that_says_a_day_is_taken(form: str) -> None:
    assert date_format.checked(form) == form


@pytest.mark.parametrize("form", BAD)
def test_another_form_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match=r"date|day, month and year"):
        date_format.checked(form)


def test_numbers_with_nothing_between_them_are_known() -> None:
    assert [date_format.is_glued(form) for form in ("%Y%m%d", "%d%m%y", "%d.%m.%Y", "%d%b%Y")] == [
        True,
        True,
        False,
        False,
    ]
