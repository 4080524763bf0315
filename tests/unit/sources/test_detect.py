"""How a file is read, when nobody says: the expected answer is how the test wrote it."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import Workbook

from schemas.errors import DeclarationError
from sources import delimiter_guess, encoding_guess, sheet_guess
from sources.detect import detect

RUSSIAN = (
    "анкета;страна;область;район;населённый пункт;тип\nKG-1;Кыргызстан;Баткенская;район 1;село 2;село;нет;да\n"
    "KG-2;Кыргызстан;Чуйская;район 3;город 1;город;да;да\n"
)
KAZAKH = "сауалнама;ел;облыс\n1;Қазақстан;Ақтөбе облысы\n2;Қазақстан;Маңғыстау облысы\n3;Қазақстан;Түркістан облысы\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r", "cp866"])
def test_russian_shows_its_encoding(encoding: str) -> None:
    found = encoding_guess.guess(RUSSIAN.encode(encoding))
    assert (found.value, found.sure) == (encoding, True)


@pytest.mark.parametrize("encoding", ["ptcp154", "kz1048"])
def test_russian_that_reads_alike_in_several_code_pages_is_given_the_commonest(encoding: str) -> None:
    assert RUSSIAN.encode(encoding).decode("cp1251") == RUSSIAN  # so the choice makes no difference
    assert encoding_guess.guess(RUSSIAN.encode(encoding)).value == "cp1251"


@pytest.mark.parametrize("encoding", ["ptcp154", "kz1048", "utf-8"])
def test_kazakh_letters_tell_the_code_pages_apart(encoding: str) -> None:
    assert encoding_guess.guess(KAZAKH.encode(encoding)).value == encoding


def test_western_letters_are_latin_1() -> None:
    found = encoding_guess.guess("welaýat;ýok;hawa;şäher".replace("ş", "s").encode("latin-1"))
    assert found.value == "latin-1"


def test_plain_ascii_is_utf_8_and_reads_so_either_way() -> None:
    assert encoding_guess.guess(b"id;relatives\n1;5\n").mark == "sure, 1.00: plain ASCII"


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r"])
def test_capitals_of_a_few_words_are_not_called_sure(encoding: str) -> None:
    found = encoding_guess.guess("ДА;НЕТ".encode(encoding))
    assert not found.sure  # four letters: another reading is as likely
    assert found.note


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_a_delimiter_is_what_cuts_all_rows_alike(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (("id", "note", "n"), ("1", '"a;b,c"', "2"), ("2", "d", "3")))
    assert (delimiter_guess.guess(text).value, delimiter_guess.guess(text).sure) == (delimiter, True)


def test_two_delimiters_that_both_cut_a_table_are_marked() -> None:
    found = delimiter_guess.guess("a,b;c\n1,2;3\n4,5;6\n")
    assert not found.sure
    assert "2 columns" in found.note


def test_no_delimiter_at_all_is_marked() -> None:
    assert not delimiter_guess.guess("one\ntwo\n").sure


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ([["13,0", "5,0", ""]], (",", True)),
        ([["13.0", "5.5"]], None),
        ([["13", "5"]], None),
        ([["13,0", "5,0"], ["1.5", "2.5"]], (",", False)),
        ([["1,5 of them", "many", "few"]], None),
        ([["01.09.2009", "02.09.2009"]], None),
    ],
)
def test_the_decimal_mark(columns: list[list[str]], expected: tuple[str, bool] | None) -> None:
    found = delimiter_guess.decimal(columns)
    assert (found and (found.value, found.sure)) == expected


def workbook(rows: list[list[object]], *merged: str, more: dict[str, list[list[object]]] | None = None) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Data"
    for name, content in {"Data": rows, **(more or {})}.items():
        target = sheet if name == "Data" else book.create_sheet(name)
        for row in content:
            target.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


DATA: list[list[object]] = [["a", 1, 2, date(2012, 9, 1)], ["b", 3, 4, date(2012, 9, 2)]]


@pytest.mark.parametrize(
    ("above", "merged", "header"),
    [
        ([["id", "x", "y", "day"]], [], [1]),
        ([["A title"], [None], ["id", "x", "y", "day"]], [], [3]),
        ([["id", "women", None, "day"], [None, "3 years", "earlier", None]], ["B1:C1", "A1:A2", "D1:D2"], [1, 2]),
        ([["id", "women", None, "day"], [None, "3 years", "earlier", None]], [], [1, 2]),
        ([["A title", None, None, None], ["id", "x", "y", "day"]], ["A1:D1"], [2]),
    ],
    ids=["first row", "below a title", "two rows, merged", "two rows, not merged", "below a merged title"],
)
def test_header_rows_of_a_sheet(above: list[list[object]], merged: list[str], header: list[int]) -> None:
    sheet, rows = sheet_guess.guess(workbook([*above, *DATA], *merged), "x.xlsx")
    assert (sheet.value, rows.value, rows.sure) == ("Data", header, True)


def test_a_sheet_of_texts_alone_has_its_header_in_the_first_full_row() -> None:
    raw = workbook([["A title"], ["id", "answer", "place"], ["a", "yes", "x"], ["b", "no", "y"]])
    assert sheet_guess.guess(raw, "x.xlsx")[1].value == [2]


def test_the_fullest_sheet_is_taken_and_a_rival_named() -> None:
    raw = workbook([["id", "x", "y", "day"], *DATA], more={"Notes": [["see"]], "Old": [["id", "x"], *DATA]})
    sheet, _ = sheet_guess.guess(raw, "x.xlsx")
    assert (sheet.value, sheet.sure, sheet.note) == ("Data", False, 'as full: "Old"')


def test_a_file_is_read_as_it_was_found_to_be() -> None:
    found = detect("анкета;область;длит\n1;Чуйская;20,5\n2;Таласская;19,5\n".encode("cp1251"), "x.csv")
    assert found.spec == {"format": "csv", "encoding": "cp1251", "delimiter": ";", "decimal": ","}
    assert found.table.frame["область"].tolist() == ["Чуйская", "Таласская"]


def test_a_format_without_a_reader_is_refused_by_name() -> None:
    with pytest.raises(DeclarationError, match="PDF"):
        detect(b"%PDF-1.7 ...", "x.pdf")


def test_signs_that_end_lines_elsewhere_do_not_end_a_line_of_json() -> None:
    raw = '{"a":"x\u2028y"}\n{"a":"z\x85w"}\n{"a":"\x1c"}\n'.replace("\x1c", "\\u001c").encode()
    assert detect(raw, "d").spec == {"format": "jsonl"}


def test_a_text_that_nothing_cuts_is_not_surely_a_table() -> None:
    found = detect(b"one line of text\nand another, longer\n", "d").reader["format"]
    assert (found.value, found.sure, found.confidence) == ("csv", False, 0.0)
    assert "nothing cuts" in found.note
