"""Workbooks whose XML is hostile: entities, cells far away, texts that grow, nesting, formulas, foreign parts."""

from __future__ import annotations

from samples.hostile import workbook_parts as parts
from samples.hostile.case import REFUSED_DAMAGED, REFUSED_LARGE, Case, Rows, bytes_of, changed, header, table

READER = {"sheet": "S", "header_rows": [1]}
_MB = 1 << 20
_LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)
_FILE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
_REMOTE = '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>'
_TYPE_ONLY = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'
_FEW_OR_MUCH = ("base_memory_bytes", "base_seconds")
_FAR = ("sheet_cells", "base_memory_bytes")


def _book(rows: Rows, **instead: bytes) -> bytes:
    return parts.packed(parts.parts(rows, **instead))


def _with(rows: Rows, **cells: str) -> bytes:
    return _book([*rows, changed(rows, cells)])


def _sheet(rows: Rows, more: str = "", before: str = "", after: str = "") -> bytes:
    return _book(rows, sheet=parts.sheet(parts.rows_of(rows) + more, before, after))


def _utf_16(rows: Rows) -> bytes:
    xml = parts.sheet(parts.rows_of(rows), _LAUGHS).decode().replace('version="1.0"', 'version="1.0" encoding="UTF-16"')
    return _book(rows, sheet=xml.encode("utf-16"))


def _one_text_often(rows: Rows) -> bytes:
    """Refer ten thousand times to one text of 250 kB: 2.5 GB out of some kilobytes."""
    names = header(rows)
    first = "".join(
        f'<c r="{parts.letters(at)}1" t="inlineStr"><is><t>{name}</t></is></c>' for at, name in enumerate(names)
    )
    cells = "".join(
        f'<row r="{row}">'
        + "".join(f'<c r="{parts.letters(at)}{row}" t="s"><v>0</v></c>' for at in range(20))
        + "</row>"
        for row in range(2, 502)
    )
    return _book(rows, sheet=parts.sheet(f'<row r="1">{first}</row>{cells}'), strings=parts.shared(["x" * 250_000]))


def _merged(rows: Rows) -> bytes:
    ranges = "".join(f'<mergeCell ref="A{n}:XFD{n}"/>' for n in range(2, 200_002))
    return _sheet(rows, after=f'<mergeCells count="200000">{ranges}</mergeCells>')


def _columns(rows: Rows) -> bytes:
    cells = "".join(f'<c r="{parts.letters(n)}1" t="inlineStr"><is><t>c{n}</t></is></c>' for n in range(16_384))
    return _book(rows, sheet=parts.sheet(f'<row r="1">{cells}</row>'))


def _far_cell(rows: Rows, cell: str) -> bytes:
    return _sheet(rows, f'<row r="1048576">{cell}<v>1</v></c></row>')


def _dynamic_data(rows: Rows) -> bytes:
    content = parts.parts(rows)
    link = '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><ddeLink ddeService="cmd" '
    content["xl/externalLinks/externalLink1.xml"] = (link + 'ddeTopic="/C calc"/></externalLink>').encode()
    content["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
        b'Type="x" Target="file://127.0.0.1/share/x.xlsx" TargetMode="External"/></Relationships>'
    )
    return parts.packed(content)


def _formula(rows: Rows) -> bytes:
    """Put a formula with a stored result over the first settlement; the result is what counts."""
    xml = parts.rows_of(rows)
    settlement = rows[0]["settlement"]
    before, after = xml.split(f"<is><t>{settlement}</t></is></c>", 1)
    at = before.rindex(' t="inlineStr"')
    cell = f"<f>cmd|'/C calc'!A0</f><v>{settlement}</v></c>"
    return _book(rows, sheet=parts.sheet(before[:at] + ' t="str">' + cell + after))


def _uncomputed(rows: Rows) -> bytes:
    at = len(table(rows)) + 1
    return _sheet(rows, f'<row r="{at}"><c r="A{at}"><f>WEBSERVICE("http://127.0.0.1:9")</f></c></row>')


def _traversal(rows: Rows) -> bytes:
    content = parts.parts(rows)
    content["xl/_rels/workbook.xml.rels"] = content["xl/_rels/workbook.xml.rels"].replace(
        b"worksheets/sheet1.xml", b"../../../../../etc/passwd"
    )
    return parts.packed(content)


def _macros(rows: Rows) -> bytes:
    content = parts.parts(rows) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"Auto_Open" * 100}
    content[parts.TYPES] = content[parts.TYPES].replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    return parts.packed(content)


def _dressed_entities(rows: Rows) -> bytes:
    """Keep a sheet with entities in a part whose name does not say that it is XML."""
    content = parts.parts(rows)
    content["xl/worksheets/sheet1.dat"] = parts.sheet(parts.rows_of(rows), _LAUGHS)
    del content[parts.SHEET]
    content[parts.BOOK_RELS] = content[parts.BOOK_RELS].replace(b"sheet1.xml", b"sheet1.dat")
    return parts.packed(content)


