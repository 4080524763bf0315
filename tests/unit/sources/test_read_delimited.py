"""Text tables: the expected cells are the literals that were written into the bytes."""

import codecs
import time
from pathlib import Path

import pytest

from schemas.errors import (
    DeclarationError,
    DelimiterMismatch,
    EncodingMismatch,
    FormatDamaged,
    HeaderMismatch,
    SourceMissing,
)
from sources.encodings import SUPPORTED
from sources.reader import RawTable, read

HEADER = "номер анкеты;Область;кол-во родственников"


def csv_table(text: str, encoding: str = "utf-8", written: str | None = None, **spec: object) -> RawTable:
    raw = text.encode(written or encoding)
    return read(raw, "KG.csv", {"format": "csv", "encoding": encoding, "delimiter": ";", **spec})


def cells(table: RawTable) -> list[list[object]]:
    return table.frame[list(table.columns)].values.tolist()


def test_western_letters_are_read_as_latin_1() -> None:
    table = csv_table("welaýat;ýok\r\nMary;ä\r\n", "latin-1")
    assert table.frame["welaýat"].tolist() == ["Mary"]
    assert table.frame["ýok"].tolist() == ["ä"]


@pytest.mark.parametrize("encoding", [name for name in SUPPORTED if name != "latin-1"])
def test_cells_stay_exactly_as_written(encoding: str) -> None:
    table = csv_table(f"{HEADER}\r\n007; Чуйская ;13,0\r\n;;\r\n", encoding, decimal=",")
    assert table.columns == tuple(HEADER.split(";"))
    assert cells(table) == [["007", " Чуйская ", "13,0"], ["", "", ""]]
    assert table.frame["source_row"].tolist() == [2, 3]
    assert table.damaged == ()


def test_frame_holds_text_and_whole_row_numbers_only() -> None:
    frame = csv_table(f"{HEADER}\n1;a;2\n").frame
    assert [str(kind) for kind in frame.dtypes] == ["str", "str", "str", "int64"]
    assert list(frame.columns) == [*HEADER.split(";"), "source_row"]
    assert not frame.isna().any().any()


def test_kazakh_letters_need_a_kazakh_code_page() -> None:
    assert cells(csv_table("a;b\nҚызылорда;Өскемен\n", "kz1048")) == [["Қызылорда", "Өскемен"]]
    assert cells(csv_table("a;b\nҚызылорда;Өскемен\n", "ptcp154")) == [["Қызылорда", "Өскемен"]]


def test_aliases_of_an_encoding_are_accepted() -> None:
    assert cells(csv_table("a;b\nда;нет\n", "windows-1251")) == [["да", "нет"]]


def test_source_row_is_the_line_on_which_the_row_begins() -> None:
    table = csv_table('a;b\n1;"две\nстроки"\n\n2;x\n')
    assert cells(table) == [["1", "две\nстроки"], ["2", "x"]]
    assert table.frame["source_row"].tolist() == [2, 5]


def test_line_ends_inside_quotes_stay() -> None:
    assert cells(csv_table('a;b\r\n"x\r\ny";"p\rq"\r\n')) == [["x\r\ny", "p\rq"]]


def test_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert csv_table("\ufeffномер;b\n1;2\n", "utf-8").columns == ("номер", "b")


def test_tab_separated_is_the_default_of_tsv() -> None:
    table = read("a\tb\nда\t1,5\n".encode(), "x.tsv", {"format": "tsv"})
    assert cells(table) == [["да", "1,5"]]


def test_header_only_gives_an_empty_table_of_text() -> None:
    table = csv_table(HEADER)
    assert len(table.frame) == 0
    assert str(table.frame[table.columns[0]].dtype) == "str"


def test_ragged_rows_are_set_aside_with_their_text() -> None:
    table = csv_table("a;b;c\n1;2;3\n4;5\n6;7;8;9\n10;11;12\n")
    assert table.frame["source_row"].tolist() == [2, 5]
    assert [(row.source_row, row.text) for row in table.damaged] == [(3, "4;5"), (4, "6;7;8;9")]
    assert table.damaged[0].reason == "it has 2 cells, the header has 3"


def test_a_stray_quotation_mark_costs_one_row_only() -> None:
    table = csv_table('a;b;c\n1;"Алматы;x\n2;Астана;y\n3;Ош;z\n')
    assert [(row.source_row, row.text) for row in table.damaged] == [(2, '1;"Алматы;x')]
    assert table.damaged[0].reason == "a quotation mark is opened and not closed"
    assert cells(table) == [["2", "Астана", "y"], ["3", "Ош", "z"]]
    assert table.frame["source_row"].tolist() == [3, 4]


def test_two_stray_quotation_marks_do_not_swallow_the_rows_between() -> None:
    table = csv_table('a;b;c\n1;"Алматы;x\n2;Астана;y\n3;"Ош;z\n4;Нарын;w\n')
    assert [row.source_row for row in table.damaged] == [2, 4]
    assert table.frame["source_row"].tolist() == [3, 5]


