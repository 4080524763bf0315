"""Repeats: counts and sums by parent are those of the arithmetic beside each test; nothing is dropped silently."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
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
        {"collect": {"n": {"count": True, "where": False}}},
        {"fields": ["x"]},
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


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ({"abroad": True}, '{"abroad": ["yes"]}'),
        ({"abroad": ["f", False]}, '{"abroad": ["f", "no"]}'),
        ({"abroad": 1}, '{"abroad": ["1"]}'),
        ({"abroad": 1.0}, '{"abroad": ["1.0"]}'),
        ({"abroad": None}, '{"abroad": [""]}'),
        ({"abroad": []}, '{"abroad": ["..."]}'),
        ({True: "f"}, '{"yes": ["f"]}'),
    ],
)
def test_what_yaml_takes_for_no_text_is_refused_with_the_line_to_write(where: dict[Any, Any], line: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        joined("key\nk1\n", "of;abroad\nk1;yes\n", {"n": {"count": True, "where": where}})
    assert f"Write: where: {line}" in str(caught.value)


def of_lists(records: list[dict[str, Any]], *, array: str = "cases", **more: Any) -> RawTable:
    """Read records whose list `cases` is summed by sex."""
    collect = {"women": {"sum": "n", "where": {"sex": "f"}}}
    rule = {"array": array, "collect": collect, **more.pop("rule", {})}
    spec = {"format": "json", "repeats": {"cases": rule}, **more}
    return read(json.dumps(records).encode(), "d.json", spec)


@pytest.mark.parametrize(("element", "column"), [({"gender": "f", "n": 1}, "sex"), ({"sex": "f", "number": 1}, "n")])
def test_a_column_that_no_element_of_the_file_has_is_named(element: dict[str, Any], column: str) -> None:
    records: list[dict[str, Any]] = [{"id": 1}, {"id": 2, "cases": [element]}, {"id": 3, "cases": [element, {}]}]
    with pytest.raises(MissingColumn, match=f'no column "{column}"') as caught:
        of_lists(records)
    assert f'add to "cases": fields: ["{column}"]' in str(caught.value)
    table = of_lists(records, rule={"fields": [column]})  # the form has it, and nobody answered
    assert len(table.frame) == 3


def test_a_column_that_one_element_of_the_file_has_is_enough() -> None:
    records = [{"cases": [{"sex": "f"}]}] * 200 + [{"cases": [{"sex": "f", "n": 2}]}]
    assert list(of_lists(records).frame["women"].dropna()) == ["2"]


@pytest.mark.parametrize("list_format", ["json", "jsonl"])
def test_a_list_that_no_record_has_is_refused_where_others_stand(list_format: str) -> None:
    records = [{"id": 1, "family": {"cases": [{"n": 1}]}}, {"id": 2}]
    raw = json.dumps(records) if list_format == "json" else "\n".join(map(json.dumps, records))
    repeats = {"cases": {"array": "family/casez", "collect": COUNT}}
    with pytest.raises(MissingColumn, match=r'the list "family/casez".*"family/cases"'):
        read(raw.encode(), "d", {"format": list_format, "repeats": repeats})


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"cases": []},
        {"cases": None},
        {"cases": [], "members": [{"n": 1}]},
        {"codes": ["a", "b"], "places": []},
        {"_attachments": [{"filename": "a.jpg"}]},
    ],
)
def test_where_nobody_has_a_repeat_nothing_is_said(record: dict[str, Any]) -> None:
    assert list(of_lists([{"id": 1, **record}, {"id": 2}]).frame["women"]) == ["0", "0"]


def test_a_list_that_nobody_answered_is_known_where_the_reader_names_it() -> None:
    records = [{"id": 1, "members": [{"n": 1}]}]
    with pytest.raises(MissingColumn, match="members"):
        of_lists(records)
    table = of_lists(records, fields=["cases"])
    assert table.columns == ("id", "members", "women")
    both = {"cases": {"array": "cases", "collect": COUNT}, "m": {"array": "members", "collect": {"k": {"count": True}}}}
    assert list(read(json.dumps(records).encode(), "d", {"format": "json", "repeats": both}).frame["n"]) == ["0"]


def parquet(cases: list[Any]) -> bytes:
    kind = pa.list_(pa.struct([("sex", pa.string()), ("n", pa.int64())]))
    out = io.BytesIO()
    pq.write_table(pa.table({"id": range(len(cases)), "cases": pa.array(cases, kind)}), out)
    return out.getvalue()


@pytest.mark.parametrize("cases", [[[{"sex": "f", "n": 1}]], [[], None]])
def test_a_schema_says_its_columns_even_where_nobody_has_a_repeat(cases: list[Any]) -> None:
    for collect, column in (({"sum": "zzz"}, "zzz"), ({"count": True, "where": {"gender": "f"}}, "gender")):
        spec = {"format": "parquet", "repeats": {"cases": {"array": "cases", "collect": {"n": collect}}}}
        with pytest.raises(MissingColumn, match=column):
            read(parquet(cases), "d.parquet", spec)


def test_a_point_before_three_digits_is_not_summed_where_the_comma_is_declared() -> None:
    table = joined("key\nk1\nk2\n", "of;x\nk1;1.000\nk2;1.50\nk2;1,000\n", {"total": {"sum": "x"}}, decimal=",")
    assert list(table.frame["total"]) == ["2,500"]
    assert "which may be a thousand times as much" in table.damaged[0].reason
