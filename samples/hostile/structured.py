"""Hostile JSON lines, Parquet files, and the workbooks of other programs (xls, ods)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from samples.hostile import workbook_parts
from samples.hostile.case import REFUSED_DAMAGED, REFUSED_LARGE, Case, Rows, bytes_of, changed, table
from samples.hostile.compound import compound_file, label, workbook

SHEET = {"sheet": "S", "header_rows": [1]}
_MEMORY = ("base_memory_bytes", "base_seconds", "sheet_cells")
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_LAUGHS = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def _lines(rows: Rows, *more: str) -> bytes:
    return "".join(line + "\n" for line in (*(json.dumps(row, ensure_ascii=False) for row in rows), *more)).encode()


def _json_of(rows: Rows, **cells: str) -> str:
    return json.dumps(changed(rows, cells), ensure_ascii=True)


def ods(rows: Rows, more: str = "", before: str = "", parts: dict[str, bytes] | None = None) -> bytes:
    """Return an ods workbook with a sheet called S. more: XML of further rows. before: what stands before the root."""
    lines = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
            if cell
            else "<table:table-cell/>"
            for cell in line
        )
        + "</table:table-row>"
        for line in table(rows)
    )
    spaces = " ".join(f'xmlns:{name}="{_OFFICE}:{name}:1.0"' for name in ("office", "table", "text"))
    sheet = f'<table:table table:name="S">{lines}{more}</table:table>'
    body = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    root = f'office:document-content {spaces} office:version="1.2"'
    content = f'<?xml version="1.0"?>{before}<{root}>{body}</office:document-content>'
    media = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_OFFICE}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
    )
    manifest += f'manifest:media-type="{media}"/></manifest:manifest>'
    return workbook_parts.packed(
        {
            "mimetype": media.encode(),
            "META-INF/manifest.xml": manifest.encode(),
            "content.xml": content.encode(),
            **(parts or {}),
        }
    )


def _repeated(rows: Rows) -> bytes:
    cell = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/>'
    return ods(rows, f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>')


def _parquet(path: Path, columns: dict[str, Any]) -> None:
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(columns), path, compression="zstd")


def _equal_values(path: Path, rows: Rows) -> None:
    """Write forty million rows of one value: run lengths make a few kilobytes of them."""
    import pyarrow

    places = pyarrow.array(bytes(40_000_000), pyarrow.uint8())
    same = pyarrow.DictionaryArray.from_arrays(places.cast(pyarrow.int8()), ["x" * 20])
    _parquet(path, dict.fromkeys(list(rows[0])[:3], same))


def _wide(path: Path, _: Rows) -> None:
    _parquet(path, {f"c{number}": ["x"] for number in range(6_000)})


def _long_cell(path: Path, rows: Rows) -> None:
    more = [*rows, changed(rows, {"district": "x" * 400_000})]
    _parquet(path, {name: [row[name] for row in more] for name in rows[0]})


def _whole(rows: Rows, path: Path) -> bytes:
    _parquet(path, {name: [row[name] for row in rows] for name in rows[0]})
    return path.read_bytes()


def _cut(path: Path, rows: Rows) -> None:
    path.write_bytes(_whole(rows, path)[:-200])


def _flipped(path: Path, rows: Rows) -> None:
    """Change every seventh byte of the footer, where sizes and places of pages stand."""
    raw = bytearray(_whole(rows, path))
    length = int.from_bytes(raw[-8:-4], "little")
    for at in range(len(raw) - 8 - length, len(raw) - 8, 7):
        raw[at] ^= 0x55
    path.write_bytes(bytes(raw))


def _json(name: str, content: Any, refused: str | None = None, limit: Any = None, quarantined: int = 0) -> Case:
    return Case(name, "jsonl", bytes_of(content), refused, limit, quarantined)


def _xls(name: str, content: Any, refused: str | None = None, limit: Any = None, **reader: Any) -> Case:
    return Case(name, "xls", bytes_of(content), refused, limit, reader={**SHEET, **reader})


def _ods(name: str, content: Any, refused: str | None = None, limit: Any = None) -> Case:
    return Case(name, "ods", bytes_of(content), refused, limit, reader=SHEET)


CASES = (
    _json("brackets 200,000 deep", lambda r: _lines(r, "[" * 200_000), quarantined=1),
    _json("objects 50,000 deep", lambda r: _lines(r, '{"a":' * 50_000 + "1" + "}" * 50_000), quarantined=1),
    _json("a line of 8 MB", lambda r: _lines(r, '{"a": "' + "x" * (8 << 20) + '"}'), REFUSED_LARGE, "line_bytes"),
    _json(
        "60,000 keys", lambda r: _lines(r, json.dumps({f"k{n}": 1 for n in range(60_000)})), REFUSED_LARGE, "columns"
    ),
    _json(
        "a whole number of 100,000 digits",
        lambda r: _lines(r, _json_of(r).replace('"relatives": "6"', '"relatives": ' + "9" * 100_000)),
        quarantined=1,
    ),
    _json("half a surrogate", lambda r: _lines(r, _json_of(r, region="@").replace("@", "\\ud800")), quarantined=1),
    _json("NUL and escape sequences in JSON", lambda r: _lines(r, _json_of(r, region="\0\x1b[2J")), quarantined=1),
    _json("lines that are no objects", lambda r: _lines(r, "null", "true"), quarantined=2),
    _json("a web page named jsonl", lambda _: b"<!DOCTYPE html><html></html>", REFUSED_DAMAGED),
    _xls(
        "an xls workbook with a cell in IV65536",
        lambda r: compound_file(workbook(r, label(65_535, 255, "x"))),
        REFUSED_LARGE,
        _MEMORY,
    ),
    _xls(
        "an xls workbook whose sectors go in a circle", lambda r: compound_file(workbook(r), loop=True), REFUSED_DAMAGED
    ),
    _xls("an xls workbook of random records", lambda _: compound_file(bytes(range(256)) * 64), REFUSED_DAMAGED),
    _xls("an xls workbook cut off", lambda r: compound_file(workbook(r))[:2000], REFUSED_DAMAGED),
    _xls("an xls workbook with macros", lambda r: compound_file(workbook(r), "_VBA_PROJECT_CUR"), REFUSED_DAMAGED),
    _xls("a web page named xls", lambda _: b"\n<html><table><tr><td>1</td></tr></table></html>", REFUSED_DAMAGED),
    _ods("17 billion repeated cells", _repeated, REFUSED_LARGE, _MEMORY),
    _ods("a million nested elements in an ods workbook", lambda r: ods(r, "<text:p>" * 1_000_000), REFUSED_DAMAGED),
    _ods("entities in an ods workbook", lambda r: ods(r, before=_LAUGHS), REFUSED_DAMAGED),
    _ods(
        "an ods workbook with macros", lambda r: ods(r, parts={"Basic/Standard/Module1.xml": b"<x/>"}), REFUSED_DAMAGED
    ),
    Case("40 million equal values", "parquet", _equal_values, REFUSED_LARGE, _MEMORY),
    Case("6,000 columns of Parquet", "parquet", _wide, REFUSED_LARGE, "columns"),
    Case("a cell of 400 kB in Parquet", "parquet", _long_cell, REFUSED_LARGE, "cell_bytes"),
    Case(
        "a footer of 2 GB",
        "parquet",
        bytes_of(lambda _: b"PAR1" + bytes(100) + b"\xff\xff\xff\x7fPAR1"),
        REFUSED_DAMAGED,
    ),
    Case("a Parquet file cut off", "parquet", _cut, REFUSED_DAMAGED),
    Case("a footer with wrong bytes", "parquet", _flipped, REFUSED_DAMAGED),
)
