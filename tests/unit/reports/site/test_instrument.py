"""The first page of a survey of records, and that the shared pages speak of records. Numbers are the frames'."""

from __future__ import annotations

import re

import pytest

from reports.site import contents, instrument, site, topics
from tests.unit.reports.html_page import Page
from tests.unit.reports.site import record_release
from tests.unit.reports.site.record_release import ABOUT, ESTIMATES, about, number, share

KEPT_APART = {"unit": "as_counted", "kind": "total"}


def topic(name: str, **given: object) -> topics.Topic:
    frames = record_release.tables(**given) if given else None  # type: ignore[arg-type]
    return next(one for one in topics.topics(record_release.view(frames)) if one.id == name)


def test_a_share_stands_with_numerator_base_missing_and_limits() -> None:
    [line] = topic("trained").lines
    assert (line.number, line.limits) == ("8.6%", "3.0% – 22.4%")  # 3 of 35
    assert (line.numerator, line.base, line.missing) == ("3", "35", "1")
    assert (line.value, line.low, line.high) == (3 / 35, 0.030, 0.224)  # what the drawing is made of


def test_answers_of_one_question_stand_together_and_say_whether_they_add_up() -> None:
    found = topic("experience")
    assert [(line.answer, line.number) for line in found.lines] == [("projects", "38.9%"), ("none", "61.1%")]
    assert "One answer each: the shares add up to the whole." in found.about
    assert any(sentence.startswith("Of all records") for sentence in found.about)


def test_a_question_without_an_answer_has_no_share_and_not_one_of_zero() -> None:
    page = next(instrument.pages(record_release.view()))
    assert [one.id for one in page.values["unanswered"]] == ["grew"]
    assert "grew" not in [one.id for one in page.values["topics"]]
    assert "0.0%" not in record_release.html()


def test_a_hidden_number_of_a_region_is_said_to_be_hidden() -> None:
    places = topic("questionnaires").places
    assert places is not None
    assert dict(places.rows) == {"Batken": ["hidden", "–"], "Naryn": ["7", "7"]}


def test_a_hidden_number_of_the_nation_draws_nothing() -> None:
    hidden = {"estimate": None, "ci_low": None, "ci_high": None, "n_cases": None, "n_respondents": None}
    rows = [{**share("trained", 3, 35, 0.03, 0.224), **hidden, "conf_status": "C"}]
    [line] = topic("trained", estimates=rows, indicators=[{**ABOUT[3], "base": None}]).lines
    assert (line.number, line.limits, line.base, line.missing) == ("hidden", "–", "–", "–")
    assert (line.value, line.low, line.high) == (None, None, None)


def test_unlike_units_are_said_never_to_be_added() -> None:
    people = {"kind": "total", "unit": "persons"}
    frames = record_release.tables(
        [number("trained_people", 40.0, 5, unit="persons"), number("seen", 900.0, 2, unit="persons")],
        [
            about("trained_people", "People at trainings", count_basis="attendance", **people),
            about("seen", "Spectators", count_basis="spectators", **people),
        ],
    )
    text = record_release.html(given=frames)
    assert "numbers of different units are never added" in text
    assert "What one unit is: an attendance: a person at two events counts twice." in text
    assert "numbers of different units are never added" not in record_release.html()


def test_sums_kept_apart_by_a_code_say_so() -> None:
    codes = ("outputs.events", "outputs.copies")
    rows = [number(name, 4.0, 2, unit="as_counted") for name in codes]
    found = topic("outputs", estimates=rows, indicators=[about(name, "Outputs", **KEPT_APART) for name in codes])
    assert "These numbers are kept apart: they are never added to one another." in found.about


def test_counts_of_which_none_is_part_of_the_other_are_not_said_to_be_of_it() -> None:
    rows = [number("crimes", 15.5, 355, n_cases=55, method="poisson_ratio", unit="per_100", ci_low=11.7, ci_high=20.6)]
    frames = record_release.tables(
        rows, [about("crimes", "Crimes", "ratio", unit="per_100", base=355, limits="poisson_ratio")]
    )
    seen = record_release.view(frames)
    assert instrument.parts(seen, {**rows[0], "kind": "ratio", "limits": "poisson_ratio"}) == "55 against 355"
    assert instrument.parts(seen, {**rows[0], "kind": "ratio", "limits": "wilson"}) == "55 of 355"
    [line] = next(one for one in topics.topics(seen) if one.id == "crimes").lines
    assert (line.number, line.limits) == ("15.5", "11.7 – 20.6")


