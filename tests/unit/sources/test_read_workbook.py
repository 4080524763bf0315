"""Workbooks: the expected texts are what a person sees in the sheet that openpyxl was told to write."""

import datetime
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from samples.hostile.structured import ods
from schemas.errors import DeclarationError, FileTooLarge, FormatDamaged, HeaderMismatch, SheetMissing
from sources.reader import RawTable, read
from sources.worksheet import column_letters

SPEC = {"format": "xlsx", "sheet": "Анкеты", "header_rows": [4, 5]}


def workbook(fill: Callable[[Any], None], *more: str) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Анкеты"
    for title in more:
        book.create_sheet(title)
    fill(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def questionnaires(sheet: Any) -> None:
    """Write two title rows, a header of two rows with a merged group, three rows, the second empty."""
    sheet["A1"] = "Опрос 2009"
    sheet.merge_cells("A1:D1")
    sheet["A2"] = "Казахстан"
    sheet["A4"], sheet["B4"], sheet["D4"], sheet["D5"] = "№ анкеты", "Трудовая эксплуатация", "Прочее", "дата"
    sheet["B5"], sheet["C5"] = "женщины", "мужчины"
    sheet.merge_cells("A4:A5")
    sheet.merge_cells("B4:C4")
    sheet.append(["007", 13, 12.5, datetime.date(2009, 9, 1)])
    sheet["A8"], sheet["B8"], sheet["D8"] = " KZ-8 ", "13,0", datetime.datetime(2009, 11, 30, 10, 5)


def table(fill: Callable[[Any], None] = questionnaires, **spec: object) -> RawTable:
    return read(workbook(fill), "KZ.xlsx", {**SPEC, **spec})


def rows(result: RawTable) -> list[list[object]]:
    frame = result.frame[list(result.columns)]
    return frame.astype(object).where(frame.notna(), None).values.tolist()


def filled(*lines: list[object]) -> Callable[[Any], None]:
    def fill(sheet: Any) -> None:
        for line in lines:
            sheet.append(line)

    return fill


def test_merged_group_headers_spread_over_their_columns() -> None:
    assert table().columns == (
        "№ анкеты",
        "Трудовая эксплуатация / женщины",
        "Трудовая эксплуатация / мужчины",
        "Прочее / дата",
    )


def test_values_arrive_as_a_person_sees_them() -> None:
    result = table()
    assert rows(result) == [
        ["007", "13", "12.5", "2009-09-01"],
        [" KZ-8 ", "13,0", None, "2009-11-30T10:05:00"],
    ]
    assert result.frame["source_row"].tolist() == [6, 8]
    assert [str(kind) for kind in result.frame.dtypes] == ["str"] * 4 + ["int64"]


def test_a_group_header_that_is_not_merged_stays_over_its_own_column() -> None:
    fill = filled(["группа", None], ["a", "b"], [1, 2])
    assert table(fill, header_rows=[1, 2]).columns == ("группа / a", "b")


def test_a_table_that_begins_inside_the_sheet() -> None:
    def fill(sheet: Any) -> None:
        sheet["C3"], sheet["C4"], sheet["D4"] = "группа", "a", "b"
        sheet.merge_cells("C3:D3")
        sheet["C5"], sheet["D6"] = "x", "y"

    result = table(fill, header_rows=[3, 4])
    assert result.columns == ("группа / a", "группа / b")
    assert rows(result) == [["x", None], [None, "y"]]
    assert result.frame["source_row"].tolist() == [5, 6]


def test_large_small_and_truth_values() -> None:
    fill = filled(["a", "b", "c", "d", "e"], [87_011_234_567, 1e22, 0.0001, True, datetime.time(9, 30)])
    assert rows(table(fill, header_rows=[1])) == [["87011234567", "1" + "0" * 22, "0.0001", "TRUE", "09:30:00"]]


def test_error_values_are_kept_as_their_text() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["a", "b"])
        sheet.append([1, "#N/A"])
        sheet["B2"].data_type = "e"

    assert rows(table(fill, header_rows=[1])) == [["1", "#N/A"]]


def test_a_formula_that_was_never_computed_sets_its_row_aside() -> None:
    result = table(filled(["a", "b"], [1, 2], [3, "=A2+B2"], [5, 6]), header_rows=[1])
    assert result.frame["source_row"].tolist() == [2, 4]
    assert [row.source_row for row in result.damaged] == [3]
    assert "formula in B3 has no stored value" in result.damaged[0].reason


def test_a_stray_note_beside_the_table_sets_its_row_aside() -> None:
    result = table(filled(["a", "b"], [1, 2], [3, 4], [5, 6, None, "проверить"], [7, 8]), header_rows=[1])
    assert result.frame["source_row"].tolist() == [2, 3, 5]
    assert result.damaged[0].source_row == 4
    assert result.damaged[0].reason == '"проверить" stands in column D, which has no name'
    assert result.damaged[0].text == "5\t6\t\tпроверить"


def test_a_filled_column_without_a_name_is_refused() -> None:
    with pytest.raises(HeaderMismatch, match="column C has no name, but 2 of 3 rows"):
        table(filled(["a", "b"], [1, 2, 3], [4, 5, 6], [7, 8]), header_rows=[1])


