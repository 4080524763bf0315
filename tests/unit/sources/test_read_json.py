"""JSON: what the golden files do not show; the expected cells are those of the text in each test."""

from __future__ import annotations

import pytest

from schemas.errors import DeclarationError, EncodingMismatch, FileTooLarge, FormatDamaged, HeaderMismatch
from sources.reader import RawTable, read


def lines(text: str | bytes, **spec: object) -> RawTable:
    return read(text if isinstance(text, bytes) else text.encode(), "s.jsonl", {"format": "jsonl", **spec})


def document(text: str, **spec: object) -> RawTable:
    return read(text.encode(), "s.json", {"format": "json", **spec})


def test_a_question_that_nobody_answered_is_a_column_when_it_is_declared() -> None:
    table = lines('{"b": 1}\n', fields=["a", "b", "c/d"])
    assert table.columns == ("b", "a", "c/d")
    assert table.frame[["a", "c/d"]].isna().all(axis=None)
    with pytest.raises(DeclarationError, match="no list of names"):
        lines('{"b": 1}\n', fields="a")


@pytest.mark.parametrize("number", ["-0", "1E400", "0.10", "1e-7", "123456789012345678901234567890", "NaN"])
def test_a_number_is_the_text_that_the_file_has(number: str) -> None:
    assert list(lines(f'{{"n": {number}, "l": [{number}]}}').frame["n"]) == [number]
    assert list(lines(f'{{"l": [{number}, {number}]}}').frame["l"]) == [f"{number} {number}"]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ('["a", "b"]', "a b"),
        ("[]", ""),
        ("[null, null]", ""),
        ("[1, true]", "1 TRUE"),
        ('["a b"]', '["a b"]'),
        ('[""]', '[""]'),
        ("[1, null]", "[1,null]"),
        ('[[1, 2], {"x": 0.50}]', '[[1,2],{"x":0.50}]'),
        ('"\\u0000"', "\0"),
    ],
)
def test_a_list_is_codes_with_spaces_or_stays_json(value: str, cell: str) -> None:
    assert list(lines(f'{{"x": {value}}}').frame["x"]) == [cell]


def test_an_empty_object_has_no_column() -> None:
    assert lines('{"a": {}, "b": 1}').columns == ("b",)


@pytest.mark.parametrize("line", ["[" * 100_000, '{"a":' * 100_000, '{"a":' * 33 + "1" + "}" * 33])
def test_nesting_without_end_damages_the_line_and_not_the_reader(line: str) -> None:
    table = lines(f'{line}\n{{"a": 1}}\n')
    assert [row.source_row for row in table.damaged] == [1]
    assert list(table.frame["source_row"]) == [2]


def test_limits_hold() -> None:
    with pytest.raises(FileTooLarge) as caught:
        lines('{"a": "' + "x" * 200 + '"}', limits={"line_bytes": 100})
    assert caught.value.facts["limit"] == "line_bytes"
    with pytest.raises(FileTooLarge, match="columns"):
        lines("{" + ", ".join(f'"c{number}": 1' for number in range(11)) + "}", limits={"columns": 10})
    with pytest.raises(FileTooLarge) as caught:
        lines('{"a": "' + "я" * 60 + '"}', limits={"cell_bytes": 100})
    assert (caught.value.facts["limit"], caught.value.where.column) == ("cell_bytes", "a")
    with pytest.raises(FileTooLarge) as caught:
        document("[" + '{"a": 1},' * 50 + '{"a": 1}]', limits={"whole_bytes": 100})
    assert caught.value.facts["limit"] == "whole_bytes"


@pytest.mark.parametrize("encoding", ["cp1251", "utf-16", "utf-16-le"])
def test_another_encoding_is_refused_with_its_place(encoding: str) -> None:
    with pytest.raises(EncodingMismatch) as caught:
        lines('{"область": "Ош"}\n{"область": "Чуй"}\n'.encode(encoding))
    assert caught.value.where.row == 1
    with pytest.raises(EncodingMismatch):
        read('[{"область": "Ош"}]'.encode(encoding), "s.json", {"format": "json"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1, 2", "is expected"),
        ('[{"a": 1}] x', "something stands behind its end"),
        ('{"results": []}', "one object and no list"),
        ("[" * 100_000, "nested deeper"),
        ('[{"a": }]', "Expecting value"),
        ("7", '"[" is expected'),
    ],
)
def test_a_document_that_is_no_list_is_refused(text: str, said: str) -> None:
    with pytest.raises(FormatDamaged, match=said.replace("[", r"\[")):
        document(text)


def test_the_list_must_be_where_records_says() -> None:
    assert list(document('{"n": 2, "value": [{"a": 1}], "x": {"value": 3}}', records="value").frame["a"]) == ["1"]
    with pytest.raises(FormatDamaged, match='no "results"'):
        document('{"value": [{"a": 1}]}', records="results")
    with pytest.raises(FormatDamaged, match="value"):
        document('{"value": [{"a": 1}]}')
    with pytest.raises(DeclarationError):
        document("[]", records=["results"])


def test_nameless_and_forbidden_names_are_refused() -> None:
    with pytest.raises(HeaderMismatch, match="no name"):
        lines('{"": 1}')
    with pytest.raises(HeaderMismatch, match="source_row"):
        lines('{"source_row": 1}')


def test_a_file_of_blank_lines_is_refused() -> None:
    with pytest.raises(FormatDamaged, match="no line with text"):
        lines("\n \n")


def test_lists_are_named_in_quotes_and_not_without_end() -> None:
    many = "{" + ", ".join(f'"{number} {"x" * 100}": []' for number in range(200_000)) + "}"
    for options in ({}, {"records": "rows"}):
        with pytest.raises(FormatDamaged) as caught:
            document(many, **options)
        assert len(str(caught.value)) < 600
        assert f'"0 {"x" * 38}", ' in str(caught.value)
        assert "and 199,995 more" in str(caught.value)


def test_a_wrong_name_of_the_list_is_told_with_those_there_are() -> None:
    with pytest.raises(FormatDamaged, match='no "rows"; the lists it has: "results"') as caught:
        document('{"count": 2, "results": [{"a": 1}]}', records="rows")
    assert "Set `records`" in str(caught.value)
    with pytest.raises(FormatDamaged, match='the lists it has: "a\'b"'):
        document('{"a\\"b": []}', records="rows")