def test_the_headlines_are_those_that_the_instrument_names() -> None:
    found = instrument.headlines(record_release.view())
    assert [(one["title"], one["answer"], one["line"].number) for one in found] == [
        ("Organisations that answered", "", "36"),
        ("Experience", "none", "61.1%"),  # the most frequent answer
    ]


@pytest.mark.parametrize(("questions", "has_box"), [(instrument.MANY - 1, False), (instrument.MANY, True)])
def test_a_long_form_has_a_box_to_find_a_question(questions: int, has_box: bool) -> None:
    names = [f"q{at}" for at in range(questions)]
    frames = record_release.tables(
        [share(name, 3, 35, 0.03, 0.224) for name in names],
        [about(name, name, "share", unit="share", base=35, base_rule="answered") for name in names],
    )
    assert ('data-finds="every"' in record_release.html(given=frames)) is has_box


def test_shares_of_one_answer_are_drawn_if_there_are_three() -> None:
    assert instrument.chart(record_release.view()) is None  # one is
    names = ("a", "b", "c")
    frames = record_release.tables(
        [share(name, 3, 35, 0.03, 0.224) for name in names],
        [about(name, name, "share", unit="share", base=35, base_rule="answered") for name in names],
    )
    drawn = instrument.chart(record_release.view(frames))
    assert drawn is not None
    assert [(row["label"], row["n"]) for row in drawn.rows] == [(name, 35) for name in names]


def test_the_page_is_in_the_language_with_its_numbers() -> None:
    text = record_release.html("ru")
    for words in ("Experience по-русски", "projects по-русски", "38,9\u00a0%", "организация", "скрыто", "Нарын"):
        assert words in text, words


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_is_well_formed(language: str) -> None:
    for name, text in site.render(record_release.view(language=language)).items():
        assert Page(text).open == [], name


def test_no_page_speaks_of_families_interviews_or_leading_methods() -> None:
    pages = site.render(record_release.view())
    assert {"index", "quality", "methods", "revisions", "downloads", "dictionary"} <= set(pages)
    for name, text in pages.items():
        if name in ("dictionary", "expectations"):
            continue  # meanings of columns and of checks are those of all surveys
        words = re.sub(r"<[^>]+>", " ", text).lower()
        assert not re.findall(r"famil\w*|interviews|leading method", words.replace("no leading method", "")), name


def test_the_methods_are_those_of_the_numbers_with_what_missing_means() -> None:
    text = record_release.html(name="methods")
    assert "Missing is never zero" in text
    assert 'id="method-wilson"' in text and 'id="method-tally"' in text
    assert 'id="method-poisson_ratio"' not in text and 'id="method-design"' not in text
    assert "No number of this survey is hidden" in text  # it switches disclosure control off


def test_the_dictionary_names_the_indicators_and_lists_codes_that_occur() -> None:
    text = record_release.html(name="dictionary")
    assert "Experience: projects" in text
    assert "Design-based" not in text
    assert '<td class="text">Base</td>' in text  # what n_respondents is called here


def test_without_the_table_there_is_no_page() -> None:
    names = {page.name for page in contents.pages(record_release.view())}
    assert not names & {"findings", "evidence", "scenarios", "definitions", "comparability", "reproduction"}


def test_the_frames_have_what_the_tests_say() -> None:
    assert {row["indicator"] for row in ESTIMATES} == {row["indicator"] for row in ABOUT}


def test_two_questions_of_one_title_are_two_marks() -> None:
    names = ("a", "b", "c")
    frames = record_release.tables(
        [share(name, 3, 35, 0.03, 0.224) for name in names],
        [about(name, "Same", "share", unit="share", base=35, base_rule="answered") for name in names],
    )
    drawn = instrument.chart(record_release.view(frames))
    assert drawn is not None
    assert [row["label"] for row in drawn.rows] == ["Same", "Same (2)", "Same (3)"]
