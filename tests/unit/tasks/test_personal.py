"""What `withhold` leaves of a table, and what a reader's error may still say."""

from __future__ import annotations

from typing import Any

import pytest

from samples.hostile import workbook_parts
from schemas.declaration import Source
from schemas.errors import EncodingMismatch, FormatDamaged, HeaderMismatch, SheetMissing
from schemas.personal import NOT_KEPT
from schemas.pseudonyms import PseudonymKey
from sources import text
from sources.reader import read
from sources.table import DamagedRow, RawTable, text_frame
from tasks import personal

KEY = PseudonymKey.read("0f" * 32)
COLUMNS = ("анкета", "ФИО", "тел", "прим", "new")
ROWS: list[list[str | None]] = [["A-1", "Айгуль", "0555 123456", "просила", "x"], ["", " ", "-", None, "y"]]


def source(**keys: Any) -> Source:
    given = {
        "country": "KG",
        "path": "raw/KG.csv",
        "reader": {"format": "csv"},
        "columns": {"questionnaire_id": "анкета"},
        "ignore": ["прим"],
        "missing": ["", "-"],
        "personal": {"ФИО": "drop", "тел": {"action": "pseudonym", "normalise": "phone"}},
    }
    return Source.model_validate({**given, **keys})


def table(**fields: Any) -> RawTable:
    return RawTable(text_frame(COLUMNS, ROWS, [2, 3]), COLUMNS, "KG.csv", **fields)


def cells(found: RawTable, header: str) -> list[Any]:
    return [cell if isinstance(cell, str) else None for cell in found.frame[header]]


def test_only_what_is_counted_and_pseudonyms_remain() -> None:
    found = personal.withhold(table(), source(), "s", lambda: KEY)
    # the columns stay, so that deliveries can be compared; of dropped and ignored ones the cells are gone,
    # of undeclared ones it is known whether they were filled
    assert found.columns == COLUMNS
    assert [cells(found, header) for header in ("ФИО", "прим")] == [[None, None]] * 2
    assert cells(found, "new") == ["(not kept)", "(not kept)"]
    assert cells(found, "анкета") == ["A-1", ""]
    pseudonym = KEY.replacing("s", "тел", source().personal["тел"], "KG")
    assert cells(found, "тел") == [pseudonym("+996555123456"), "-"]  # what means "no answer" stays what it is
    assert found.frame["source_row"].tolist() == [2, 3]


def test_the_table_that_was_read_is_left_as_it_is() -> None:
    read = table()
    personal.withhold(read, source(), "s", lambda: KEY)
    assert cells(read, "ФИО") == ["Айгуль", " "]


def test_a_mapped_column_has_the_pseudonyms_of_its_name_in_the_instrument() -> None:
    declared = source(personal={"анкета": "pseudonym"})
    other = RawTable(text_frame(("номер", "z"), [["a-1", ""]], [2]), ("номер", "z"), "KG2.csv")
    renamed = source(columns={"questionnaire_id": "номер"}, personal={"номер": "pseudonym"})
    one = cells(personal.withhold(table(), declared, "s", lambda: KEY), "анкета")
    two = cells(personal.withhold(other, renamed, "s", lambda: KEY), "номер")
    assert one == [two[0], ""]


def test_no_key_is_asked_for_when_no_pseudonym_is_made() -> None:
    def nobody() -> PseudonymKey:
        raise AssertionError("asked for")

    personal.withhold(table(), source(personal={"ФИО": "drop"}), "s", nobody)


def test_damaged_rows_and_labels_keep_no_text() -> None:
    damaged = (DamagedRow(7, 'Айгуль;"0555', '"Айгуль "A"" stands in column AH, which has no name'),)
    found = personal.withhold(table(damaged=damaged, labels={"ФИО": "Айгуль?"}), source(), "s", lambda: KEY)
    assert found.damaged == (DamagedRow(7, NOT_KEPT, "(not shown) stands in column AH, which has no name"),)
    assert found.labels == {}
    kept = personal.withhold(table(damaged=damaged), source(personal={}), "s", lambda: KEY)
    assert kept.damaged == damaged  # nobody said that anything in it is about persons


