"""Why a row is refused: its first reason, the others beside it, and the row as it was delivered."""

from __future__ import annotations

import json

import pandas as pd

from schemas.failures import Failures

RAW = pd.DataFrame(
    {
        "кол-во": pd.array(["8", "12,5", "много"], dtype="str"),
        "прим.": pd.array(["", None, "a;b"], dtype="str"),
        "source_row": [2, 5, 9],
    }
)

NUMBERS = pd.Series(pd.array(["KG-1", None, "KG-3"], dtype="str"))


def failing(*positions: int) -> pd.Series:
    return pd.Series([number in positions for number in range(3)])


def refused() -> pd.DataFrame:
    failures = Failures()
    failures.add("relatives_integer", "relatives", RAW["кол-во"], failing(1, 2), '"{value}" is not a whole number')
    failures.add("region_missing", "region", RAW["прим."], failing(1), "no region is given")
    failures.add("country", "country", RAW["прим."], failing(1), "the row is not of KG")
    failures.add("never", "country", RAW["прим."], failing(), "nothing")
    return failures.quarantine(RAW, NUMBERS)


def test_the_first_reason_counts_and_the_others_are_named() -> None:
    table = refused()
    assert list(table["source_row"]) == [5, 9]
    assert list(table["rule"]) == ["relatives_integer", "relatives_integer"]
    assert list(table["message"]) == ['"12,5" is not a whole number', '"много" is not a whole number']
    assert list(table["also"]) == ["region_missing, country", ""]


def test_the_row_is_kept_as_delivered() -> None:
    assert [json.loads(text) for text in refused()["raw_row"]] == [
        {"кол-во": "12,5"},  # a cell that is absent has no text
        {"кол-во": "много", "прим.": "a;b"},
    ]


def test_a_rule_that_failed_twice_is_named_once() -> None:
    failures = Failures()
    for column in ("a", "b", "c"):
        failures.add("count_above_relatives", column, RAW["кол-во"], failing(0), "more cases than relatives")
    table = failures.quarantine(RAW, NUMBERS)
    assert len(table) == 1
    assert table["column_name"][0] == "a"
    assert table["also"][0] == "count_above_relatives"


def test_braces_in_a_value_do_no_harm() -> None:
    failures = Failures()
    values = pd.Series(["{value}", "{0}", "%s"])
    failures.add("code", "x", values, failing(0, 1, 2), 'seen "{value}"')
    assert list(failures.table()["message"]) == ['seen "{value}"', 'seen "{0}"', 'seen "%s"']


def test_without_failures_nothing_is_quarantined() -> None:
    failures = Failures()
    assert failures.positions() == set()
    assert len(failures.quarantine(RAW, NUMBERS)) == 0
