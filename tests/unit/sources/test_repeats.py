"""Repeats: counts and sums by parent are those of the arithmetic beside each test; nothing is dropped silently."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.errors import DeclarationError, FormatDamaged, MissingColumn
from sources.reader import RawTable, read
from tests.unit.sources.test_archive import packed

COUNT = {"n": {"count": True}}


def joined(main: str, children: str, collect: dict[str, Any] | None = None, **more: Any) -> RawTable:
    """Read a parent table and a child table out of one archive."""
    rule = {"member": "c.csv", "parent": "of", "key": "key", "collect": collect or COUNT, **more.pop("rule", {})}
    spec = {"format": "csv", "delimiter": ";", "member": "m.csv", "repeats": {"cases": rule}, **more}
    return read(packed(**{"m.csv": main.encode(), "c.csv": children.encode()}), "d.zip", spec)


def test_counts_and_sums_are_those_of_the_rows() -> None:
    collect = {
        "n": {"count": True},
        "total": {"sum": "x"},
        "women": {"sum": "x", "where": {"sex": "f"}},
        "adults": {"count": True, "where": {"sex": ["f", "m"], "age": "a"}},
    }
    children = "of;sex;age;x\nk1;f;a;1\nk1;m;a;2,5\nk2;f;c;\nk1;f;c;0,25\nk2;x;a;4\n"
    table = joined("key\nk1\nk2\nk3\n", children, collect, decimal=",")
    # k1: 3 rows, 1 + 2,5 + 0,25 = 3,75, women 1 + 0,25 = 1,25, two adults
    # k2: 2 rows, 4, its only woman without a number, its only adult neither f nor m
    assert table.frame[["n", "total", "women", "adults"]].astype(object).values.tolist()[0] == [
        "3",
        "3,75",
        "1,25",
        "2",
    ]
    second = table.frame.iloc[1]
    assert (second["n"], second["total"], second["adults"]) == ("2", "4", "0")
    assert second["women"] is None or second["women"] != second["women"]  # nothing but an empty cell: missing, not 0
    assert table.frame.iloc[2][["n", "total", "women", "adults"]].tolist() == ["0", "0", "0", "0"]


def test_sums_are_exact() -> None:
    table = joined("key\nk\n", "of;x\n" + "k;0.1\n" * 10, {"total": {"sum": "x"}})
    assert list(table.frame["total"]) == ["1.0"]  # in doubles, ten times 0.1 is 0.9999999999999999


def test_a_child_of_nobody_is_set_aside_behind_the_rows() -> None:
    table = joined("key;a\nk1;1\n", "of;x\nk1;5\nk9;6\n;7\n")
    assert list(table.frame["n"]) == ["1"]
    assert [(row.source_row, row.text) for row in table.damaged] == [(10_000_003, "k9\t6"), (10_000_004, "\t7")]
    assert 'row 3: no row has "k9" under key' in table.damaged[0].reason


def test_children_of_a_damaged_row_are_set_aside_with_it() -> None:
    table = joined("key;a\nk1;1;extra\nk2;1\n", "of;x\nk1;5\nk2;6\n")
    assert list(table.frame["key"]) == ["k2"]
    assert [row.source_row for row in table.damaged] == [2, 10_000_002]


def test_what_is_no_number_sets_the_parent_aside() -> None:
    table = joined("key\nk1\nk2\n", "of;x\nk1;many\nk2;6\n", {"total": {"sum": "x"}})
    assert list(table.frame["key"]) == ["k2"]
    assert [(row.source_row, row.text) for row in table.damaged] == [(2, "k1")]
    assert 'row 2 has "many" under "x", which is no number' in table.damaged[0].reason


def test_two_parents_of_one_key_refuse_the_file() -> None:
    with pytest.raises(FormatDamaged, match='two rows have the key "k1"'):
        joined("key\nk1\nk1\n", "of;x\nk1;1\n")


def test_a_child_that_cannot_be_read_refuses_the_file() -> None:
    with pytest.raises(FormatDamaged, match="1 of its rows cannot be read"):
        joined("key\nk1\n", "of;x\nk1;1\nk1;1;1\n")


@pytest.mark.parametrize(
    ("main", "children", "collect", "column"),
    [
        ("id\n1\n", "of;x\n1;1\n", COUNT, "key"),
        ("key\n1\n", "parent;x\n1;1\n", COUNT, "of"),
        ("key\n1\n", "of;x\n1;1\n", {"n": {"sum": "y"}}, "y"),
        ("key\n1\n", "of;x\n1;1\n", {"n": {"count": True, "where": {"sex": "f"}}}, "sex"),
    ],
)
def test_a_column_that_is_not_there_is_named(main: str, children: str, collect: dict[str, Any], column: str) -> None:
    with pytest.raises(MissingColumn) as caught:
        joined(main, children, collect)
    assert caught.value.where.column == column


@pytest.mark.parametrize(
    "rule",
    [
        {"sheet": "x"},
        {"collect": {}},
        {"collect": {"n": "count"}},
        {"collect": {"n": {"count": True, "sum": "x"}}},
        {"collect": {"n": {"count": 3}}},
        {"collect": {"n": {"mean": "x"}}},
        {"collect": {"n": {"count": True, "where": "f"}}},
        {"collect": {"key": {"count": True}}},
        {"misspelt": 1},
    ],
)
def test_a_wrong_rule_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError):
        joined("key\nk1\n", "of;x\nk1;1\n", rule=rule)


def test_a_list_that_nobody_answered_counts_nothing_and_one_of_texts_sets_its_row_aside() -> None:
    lines = [{"id": 1, "m": None}, {"id": 2}, {"id": 3, "m": []}, {"id": 4, "m": ["x"]}, {"id": 5, "m": [{"a": 1}]}]
    raw = "\n".join(json.dumps(line) for line in lines).encode()
    spec = {"format": "jsonl", "repeats": {"m": {"array": "m", "collect": {"n": {"count": True}, "a": {"sum": "a"}}}}}
    table = read(raw, "d.jsonl", spec)
    assert table.frame[["id", "n", "a"]].values.tolist() == [
        ["1", "0", "0"],
        ["2", "0", "0"],
        ["3", "0", "0"],
        ["5", "1", "1"],
    ]
    assert [(row.source_row, row.reason) for row in table.damaged] == [(4, '"m" is no list of objects')]
