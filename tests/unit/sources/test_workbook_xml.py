"""The XML of a workbook in all spellings that are right, and in some that are not: nothing of it is lost in silence."""

import datetime
import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from samples.hostile import structured, workbook_parts
from schemas.errors import FileTooLarge, FormatDamaged
from sources import plain_sheet, sheet_cells
from sources.reader import RawTable, read

FIRST = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>'
KEPT = '<row r="3"><c r="A3"><v>3</v></c><c r="B3"><v>4</v></c></row>'
PREFIX = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
CELL = '<row r="2"><c r="A2"><v>1</v></c>%s</row>'


def of_rows(second: str, third: str = KEPT, change: Callable[[bytes], bytes] = lambda xml: xml) -> bytes:
    xml = workbook_parts.sheet(FIRST + second + third)
    return workbook_parts.packed(workbook_parts.parts([{"a": "1"}], sheet=change(xml)))


def of_sheet(raw: bytes) -> RawTable:
    return read(raw, "KZ.xlsx", {"format": "xlsx", "sheet": "S"})


def rows(result: RawTable) -> list[list[object]]:
    frame = result.frame[list(result.columns)]
    return frame.astype(object).where(frame.notna(), None).values.tolist()


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
    book, out = openpyxl.Workbook(), io.BytesIO()
    for line in (["a", "b", "c"], [1, "x & y", True], [datetime.date(2009, 9, 1), None, 2.5]):
        book.active.append(line)
    book.active["AB70"] = " blank "
    book.save(out)
    with zipfile.ZipFile(out) as archive:
        xml = archive.read(workbook_parts.SHEET)
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


def test_a_workbook_of_two_kinds_is_refused() -> None:
    other = workbook_parts.parts([{"a": "2"}], sheet=workbook_parts.sheet(FIRST + CELL % "<c><f>1</f></c>"))
    raw = structured.ods([{"a": "1"}], parts=other)
    with pytest.raises(FormatDamaged):
        read(raw, "KZ.ods", {"format": "ods", "sheet": "S"})