def test_text_behind_a_closing_quotation_mark_is_not_lost_in_silence() -> None:
    table = csv_table('a;b\n"село "Ак-Суу"";2\n3;4\n')
    assert [(row.source_row, row.text) for row in table.damaged] == [(2, '"село "Ак-Суу"";2')]
    assert cells(table) == [["3", "4"]]


def test_marks_that_stay_open_in_every_row_refuse_the_file_before_it_is_read_a_hundred_times() -> None:
    rows = 4_000  # each would swallow all that follow it: 14 million characters for 28,000
    with pytest.raises(FormatDamaged, match="opened and not closed in so many rows") as caught:
        csv_table("a;b;c\n1;2;3\n" + 'x""";"\n' * rows)
    assert caught.value.where.row is not None
    assert caught.value.where.row < rows / 4
    fewer = csv_table("a;b;c\n1;2;3\n" + 'x""";"\n' * 500)
    assert (len(fewer.frame), len(fewer.damaged)) == (1, 500)


def test_rows_are_neither_lost_nor_doubled_whatever_is_damaged() -> None:
    text = 'a;b\n1;2\n3\n"4;5\n6;7;8\n9;10\n"x""y;11\n12;13\n'
    table = csv_table(text)
    numbers = sorted([*table.frame["source_row"], *(row.source_row for row in table.damaged)])
    assert numbers == [2, 3, 4, 5, 6, 7, 8]


def test_ctrl_z_of_dos_programs_is_no_row() -> None:
    table = csv_table("a;b\r\n1;да\r\n\x1a", "cp866")
    assert len(table.frame) == 1
    assert table.damaged == ()


def test_blank_trailing_columns_without_a_name_are_left_out() -> None:
    assert csv_table("a;b;;\n1;2;;\n").columns == ("a", "b")


def test_filled_column_without_a_name_is_refused() -> None:
    with pytest.raises(HeaderMismatch, match="column 3 has no name but has content, first in row 3"):
        csv_table("a;b;\n1;2;\n3;4;x\n")


def test_duplicate_names_are_refused() -> None:
    with pytest.raises(HeaderMismatch, match='"a" stands over columns 1 and 3') as caught:
        csv_table("a;b;a\n1;2;3\n")
    assert caught.value.where.row == 1


def test_a_column_may_not_take_the_name_of_the_row_numbers() -> None:
    with pytest.raises(HeaderMismatch, match="source_row"):
        csv_table("source_row;b\n1;2\n")


def test_utf8_bytes_declared_as_cp1251_are_refused() -> None:
    with pytest.raises(EncodingMismatch, match="the bytes are UTF-8") as caught:
        csv_table("id;Область\n1;да\n", "cp1251", written="utf-8")
    error = caught.value
    assert error.facts == {"declared": "cp1251", "byte_offset": 3, "would_work": ["utf-8"]}
    assert (error.where.row, error.where.column) == (1, "Область")


def test_utf8_with_a_broken_character_is_still_no_cp1251() -> None:
    raw = ("a;b\n" + "Бишкек;да\n" * 20).encode() + b"\xff;x\n"
    with pytest.raises(EncodingMismatch):
        read(raw, "KG.csv", {"format": "csv", "encoding": "cp1251", "delimiter": ";"})


def test_utf8_signature_declared_as_cp1251_is_refused_even_in_plain_ascii() -> None:
    with pytest.raises(EncodingMismatch) as caught:
        csv_table("a;b\n1;2\n", "cp1251", written="utf-8-sig")
    assert caught.value.facts["would_work"] == ["utf-8-sig"]


def test_cp1251_bytes_declared_as_utf8_name_row_column_and_offset() -> None:
    text = "id;Область\n1;Чуй\n".replace("Область", "oblast")
    with pytest.raises(EncodingMismatch) as caught:
        csv_table(text, "utf-8", written="cp1251")
    error = caught.value
    # "id;oblast\n1;" is 12 ASCII bytes; "Ч" is 0xD7 in cp1251
    assert error.facts["byte_offset"] == 12
    assert "byte 0xD7 at offset 12 is not utf-8" in str(error)
    assert (error.where.row, error.where.column) == (2, "oblast")


@pytest.mark.parametrize("written", ["cp1251", "koi8-r", "cp866"])
def test_the_right_code_page_is_suggested_first(written: str) -> None:
    text = "номер;область\n" + "17;Северо-Казахстанская область, село Новоишимское\n" * 5
    with pytest.raises(EncodingMismatch) as caught:
        csv_table(text, "utf-8", written=written)
    assert caught.value.facts["would_work"][0] == written
    assert f"`encoding: {written}`" in str(caught.value)


