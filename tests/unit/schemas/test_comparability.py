"""Declared comparisons: read, checked, and the numbers of the other survey found in what it printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas import comparability, survey_folders
from schemas.comparability import Other
from schemas.errors import DeclarationError

BUNDLED = survey_folders.CHECKOUT / "surveys" / "kyrgyzstan_grantee_outputs_2005"
ONE = """
comparisons:
  - id: staff
    indicator: staff.min
    other: {survey: kyrgyzstan_ngo_capacity_2003, indicator: staff.min}
    same_question: yes
    same_population: no
    matched_panel: unknown
    reason: {en: e, ru: р}
    source: s
"""


def test_nothing_of_the_evaluation_is_called_comparable() -> None:
    # The two texts: 36 organisations of round tables in 2003, 18 grantees in 2005, and one range of 6 to 70 in both.
    declared = comparability.read(BUNDLED)
    assert {one.same_population for one in declared} == {"no"}
    assert {one.matched_panel for one in declared} == {"no"}
    assert {one.id for one in declared if one.reused_text == "yes"} == {"staff_smallest", "staff_largest"}
    printed = comparability.printed(tuple(one.other for one in declared))
    assert {other.indicator: value for other, value in printed.items()} == {
        "staff.min": 6,
        "staff.max": 70,
        "questionnaires": 36,
        "experience.now": 14,
        "trained_on_gender": 36.1,
        "close_to_media": 72.2,
    }


def test_a_survey_without_the_file_compares_nothing(tmp_path: Path) -> None:
    assert comparability.read(tmp_path) == ()


def test_words_that_yaml_takes_for_truth_values_are_answers(tmp_path: Path) -> None:
    (tmp_path / comparability.NAME).write_text(ONE, encoding="utf-8")
    (one,) = comparability.read(tmp_path)
    assert (one.same_question, one.same_population, one.matched_panel, one.reused_text) == (
        "yes",
        "no",
        "unknown",
        "no",
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("matched_panel: unknown", "matched_panel: perhaps", "matched_panel"),
        ("source: s", "sauce: s", "source"),
        ("id: staff", "id: [", "not valid YAML"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / comparability.NAME).write_text(ONE.replace(old, new), encoding="utf-8")
    with pytest.raises(DeclarationError, match=told):
        comparability.read(tmp_path)


@pytest.mark.parametrize("indicator", ["no_such", "questionnaires.of_nobody"])
def test_a_number_that_was_not_printed_cannot_be_compared_with(indicator: str) -> None:
    with pytest.raises(DeclarationError, match="stands 0 times") as error:
        comparability.printed((Other(survey="kyrgyzstan_ngo_capacity_2003", indicator=indicator),))
    assert "published.csv" in str(error.value.where)
