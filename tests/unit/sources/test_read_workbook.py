"""Workbooks: the expected texts are what a person sees in the sheet that openpyxl was told to write."""

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from samples.hostile import workbook_parts
from samples.hostile.structured import ods
from schemas.errors import DeclarationError, FileTooLarge, FormatDamaged, HeaderMismatch, SheetMissing
from sources import plain_sheet, sheet_cells
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


FIRST = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>'
KEPT = '<row r="3"><c r="A3"><v>3</v></c><c r="B3"><v>4</v></c></row>'
PREFIX = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
CELL = '<row r="2"><c r="A2"><v>1</v></c>%s</row>'


def of_rows(second: str, third: str = KEPT, change: Callable[[bytes], bytes] = lambda xml: xml) -> bytes:
    xml = workbook_parts.sheet(FIRST + second + third)
    return workbook_parts.packed(workbook_parts.parts([{"a": "1"}], sheet=change(xml)))


def of_sheet(raw: bytes) -> RawTable:
    return read(raw, "KZ.xlsx", {"format": "xlsx", "sheet": "S"})


def prefixed(xml: bytes) -> bytes:
    return re.sub(rb"<(/?)(worksheet|sheetData|row|c|v|f)(?=[\s/>])", rb"<\1x:\2", xml).replace(b"xmlns=", b"xmlns:x=")


@pytest.mark.parametrize(
    "second",
    [
        CELL % '<c r="B2"><f>1+1</f></c>',
        CELL % "<c r='B2'><f>1+1</f></c>",
        CELL % '<c\nr="B2"><f>1+1</f></c>',
        CELL % '<c r="b2"><f>1+1</f></c>',
        CELL % '<c s="0" r="B2"><f>1+1</f></c>',
        CELL % '<c r="B2"><!-- x --><f>1+1</f></c>',
        CELL % '<c r="B2"><f>1+1</f ></c>',
        CELL % '<c r="B2"><f><![CDATA[1+1]]></f></c>',
        CELL % '<c r="B2"><f t="shared" si="0"/></c>',
        CELL % '<c r="B2"><f>1+1</f><v/></c>',
        CELL % '<c r="B2"><f>1+1</f><v> </v></c>',
        CELL % '<c r="B2" t="str"><f>1+1</f></c>',
        CELL % f'<x:c {PREFIX} r="B2"><x:f>1+1</x:f></x:c>',
        "<row><c><v>1</v></c><c><f>1+1</f></c></row>",
        '<row r="2"><c/><c><f>1+1</f></c></row>',
        "<row r='2'><c r='A2'/><c><f>1+1</f></c></row>",
    ],
)
def test_a_formula_without_a_value_is_found_however_its_cell_is_written(second: str) -> None:
    result = of_sheet(of_rows(second))
    assert rows(result) == [["3", "4"]]
    assert [(row.source_row, "formula in B2 has no stored value" in row.reason) for row in result.damaged] == [
        (2, True)
    ]


@pytest.mark.parametrize("change", [lambda xml: xml, prefixed])
@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B2" t="e"><v>#N/A</v></c>',
        '<c t="e" r="B2"><v>#N/A</v></c>',
        "<c r='B2' t = 'e'><f>1/0</f><v>#N/A</v></c>",
        '<c\tt="e"><v\n>#N/A</v></c>',
    ],
)
def test_an_error_is_found_however_its_cell_is_written(cell: str, change: Callable[[bytes], bytes]) -> None:
    assert rows(of_sheet(of_rows(CELL % cell, change=change))) == [["1", "#N/A"], ["3", "4"]]


@pytest.mark.parametrize(
    "second",
    [
        CELL % '<c r="B2"><v>1<!-- x -->2</v></c>',
        CELL % '<c r="B2"><v>1&#50;</v></c>',
        CELL % '<c r="B2"><v><![CDATA[12]]></v></c>',
        CELL % '<c r="B2" t="str"><v><![CDATA[12]]></v></c>',
        CELL % '<c r="B2"><v>1</v><v>2</v></c>',
        CELL % '<c r="B2"><v>1</v><f>1+1</f></c>',
        CELL % '<c r="B2" t="inlineStr"><is><t>q</t></is><v>5</v></c>',
        CELL % '<c r="B2" t="inlineStr"><v>5</v></c>',
        CELL % '<c r="B2"><v>1</v></c><c r="B2"><v>2</v></c>',
        CELL % '<c r="B0"><v>1</v></c>',
        '<row r="x"><c><v>1</v></c></row>',
        CELL % '<c r="B2"><v>1</v></c>' + "</sheetData><sheetData>",
        CELL % "<!DOCTYPE x>",
    ],
)
def test_what_programs_read_differently_is_refused(second: str) -> None:
    with pytest.raises(FormatDamaged):
        of_sheet(of_rows(second))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "windows-1251"])