def _dressed_macros(rows: Rows) -> bytes:
    content = parts.parts(rows) | {"xl/pictures.bin": b"\xd0\xcf\x11\xe0" + b"Auto_Open" * 100}
    kind = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    relation = f'<Relationship Id="rId9" Type="{kind}" Target="pictures.bin"/></Relationships>'
    content[parts.BOOK_RELS] = content[parts.BOOK_RELS].replace(b"</Relationships>", relation.encode())
    return parts.packed(content)


def _uncomputed_prefixed(rows: Rows) -> bytes:
    at = len(table(rows)) + 1
    space = "xmlns:x='http://schemas.openxmlformats.org/spreadsheetml/2006/main'"
    return _sheet(rows, f"<x:row {space}><x:c s='0'\nr='a{at}'><!-- --><x:f>1+1</x:f ></x:c></x:row>")


def _old_macros(rows: Rows) -> bytes:
    return parts.packed(parts.parts(rows) | {"xl/macrosheets/sheet1.xml": b"<x/>"})


def _word(rows: Rows) -> bytes:
    content = {parts.TYPES: parts.parts(rows)[parts.TYPES], "word/document.xml": b"<w/>"}
    return parts.packed(content)


def _case(name: str, content: object, refused: str | None = None, limit: object = None, **more: object) -> Case:
    reader = {**READER, **more.pop("reader", {})}  # type: ignore[dict-item]
    return Case(name, "xlsx", bytes_of(content), refused, limit, reader=reader, **more)  # type: ignore[arg-type]


CASES = (
    _case("entities that grow, in a sheet", lambda r: _sheet(r, before=_LAUGHS), REFUSED_DAMAGED),
    _case(
        "entities that grow, in shared texts",
        lambda r: _book(r, strings=parts.shared(["&j;"], _LAUGHS)),
        REFUSED_DAMAGED,
    ),
    _case(
        "entities that grow, in the list of sheets",
        lambda r: _book(r, book=parts.book(_LAUGHS, "&j;")),
        REFUSED_DAMAGED,
    ),
    _case("entities that grow, in UTF-16", _utf_16, REFUSED_DAMAGED),
    _case("entities in a sheet called dat", _dressed_entities, REFUSED_DAMAGED),
    _case("an entity that reads a file", lambda r: _book(r, strings=parts.shared(["&e;"], _FILE)), REFUSED_DAMAGED),
    _case("an entity that asks a server", lambda r: _sheet(r, before=_REMOTE), REFUSED_DAMAGED),
    _case("a document type on a server", lambda r: _book(r, book=parts.book(_TYPE_ONLY)), REFUSED_DAMAGED),
    _case("a cell in XFD1048576", lambda r: _far_cell(r, '<c r="XFD1048576">'), REFUSED_LARGE, "sheet_cells"),
    _case(
        "a far cell, written unusually",
        lambda r: _far_cell(r, "<c s = '1'\n r = 'XFD1048576' >"),
        REFUSED_LARGE,
        "sheet_cells",
    ),
    _case(
        "a far cell, hidden by a bracket",
        lambda r: _far_cell(r, "<c s='>' r='XFD1048576'>"),
        REFUSED_LARGE,
        _FAR,
    ),
    _case(
        "cells that do not say where they are",
        lambda r: _sheet(r, '<row r="1048576"><c><v>1</v></c></row>'),
        REFUSED_LARGE,
        "sheet_cells",
    ),
    _case("16,384 columns", _columns, REFUSED_LARGE, "columns"),
    _case("one text of 250 kB in 10,000 cells", _one_text_often, REFUSED_LARGE, _FEW_OR_MUCH),
    _case("a cell of 400 kB in a sheet", lambda r: _with(r, district="x" * 400_000), REFUSED_LARGE, "cell_bytes"),
    _case("a million shared texts", lambda r: _book(r, strings=parts.shared([""] * 1_000_000))),
    _case("200,000 merged ranges", _merged),
    _case("a million nested elements in a sheet", lambda r: _sheet(r, "<x>" * 1_000_000), REFUSED_DAMAGED),
    _case(
        "a million nested elements in the list of sheets",
        lambda r: _book(r, book=parts.book(after="<x>" * 1_000_000)),
        REFUSED_DAMAGED,
    ),
    _case("a dynamic data link to a program", _dynamic_data),
    _case("a formula that starts a program", _formula),
    _case("a formula that asks a server", _uncomputed, quarantined=1),
    _case("a formula without a value, written unusually", _uncomputed_prefixed, quarantined=1),
    _case(
        "one number in two ways in one cell",
        lambda r: _sheet(r, '<row><c t="n"><v>1<!-- -->2</v></c></row>'),
        REFUSED_DAMAGED,
    ),
    _case("a sheet at ../../etc/passwd", _traversal, REFUSED_DAMAGED),
    _case("a workbook with macros", _macros, REFUSED_DAMAGED),
    _case("a workbook with macros, which the reader ignores", _macros, reader={"macros": "ignore"}),
    _case("macros in a part that is called pictures", _dressed_macros, REFUSED_DAMAGED),
    _case("a workbook with macros of Excel 4", _old_macros, REFUSED_DAMAGED),
    _case("a text document named xlsx", _word, REFUSED_DAMAGED),
    _case(
        "a web page named xlsx",
        lambda _: b"<html><body><table><tr><td>1</td></tr></table></body></html>",
        REFUSED_DAMAGED,
    ),
)
