"""A small xlsx workbook, part by part, so that each part can be made wrong."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from samples.hostile.case import Rows, table

MOMENT = (2009, 10, 1, 0, 0, 0)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
TYPES, RELS = "[Content_Types].xml", "_rels/.rels"
BOOK, BOOK_RELS, SHEET = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
Parts = dict[str, bytes]


def sheet(rows: str, before: str = "", after: str = "") -> bytes:
    """Return the XML of a sheet around the XML of its rows."""
    begin = f'<?xml version="1.0"?>{before}<worksheet xmlns="{_MAIN}">'
    return f"{begin}<sheetData>{rows}</sheetData>{after}</worksheet>".encode()


def rows_of(rows: Rows) -> str:
    """Return interviews as the XML of rows, with a header, every cell as text in its place."""
    lines = []
    for number, cells in enumerate(table(rows), start=1):
        texts = (
            f'<c r="{letters(at)}{number}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
            for at, cell in enumerate(cells)
            if cell
        )
        lines.append(f'<row r="{number}">{"".join(texts)}</row>')
    return "".join(lines)


def letters(column: int) -> str:
    """Return the letters over a column, counted from 0."""
    out = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(ord("A") + rest) + out
    return out


def parts(rows: Rows, **instead: bytes) -> Parts:
    """Return the parts of a workbook of one sheet called S. instead: of a part, by `types`, `book` or `sheet`."""
    relation = f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    strings = f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    defaults = '<Default Extension="xml" ContentType="application/xml"/>'
    defaults += '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    override = f'<Override PartName="/{BOOK}" ContentType="{_SHEET_TYPE}"/>'
    document = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="{BOOK}"/>'
    return {
        TYPES: f'<Types xmlns="{_TYPES}">{defaults}{override}</Types>'.encode(),
        RELS: f'<Relationships xmlns="{_RELATIONS}">{document}</Relationships>'.encode(),
        BOOK: instead.get("book", book()),
        BOOK_RELS: f'<Relationships xmlns="{_RELATIONS}">{relation}{strings}</Relationships>'.encode(),
        STRINGS: instead.get("strings", shared([])),
        SHEET: instead.get("sheet", sheet(rows_of(rows))),
    }


def book(before: str = "", name: str = "S", after: str = "") -> bytes:
    """Return the XML that lists the sheets."""
    listed = f'<sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets>'
    begin = f'<?xml version="1.0"?>{before}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    return f"{begin}{listed}{after}</workbook>".encode()


def shared(texts: list[str], before: str = "") -> bytes:
    """Return the XML of shared texts."""
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return f'<?xml version="1.0"?>{before}<sst xmlns="{_MAIN}">{items}</sst>'.encode()


def packed(content: Mapping[str, bytes], level: int = 6) -> bytes:
    """Return an archive of the parts, with one time for all, so that equal parts give equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name, MOMENT), data, zipfile.ZIP_DEFLATED, level)
    return out.getvalue()