def test_a_header_row_that_is_no_header_is_not_quoted() -> None:
    declared = source(columns={"questionnaire_id": "анкета", "ngo": "нпо", "interviewer": "интервьюер"})
    answers = ("A-1", "Айгуль", "0555 123456")
    swapped = RawTable(text_frame(answers, [["A-2", "Бермет", "1"]], [2]), answers, "KG.csv")
    with pytest.raises(HeaderMismatch) as caught:
        personal.withhold(swapped, declared, "s", lambda: KEY)
    assert "of the 3 headers under `columns:` it has 0" in str(caught.value)
    assert not [text for text in answers if text in str(caught.value)]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ('the name "ФИО" stands twice', 'the name "ФИО" stands twice'),
        ('no row is cut at ";"', 'no row is cut at ";"'),
        ('the name "Айгуль" stands twice', "the name (not shown) stands twice"),
        ('it says "a "Айгуль" b" in "ФИО" there', "it says (not shown) there"),
        ('it says "Айгуль', "it says (not shown)"),
        ('it says ";" Айгуль ";" there', "it says (not shown) there"),
        ("nothing is quoted", "nothing is quoted"),
    ],
)
def test_an_error_quotes_declared_texts_only(what: str, expected: str) -> None:
    error = EncodingMismatch(
        what, file="KG.csv", row=3, column="Айгуль", facts={"would_work": ["cp1251"], "duplicated": ["Айгуль"]}
    )
    told = personal.discreet(error, source())
    assert told.what == expected
    assert (told.where.row, told.where.column) == (3, personal.NOT_SHOWN)
    assert told.facts == {"would_work": ["cp1251"]}
    assert told.code == error.code
    assert personal.discreet(error, source(personal={})) is error


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A3" t="e"><v>Айгуль</v></c>',
        '<c r="A3" t="b"><v>Айгуль</v></c>',
        '<c r="A3" t="Айгуль"><v>1</v></c>',
        '<c r="Айгуль"><v>1</v></c>',
        '<c r="A3" t="n"><v>a " Айгуль " b</v></c>',
        '<c r="A3" t="e"><v>" Айгуль "</v></c>',
    ],
)
def test_what_a_library_says_of_a_cell_is_not_shown(cell: str) -> None:
    sheet = workbook_parts.sheet(workbook_parts.rows_of([{"ФИО": "x"}]) + f'<row r="3">{cell}</row>')
    raw = workbook_parts.packed(workbook_parts.parts([{"ФИО": "x"}], sheet=sheet))
    with pytest.raises(FormatDamaged) as caught:
        read(raw, "KG.xlsx", {"format": "xlsx"})
    told = personal.discreet(caught.value, source())
    assert "Айгуль" not in f"{told} {told.as_record()}"


@pytest.mark.parametrize("words", ["Айгуль", '"Айгуль"', '";" Айгуль ";"', 'a " Айгуль', "ФИО\nАйгуль"])
def test_words_of_a_library_never_pass_for_declared_texts(words: str) -> None:
    error = FormatDamaged(f'"ФИО" cannot be read ({text.said(ValueError(words))}) to its end', file="KG.sav")
    assert "Айгуль" not in str(personal.discreet(error, source(reader={"format": "csv", "delimiter": ";"})))


def test_names_of_sheets_are_shown() -> None:
    raw = workbook_parts.packed(workbook_parts.parts([{"ФИО": "x"}]))
    with pytest.raises(SheetMissing) as caught:
        read(raw, "KG.xlsx", {"format": "xlsx", "sheet": "Анкеты"})
    told = personal.discreet(caught.value, source())
    assert 'no sheet "Анкеты"; the workbook has "S"' in told.what