def test_rows_of_blanks_and_the_end_of_the_sheet_are_no_rows() -> None:
    def fill(sheet: Any) -> None:
        filled(["a"], ["x"])(sheet)
        sheet["A900"].number_format = "0.00"

    assert len(table(fill, header_rows=[1]).frame) == 1


def test_header_only_gives_an_empty_table() -> None:
    result = table(filled(["a", "b"]), header_rows=[1])
    assert result.columns == ("a", "b")
    assert len(result.frame) == 0


def test_a_missing_sheet_lists_the_sheets() -> None:
    raw = workbook(questionnaires, "Свод")
    with pytest.raises(SheetMissing, match=r'no sheet "Данные"; the workbook has "Анкеты", "Свод"') as caught:
        read(raw, "KZ.xlsx", {**SPEC, "sheet": "Данные"})
    assert caught.value.facts["sheets"] == ["Анкеты", "Свод"]
    with pytest.raises(SheetMissing, match="names no sheet"):
        read(raw, "KZ.xlsx", {"format": "xlsx"})


def test_the_only_sheet_needs_no_name() -> None:
    assert read(workbook(filled(["a"], ["x"])), "x.xlsx", {"format": "xlsx"}).columns == ("a",)


def test_duplicate_names_are_refused() -> None:
    with pytest.raises(HeaderMismatch, match='"a" stands over columns 1 and 2'):
        table(filled(["a", "a"], [1, 2]), header_rows=[1])


def test_header_rows_below_the_table_say_where_values_begin() -> None:
    with pytest.raises(HeaderMismatch, match=r"no header in rows \[9\]; its first rows with a value: 1, 2, 4, 5, 6"):
        table(header_rows=[9])


def test_an_empty_sheet_has_no_header() -> None:
    with pytest.raises(HeaderMismatch, match="first rows with a value: none"):
        table(filled(), header_rows=[1])


@pytest.mark.parametrize("header_rows", [[], [0], [5, 4], "4", 4, [True], ["4"]])
def test_wrong_header_rows_are_refused(header_rows: object) -> None:
    with pytest.raises(DeclarationError, match="header_rows"):
        table(header_rows=header_rows)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_workbook_is_damaged(share: float) -> None:
    raw = workbook(questionnaires)
    with pytest.raises(FormatDamaged, match="cut off") as caught:
        read(raw[: int(len(raw) * share)], "KZ.xlsx", SPEC)
    assert caught.value.where.file == "KZ.xlsx"


def changed(raw: bytes, part: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, content if name == part else source.read(name))
    return out.getvalue()


def test_a_zip_that_is_no_workbook_says_what_it_holds() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("фото.jpg", b"x")
    with pytest.raises(FormatDamaged, match=r"KZ.xlsx \(фото\.jpg\): the file is text"):
        read(out.getvalue(), "KZ.xlsx", SPEC)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
@pytest.mark.parametrize("content", [b"", b"<a", b"\x00\xff"])
def test_a_workbook_with_a_broken_part_is_damaged(part: str, content: bytes) -> None:
    with pytest.raises((FormatDamaged, SheetMissing, HeaderMismatch)):
        read(changed(workbook(questionnaires), part, content), "KZ.xlsx", SPEC)


def test_flipped_bytes_never_escape_as_foreign_errors() -> None:
    raw = workbook(questionnaires)
    for position in range(0, len(raw), 97):
        flipped = bytearray(raw)
        flipped[position] ^= 0xFF
        try:
            read(bytes(flipped), "KZ.xlsx", SPEC)
        except (FormatDamaged, SheetMissing, HeaderMismatch):
            continue


@pytest.mark.parametrize(("raw", "seen"), [(b"", "empty"), (b"a;b\n1;2\n", "text"), (b"\xd0\xcf\x11\xe0", "xls")])
def test_what_is_no_workbook_is_refused(raw: bytes, seen: str) -> None:
    with pytest.raises(FormatDamaged, match=seen):
        read(raw, "KZ.xlsx", SPEC)


def test_a_stray_value_at_the_end_of_the_sheet_does_not_exhaust_the_memory() -> None:
    def fill(sheet: Any) -> None:
        questionnaires(sheet)
        sheet["XFD1048576"] = "x"

    with pytest.raises(FileTooLarge, match="reaches to XFD1048576"):
        table(fill)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_source_may_have_its_own_limit_of_cells(kind: str) -> None:
    lines = [{"n": "1", "m": "2"}, {"n": "3", "m": "4"}]
    raw = ods(lines) if kind == "ods" else workbook(filled(["n", "m"], ["1", "2"], ["3", "4"]))
    spec = {"format": kind, "sheet": "S" if kind == "ods" else "Анкеты"}
    assert len(read(raw, f"KZ.{kind}", {**spec, "limits": {"sheet_cells": 6}}).frame) == 2
    with pytest.raises(FileTooLarge, match="6 cells") as caught:
        read(raw, f"KZ.{kind}", {**spec, "limits": {"sheet_cells": 5}})
    assert caught.value.facts == {"limit": "sheet_cells", "allowed": 5, "seen": 6}


def test_column_letters() -> None:
    # the letters a spreadsheet program shows; XFD is its last column, number 16,384
    assert [column_letters(column) for column in (0, 25, 26, 701, 702, 16_383)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "XFD",
    ]
