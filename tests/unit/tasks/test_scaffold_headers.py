"""Which header is which column: the bundled deliveries as their declaration maps them, and styles made up here."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from schemas import family_survey as instrument
from schemas.declaration import Source, load
from sources import reader
from tasks.scaffold.headers import Match, match

SOURCES = {source.country: source for source in load("central_asia_2009").sources}


def found(*headers: str, labels: Mapping[str, str] | None = None) -> dict[str, Match]:
    matches = match(headers, labels or {}, instrument)
    return {column: hit for column, hit in matches.items() if hit.header is not None or hit.also}


def header_of(source: Source) -> tuple[str, ...]:
    return reader.read(load("central_asia_2009").folder / source.path, source.path, source.reader).columns


@pytest.mark.parametrize("country", SOURCES)
def test_every_header_of_the_bundled_deliveries_is_found(country: str) -> None:
    source = SOURCES[country]
    matches = match(header_of(source), {}, instrument)  # without the labels that dta and sav hold
    assert {column: hit.header for column, hit in matches.items()} == dict(source.columns)


def counts(form: str, labour: str, sexual: str, words: Mapping[str, str]) -> dict[str, str]:
    """Return a header for each count; `form` is filled with the exploitation, place, who and window."""
    out = {}
    for column in instrument.COUNTS:
        kind, place, *rest = column.split("_", 3)
        who = rest[0] if kind == "labour" else "any"
        window = "_".join(rest[1:] if kind == "labour" else rest)
        said = {"form": labour if kind == "labour" else sexual, "place": words[place], "who": words[who]}
        out[column] = form.format(**said, window=words[window])
    return out


STYLES = {
    "questions in English": {
        "relatives": "How many close relatives do you have, yourself included?",
        "migrant_inside": "Has any relative migrated for work inside the country?",
        "migrant_abroad": "Has any relative migrated for work abroad?",
        **counts(
            "How many {who} were in {form} exploitation {place} {window}?", "labour", "sexual",
            {"inside": "inside the country", "abroad": "abroad", "women": "women", "men": "men", "total": "in total",
             "any": "persons", "last_3_years": "in the last three years", "earlier": "before that"},
        ),
    },
    "camel case": {
        "questionnaire_id": "formNumber", "settlement_type": "settlementType", "interview_date": "interviewDate",
        **counts(
            "{form}{place}{who}{window}", "labour", "sexual",
            {"inside": "Inside", "abroad": "Abroad", "women": "Women", "men": "Men", "total": "Total", "any": "Total",
             "last_3_years": "3y", "earlier": "Before"},
        ),
    },
    "Kyrgyz": {
        "country": "Өлкө", "region": "Облус", "interview_date": "Күнү",
        **counts(
            "{form}, {place}, {who}, {window}", "Эмгек эксплуатациясы", "Жыныстык эксплуатация",
            {"inside": "өлкө ичинде", "abroad": "чет өлкөдө", "women": "аялдар", "men": "эркектер", "total": "баары",
             "any": "баары", "last_3_years": "акыркы 3 жылда", "earlier": "мурда"},
        ),
    },
    "numbers of the form": {
        "relatives": "В1", "migrant_inside": "В2а", "migrant_abroad": "В2б",
        "labour_inside_women_earlier": "3а ранее", "labour_abroad_men_last_3_years": "q5b 3y",
        "sexual_abroad_earlier": "В6 ранее",
    },
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_headers_of_other_styles_are_found(style: str) -> None:
    matches = match(list(STYLES[style].values()), {}, instrument)
    assert {column: matches[column].header for column in STYLES[style]} == STYLES[style]


def test_a_number_alone_is_marked_and_a_label_makes_it_sure() -> None:
    assert found("Q4_3Y")["sexual_inside_last_3_years"] == Match(
        "Q4_3Y", False, "by the number of the question alone", ()
    )
    label = {"Q4_3Y": "Sexual exploitation inside the country, last 3 years"}
    assert found("Q4_3Y", labels=label)["sexual_inside_last_3_years"].sure


@pytest.mark.parametrize(
    "header",
    [
        "Labour exploitation abroad, women, last 5 years",  # another window than the instrument's
        "Labour exploitation abroad, women",  # no window
        "Трудовая эксплуатация, женщины, за последние 3 года",  # no place
        "Labour exploitation abroad and inside, women, earlier",  # both places
        "Sex of the respondent",
        "3",
        "_validation_status",
    ],
)
def test_a_header_that_does_not_say_enough_is_no_column(header: str) -> None:
    assert found(header) == {}


@pytest.mark.parametrize(
    "header", ["длит_мин", "Длительность интервью", "interviewDuration", "Length of interview, min"]
)
def test_the_length_of_an_interview_is_found(header: str) -> None:
    assert found(header)["duration_minutes"] == Match(header, True)


def test_a_column_that_no_source_need_name_is_left_out() -> None:
    assert set(instrument.COLUMNS) - set(match(["Дата"], {}, instrument)) == set(instrument.PARADATA)


def test_two_headers_for_one_column_leave_it_open_and_are_named() -> None:
    hit = match(["Дата", "Date"], {}, instrument)["interview_date"]
    assert (hit.header, hit.note, set(hit.also)) == (None, "several fit", {"Дата", "Date"})


def test_the_better_of_two_headers_is_marked_with_the_other() -> None:
    assert found("region", "Область проживания")["region"] == Match("region", False, "", ("Область проживания",))


def test_one_header_for_two_columns_leaves_both_open() -> None:
    matches = match(["District or settlement"], {}, instrument)
    assert matches["district"] == Match(None, False, "it may also be settlement", ("District or settlement",))
    assert matches["settlement"].header is None


@pytest.mark.parametrize(
    ("header", "column", "note"),
    [
        ("Sexual exploitation abroad, women, earlier", "sexual_abroad_earlier", "asked of women only"),
        ("Women abroad, last 3 years", "labour_abroad_women_last_3_years", "it does not say which exploitation"),
        ("Labour, abroad, men, before the last 3 years", "labour_abroad_men_earlier", "it names both windows"),
        ("today", "interview_date", "a word of many meanings"),
    ],
)
def test_what_was_concluded_is_marked(header: str, column: str, note: str) -> None:
    assert found(header)[column] == Match(header, False, note, ())
