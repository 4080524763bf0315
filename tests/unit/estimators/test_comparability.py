"""Verdicts of comparisons over time, against the truth table written out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from estimators.comparability import COLUMNS, comparability, verdict


@pytest.mark.parametrize(
    ("question", "population", "panel", "reused", "expected"),
    [
        ("yes", "yes", "no", "no", "comparable"),  # two samples of one population
        ("yes", "no", "yes", "no", "comparable"),  # the same units
        ("yes", "no", "no", "no", "not_comparable"),  # 36 organisations, 18 grantees
        ("no", "yes", "yes", "no", "not_comparable"),
        ("yes", "yes", "yes", "yes", "not_comparable"),  # a copied sentence is no observation
        ("yes", "no", "unknown", "no", "undecidable"),
        ("unknown", "yes", "yes", "no", "undecidable"),
        ("yes", "yes", "no", "unknown", "undecidable"),
        ("no", "unknown", "unknown", "unknown", "not_comparable"),  # one certain no is enough
        ("yes", "unknown", "yes", "no", "comparable"),  # one certain yes about the units is enough
    ],
)
def test_verdict(question: str, population: str, panel: str, reused: str, expected: str) -> None:
    assert verdict(question, population, panel, reused) == expected


def test_a_word_that_is_no_answer_is_refused() -> None:
    with pytest.raises(KeyError):
        verdict("perhaps", "yes", "no", "no")


def comparison(name: str, panel: str) -> dict[str, object]:
    return {
        "comparison": name,
        "indicator": "staff.min",
        "other_survey": "before",
        "other_indicator": "staff.min",
        "same_question": "yes",
        "same_population": "no",
        "matched_panel": panel,
        "reused_text": "no",
        "reason": "r",
        "reason_ru": "п",
        "value": 9.0,
        "other_value": 6.0,
        "source": "s",
    }


def test_a_change_is_given_only_where_the_two_are_comparable() -> None:
    table = comparability("now", [comparison("b", "no"), comparison("a", "yes")])
    assert list(table.columns) == COLUMNS
    assert table["comparison"].tolist() == ["a", "b"]
    assert table["verdict"].tolist() == ["comparable", "not_comparable"]
    assert table["change"].iloc[0] == 3
    assert pd.isna(table["change"].iloc[1])
    assert table["value"].tolist() == [9, 9]
    assert table["other_value"].tolist() == [6, 6]


def test_nothing_declared_is_an_empty_table() -> None:
    table = comparability("now", [])
    assert list(table.columns) == COLUMNS
    assert table.empty
