"""What cells say of their column: codes, missing answers, days, countries, regions. Expected is written by hand."""

from __future__ import annotations

from datetime import date

import pytest

from schemas import family_survey as instrument
from schemas.declaration_faults import CHOOSE
from tasks.scaffold import answers, places
from tasks.scaffold.places import Region


@pytest.mark.parametrize(
    ("texts", "form", "first", "last"),
    [
        (["2012-09-03", "2012-11-01"], "%Y-%m-%d", date(2012, 9, 3), date(2012, 11, 1)),
        (["03.09.2012", "01.11.2012"], "%d.%m.%Y", date(2012, 9, 3), date(2012, 11, 1)),
        (["03/09/2012", "28/09/2012"], "%d/%m/%Y", date(2012, 9, 3), date(2012, 9, 28)),
        (["09/03/2012", "09/28/2012"], "%m/%d/%Y", date(2012, 9, 3), date(2012, 9, 28)),
        (["3.9.12", "28.9.12"], "%d.%m.%y", date(2012, 9, 3), date(2012, 9, 28)),
        (["20120903", "20121101"], "%Y%m%d", date(2012, 9, 3), date(2012, 11, 1)),
        (["2012-09-03T10:15:00"], "%Y-%m-%dT%H:%M:%S", date(2012, 9, 3), date(2012, 9, 3)),
    ],
)
def test_days_that_can_be_read_in_one_way(texts: list[str], form: str, first: date, last: date) -> None:
    found = answers.days(texts, instrument)
    assert (found.form.value, found.form.sure, found.first, found.last) == (form, True, first, last)


def test_days_that_can_be_read_in_two_ways_are_left_open_with_both() -> None:
    found = answers.days(["03/09/2012", "04/10/2012"], instrument)
    assert (found.form.value, found.first) == (CHOOSE, None)
    assert '"%d/%m/%Y" or "%m/%d/%Y"' in found.form.note


def test_both_ways_that_read_the_same_days_are_no_question() -> None:
    assert answers.days(["05/05/2012"], instrument).form.sure  # the fifth of May either way


def test_one_slip_in_forty_days_is_marked() -> None:
    texts = [f"{day:02d}.09.2012" for day in range(1, 31)] + [f"{day:02d}.10.2012" for day in range(1, 10)] + ["soon"]
    found = answers.days(texts, instrument)
    assert (found.form.value, found.form.note) == ("%d.%m.%Y", "does not fit 1 of 40 different cells")


@pytest.mark.parametrize("texts", [[], ["soon", "later"]])
def test_no_days_are_left_open(texts: list[str]) -> None:
    assert answers.days(texts, instrument).form.value == CHOOSE


@pytest.mark.parametrize(
    ("column", "texts", "codes", "sure"),
    [
        ("migrant_inside", ["да", "Нет"], ["yes", "no"], True),
        ("migrant_abroad", ["Ha", "Yo'q"], ["yes", "no"], True),
        ("migrant_abroad", ["Ha", "Yo‘q"], ["yes", "no"], True),  # another apostrophe
        ("migrant_inside", ["1", "2"], ["yes", "no"], False),
        ("migrant_inside", ["0", "1"], ["no", "yes"], False),
        ("migrant_inside", ["a", "b"], ["yes", "no"], False),
        ("settlement_type", ["shaher", "oba"], ["urban", "rural"], True),
        ("settlement_type", ["пгт"], [CHOOSE], False),
        ("migrant_inside", ["1", "2", "3"], [CHOOSE] * 3, False),
    ],
)
def test_codes(column: str, texts: list[str], codes: list[str], sure: bool) -> None:
    found = answers.codes(column, texts, instrument)
    assert [found[text].value for text in texts] == codes
    assert all(finding.sure == sure for finding in found.values())


def test_a_number_far_from_the_others_is_taken_for_a_missing_answer_and_marked() -> None:
    found = answers.missing({"relatives": ["5", "12", "99"]}, {"migrant_inside": ["да", "-"]}, ["KG-1"], instrument)
    assert {text: finding.sure for text, finding in found.items()} == {"-": True, "99": False}


@pytest.mark.parametrize(
    ("numbers", "named"),
    [(["5", "60", "99"], []), (["5", "99"], ["99"]), (["5", "12"], [])],
    ids=["near to others", "also the number of a questionnaire", "not there"],
)
def test_a_number_that_may_be_an_answer_is_left_alone(numbers: list[str], named: list[str]) -> None:
    assert answers.missing({"relatives": numbers}, {}, named, instrument) == {}


@pytest.mark.parametrize(
    ("texts", "regions", "given", "expected"),
    [
        (["Кыргызстан"], [], None, "KG"),
        (["O'zbekiston"], [], None, "UZ"),
        ([], ["Баткенская", "Чуйская"], None, "KG"),
        (["Кыргызстан", "Казахстан"], [], None, CHOOSE),
        (["Ruritania"], ["Streslau"], None, CHOOSE),
        (["Ruritania"], [], "NO", "NO"),
    ],
)
def test_the_country(texts: list[str], regions: list[str], given: str | None, expected: str) -> None:
    assert places.country(texts, regions, given).value == expected


def test_an_only_unknown_country_is_the_files_own_and_marked() -> None:
    found = places.country_codes(["Ruritania"], "NO")
    assert (found["Ruritania"].value, found["Ruritania"].sure) == ("NO", False)


def test_regions_match_whole_spellings_and_near_ones_are_only_said() -> None:
    rows = places.regions({"KG": ["Баткенская", "Batken", "Чуйска", "Ош", "Streslau"]})
    assert rows[0] == Region(
        "KG", "KG-B", "Batken oblast", "Баткенская область", ("Batken", "Баткенская"), "guessed (sure)"
    )
    notes = {row.name_en: (row.region, row.note) for row in rows[1:]}
    assert set(notes) == {"Чуйска", "Ош", "Streslau"}
    assert {code for code, _ in notes.values()} == {CHOOSE}
    assert 'near to "Чуйская" (KG-C), which is not taken' in notes["Чуйска"][1]
    assert notes["Ош"][1] == "it may be KG-O (Osh oblast) or KG-GO (Osh city)"
    assert "near to" not in notes["Streslau"][1]
