"""Which numbers of records come first: named ones, else counts, quotients, shares. Rows are made by hand."""

from __future__ import annotations

from typing import Any

from reports.main_indicators import main_indicators


def row(indicator: str, kind: str, estimate: float | None) -> dict[str, Any]:
    return {"indicator": indicator, "topic": indicator.partition(".")[0], "kind": kind, "estimate": estimate}


ROWS = [
    row("trained", "share", 0.4),
    row("kind.women", "share", 0.7),
    row("kind.youth", "share", 0.3),
    row("records", "tally", 36.0),
    row("cases", "total", 617.0),
    row("places", "distinct", 7.0),
    row("silent", "share", None),
    row("rate", "ratio", 15.5),
]


def test_without_names_counts_come_first_and_questions_of_several_answers_are_left_out() -> None:
    found = [one["indicator"] for one in main_indicators(ROWS, ())]
    assert found == [
        "records",
        "cases",
        "rate",
        "trained",
    ]  # two counts, quotients, shares; what is silent has no number


def test_a_named_question_gives_its_most_frequent_answer_and_a_named_answer_itself() -> None:
    found = [one["indicator"] for one in main_indicators(ROWS, ("kind", "kind.youth", "silent"))]
    assert found == ["kind.women", "kind.youth", "silent"]


def test_a_name_that_the_release_lacks_is_left_out() -> None:
    assert main_indicators(ROWS, ("elsewhere",)) == []