def test_kazakh_text_suggests_a_kazakh_code_page() -> None:
    text = "номер;облыс\n" + "17;Қызылорда облысы, Жаңақорған ауданы, Түмен өңірі\n" * 5
    with pytest.raises(EncodingMismatch) as caught:
        csv_table(text, "utf-8", written="kz1048")
    assert caught.value.facts["would_work"][0] == "kz1048"


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, b""])
def test_utf16_bytes_declared_as_something_else_are_refused(mark: bytes) -> None:
    raw = mark + "номер;область\n1;Чуй\n2;Ош\n".encode("utf-16-le")
    with pytest.raises(EncodingMismatch) as caught:
        read(raw, "x.csv", {"format": "csv", "encoding": "cp1251", "delimiter": ";"})
    assert caught.value.facts["would_work"] == ["utf-16" if mark else "utf-16-le"]


def test_other_bytes_declared_as_utf16_are_refused() -> None:
    with pytest.raises(EncodingMismatch, match="not UTF-16"):
        csv_table("номер;область\n1;Чуй\n", "utf-16", written="cp1251")


def test_byte_offset_counts_the_byte_order_mark() -> None:
    with pytest.raises(EncodingMismatch) as caught:
        read(
            codecs.BOM_UTF8 + b"a;b\n1;\xff\n",
            "x.csv",
            {"format": "csv", "encoding": "utf-8", "delimiter": ";"},
        )
    assert caught.value.facts["byte_offset"] == 9  # 3 of the mark, "a;b\n1;" is 6


@pytest.mark.parametrize("actual", [",", "\t", "|"])
def test_wrong_delimiter_is_named(actual: str) -> None:
    with pytest.raises(DelimiterMismatch) as caught:
        csv_table(actual.join("abc") + "\n" + actual.join("123") + "\n")
    assert caught.value.facts == {"declared": ";", "would_work": actual}


def test_wrong_delimiter_is_found_behind_commas_in_the_header() -> None:
    text = "возраст, лет;да, нет;c\n1;2;3\n4;5;6\n"
    with pytest.raises(DelimiterMismatch) as caught:
        read(text.encode(), "x.csv", {"format": "csv", "delimiter": ","})
    assert caught.value.facts["would_work"] == ";"


def test_a_single_column_is_a_table() -> None:
    assert cells(csv_table("номер\n1\n2\n")) == [["1"], ["2"]]


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        (b"", "empty"),
        (b"\n\r\n\n", "no line with text"),
        (b"PK\x03\x04zip", "xlsx"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
        (b"\x1f\x8b\x08", "gzip"),
    ],
)
def test_what_is_no_text_table_is_refused(raw: bytes, seen: str) -> None:
    with pytest.raises(FormatDamaged, match=seen):
        read(raw, "x.csv", {"format": "csv"})


def test_a_header_that_cannot_be_cut_is_refused() -> None:
    with pytest.raises(HeaderMismatch, match="header cannot be cut"):
        csv_table('"a;b\n1;2\n')


@pytest.mark.parametrize(
    ("spec", "seen"),
    [
        ({}, "names no format"),
        ({"format": "numbers"}, '"numbers" is not known'),
        ({"format": "csv", "encodin": "cp1251"}, '"encodin" is not known'),
        ({"format": "csv", "sheet": "A"}, '"sheet" is not known'),
        ({"format": "csv", "encoding": "cp9999"}, '"cp9999" is not known'),
        ({"format": "csv", "encoding": "base64"}, '"base64" is not known'),
        ({"format": "csv", "delimiter": ";;"}, "cannot separate"),
        ({"format": "csv", "decimal": "'"}, "decimal"),
    ],
)
def test_wrong_reader_specs_are_refused(spec: dict[str, object], seen: str) -> None:
    with pytest.raises(DeclarationError, match=seen):
        read(b"a,b\n1,2\n", "x.csv", spec)


def test_unknown_keys_name_the_allowed_ones() -> None:
    with pytest.raises(DeclarationError, match="one of: format, encoding, delimiter, decimal"):
        read(b"a\n", "x.csv", {"format": "csv", "encodin": "cp1251"})


def test_a_path_is_read_like_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "Кыргызстан 2009.csv"
    path.write_bytes(f"{HEADER}\n1;Ош;7\n".encode("cp1251"))
    spec = {"format": "csv", "encoding": "cp1251", "delimiter": ";"}
    assert read(path, path.name, spec).frame.equals(read(path.read_bytes(), path.name, spec).frame)
    with pytest.raises(SourceMissing):
        read(tmp_path / "none.csv", "none.csv", spec)


def test_long_files_are_read_in_blocks_with_continuous_rows() -> None:
    text = "a;b\n" + "".join(f"{n};да\n" for n in range(120_000))
    started = time.perf_counter()
    table = csv_table(text)
    assert table.frame["source_row"].tolist() == list(range(2, 120_002))
    assert table.frame["a"].iloc[[0, 50_000, 119_999]].tolist() == ["0", "50000", "119999"]
    assert time.perf_counter() - started < 5