def test_a_sheet_that_is_not_in_utf_8_is_refused(encoding: str) -> None:
    def change(xml: bytes) -> bytes:
        return xml.decode().replace('"1.0"?', f'"1.0" encoding="{encoding}"?').encode(encoding)

    with pytest.raises(FormatDamaged, match=r"sheet1\.xml.* is not in UTF-8"):
        of_sheet(of_rows(CELL % "", change=change))


@pytest.mark.parametrize(
    "far",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1048576'><c><v>1</v></c></row>",
        '<row r="1048575"/><row><c t="str"><v/></c></row>',
        f'<x:row {PREFIX}><x:c r="xfd1048576"><x:v>1</x:v></x:c></x:row>',
        '<row r="4"><c s="&gt;" r="XFD1048576"><f>1</f></c></row>',
    ],
)
def test_a_far_cell_is_found_however_it_is_written(far: str) -> None:
    raw = of_rows(CELL % "", far)
    with pytest.raises(FileTooLarge, match=r"1048576: .* cells, of which 4 are filled"):
        read(raw, "KZ.xlsx", {"format": "xlsx", "sheet": "S", "limits": {"sheet_cells": 100_000}})


def test_styled_cells_without_a_value_do_not_count() -> None:
    assert rows(of_sheet(of_rows(CELL % "", '<row r="1048576"><c r="XFD1048576" s="0"/></row>'))) == [["1", None]]


def test_rows_out_of_order_are_read_where_they_say_they_stand() -> None:
    assert rows(of_sheet(of_rows(KEPT, CELL % '<c r="B2"><v>2</v></c>'))) == [["1", "2"], ["3", "4"]]


def test_rows_of_ordinary_sheets_are_plain() -> None:
    def fill(sheet: Any) -> None:
        filled(["a", "b", "c"], [1, "x & y", True], [datetime.date(2009, 9, 1), None, 2.5])(sheet)
        sheet["AB70"] = " blank "

    with zipfile.ZipFile(io.BytesIO(workbook(fill))) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    assert plain_sheet.without_plain_rows(xml)[1].rows == {0, 1, 2, 69}
    assert sheet_cells.of(xml, "sheet1.xml", "KZ.xlsx") == sheet_cells.walk(xml, "sheet1.xml", "KZ.xlsx")
    computed = workbook_parts.sheet(CELL % '<c r="B2" s="0"><f t="shared" ref="B2:B9" si="0">A2+1</f><v>2</v></c>')
    assert plain_sheet.without_plain_rows(computed)[1].rows == {1}


@pytest.mark.parametrize(
    "lines",
    [
        ["<row><c><v>1</v></c></row>", KEPT, "<row><c><f>1</f></c></row>"],
        [KEPT, '<row r="3"><c r="D3"><v>1</v></c></row>', "<row><c t='e'><v>#N/A</v></c></row>"],
        [KEPT, '<row r="4"><c r="B3"><v>1</v></c></row>'],
        [KEPT, KEPT],
        [KEPT, "<!--", KEPT, "-->"],
        [CELL % '<c r="A2"><v>1</v></c>', KEPT],
        [CELL % '<c r="A9"><v>1</v></c>', "<row><c><v>7</v></c></row>", "<row><c t='e'><v>#N/A</v></c></row>"],
        ['<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>', "<row><c t='e'><v>#N/A</v></c></row>"],
    ],
)
def test_leaving_plain_rows_out_of_the_walk_changes_nothing(lines: list[str]) -> None:
    xml = workbook_parts.sheet(FIRST + "".join(lines))
    try:
        whole: object = sheet_cells.walk(xml, "sheet1.xml", "KZ.xlsx")
    except FormatDamaged as error:
        whole = error.what
    try:
        quick: object = sheet_cells.of(xml, "sheet1.xml", "KZ.xlsx")
    except FormatDamaged as error:
        quick = error.what
    assert quick == whole


def test_a_sheet_whose_part_cannot_be_told_is_refused() -> None:
    content = workbook_parts.parts([{"a": "1"}])
    content[workbook_parts.SHEET.upper()] = content[workbook_parts.SHEET]
    with pytest.raises(FormatDamaged, match="differ in capital letters alone"):
        of_sheet(workbook_parts.packed(content))


@pytest.mark.parametrize("target", ["/xl/worksheets/sheet1.xml", "Worksheets/SHEET1.XML"])
def test_the_part_of_a_sheet_is_found_however_it_is_referred_to(target: str) -> None:
    content = workbook_parts.parts([{"a": "1"}], sheet=workbook_parts.sheet(FIRST + CELL % "<c><f>1</f></c>"))
    book = content[workbook_parts.BOOK_RELS].replace(b"worksheets/sheet1.xml", target.encode())
    result = of_sheet(workbook_parts.packed(content | {workbook_parts.BOOK_RELS: book}))
    assert [row.source_row for row in result.damaged] == [2]


LAUGHS = b'<!DOCTYPE w [<!ENTITY a "AAA">]>'
RELATION = '<Relationship Id="rId9" Type="%s" Target="evil.bin"/></Relationships>'
VBA = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
VBA_CONTENT = "application/vnd.ms-office.vbaProject"
MACRO_SHEET = "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b" " * 600_000])
def test_a_document_type_is_refused_whatever_the_part_is_called(before: bytes) -> None:
    content = workbook_parts.parts([{"a": "1"}])
    sheet = content.pop(workbook_parts.SHEET).replace(b'<?xml version="1.0"?>', before + LAUGHS)
    content["xl/worksheets/sheet1.dat"] = sheet
    content[workbook_parts.BOOK_RELS] = content[workbook_parts.BOOK_RELS].replace(b"sheet1.xml", b"sheet1.dat")
    with pytest.raises(FormatDamaged, match=r'sheet1\.dat" in the workbook declares a document type'):
        of_sheet(workbook_parts.packed(content))


def test_a_picture_may_have_a_document_type_but_no_sheet_is_read_from_it() -> None:
    content = workbook_parts.parts([{"a": "1"}])
    assert len(of_sheet(workbook_parts.packed(content | {"xl/media/image1.svg": LAUGHS + b"<svg/>"})).frame) == 1
    content["xl/media/image1.svg"] = content[workbook_parts.SHEET].replace(b'<?xml version="1.0"?>', LAUGHS)
    content[workbook_parts.BOOK_RELS] = content[workbook_parts.BOOK_RELS].replace(
        b"worksheets/sheet1.xml", b"media/image1.svg"
    )
    with pytest.raises(FormatDamaged, match="declares a document type"):
        of_sheet(workbook_parts.packed(content))


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (workbook_parts.BOOK_RELS, ("</Relationships>", RELATION % VBA)),
        (workbook_parts.BOOK_RELS, ("</Relationships>", RELATION % VBA.replace("j", "&#106;"))),
        (workbook_parts.BOOK_RELS, ("</Relationships>", RELATION % MACRO_SHEET)),
        (
            workbook_parts.TYPES,
            (
                "</Types>",
                '<Override PartName="/xl/evil.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>',
            ),
        ),
        (
            workbook_parts.TYPES,
            ("</Types>", f'<Default Extension="BIN" ContentType="{VBA_CONTENT}"/></Types>'),
        ),
    ],
)
def test_macros_are_seen_whatever_their_part_is_called(part: str, change: tuple[str, str]) -> None:
    content = workbook_parts.parts([{"a": "1"}]) | {"xl/evil.bin": b"\xd0\xcf\x11\xe0"}
    content[part] = content[part].decode().replace(*change).encode()
    with pytest.raises(FormatDamaged, match="has macros"):
        of_sheet(workbook_parts.packed(content))
    assert len(read(workbook_parts.packed(content), "KZ.xlsx", {"format": "xlsx", "macros": "ignore"}).frame) == 1


def test_a_kind_of_content_that_no_part_has_is_no_macro() -> None:
    content = workbook_parts.parts([{"a": "1"}])
    kind = f'<Default Extension="bin" ContentType="{VBA_CONTENT}"/></Types>'.encode()
    content[workbook_parts.TYPES] = content[workbook_parts.TYPES].replace(b"</Types>", kind)
    assert len(of_sheet(workbook_parts.packed(content)).frame) == 1
