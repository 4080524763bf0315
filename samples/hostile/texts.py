"""Hostile text tables (csv, tsv): lines, headers and cells without bound, bytes that are no text, other formats."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from samples.hostile.case import REFUSED_DAMAGED, REFUSED_LARGE, Case, Rows, bytes_of, changed, header, table

READER = {"encoding": "utf-8", "delimiter": ";"}
_MB = 1 << 20


def text(rows: Rows, delimiter: str = ";") -> bytes:
    """Return rows as a text table with a header."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(table(rows))
    return out.getvalue().encode()


def _hole(path: Path, beginning: bytes, size: int) -> None:
    """Write a file that ends in a hole of zeros, which takes no room on the disk."""
    with path.open("wb") as handle:
        handle.write(beginning)
        os.truncate(handle.fileno(), size)


def _ten_gigabytes(path: Path, rows: Rows) -> None:
    _hole(path, text(rows)[:-1], 10 << 30)


def _long_first_line(path: Path, _: Rows) -> None:
    _hole(path, b"questionnaire_id", 256 * _MB)


def _long_second_line(path: Path, rows: Rows) -> None:
    with path.open("wb") as handle:
        handle.write(text(rows) + b"A" * 32 * _MB)


def _million_columns(rows: Rows) -> bytes:
    return ";".join(f"c{number}" for number in range(60_000)).encode() + b"\n" + b";" * 59_999 + b"\n"


def _delimiters(path: Path, _: Rows) -> None:
    with path.open("wb") as handle:
        for _block in range(128):
            handle.write(b";" * _MB)


def _open_quote(rows: Rows) -> bytes:
    line = b'"KZ-1;' + b"x" * 80 + b"\n"
    return text(rows) + b'"' + line.replace(b'"', b"") * (24 * _MB // len(line))


def _with(rows: Rows, **cells: str) -> bytes:
    return text([*rows, changed(rows, cells)])


def _html(_: Rows) -> bytes:
    return b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>questionnaire_id</table></html>'


def _with_header(rows: Rows, name: str) -> bytes:
    renamed = [{("ngo_" + name if key == "ngo" else key): value for key, value in row.items()} for row in rows]
    return text(renamed)


def _twice(rows: Rows) -> bytes:
    lines = text(rows).splitlines(keepends=True)
    names = header(rows)
    lines[0] = ";".join([*names[:-1], names[0]]).encode() + b"\n"
    return b"".join(lines)


CASES = (
    Case("10 GB in one line", "csv", _ten_gigabytes, REFUSED_LARGE, "file_bytes", reader=READER),
    Case("256 MB without a line end", "csv", _long_first_line, REFUSED_LARGE, "line_bytes", reader=READER),
    Case("32 MB in the last line", "csv", _long_second_line, REFUSED_LARGE, "line_bytes", reader=READER),
    Case("128 million columns", "csv", _delimiters, REFUSED_LARGE, "line_bytes", reader=READER),
    Case("60 thousand columns", "csv", bytes_of(_million_columns), REFUSED_LARGE, "columns", reader=READER),
    Case(
        "60 thousand tabs",
        "tsv",
        bytes_of(lambda r: _million_columns(r).replace(b";", b"\t")),
        REFUSED_LARGE,
        "columns",
        reader={"encoding": "utf-8"},
    ),
    Case(
        "a quotation mark that is never closed",
        "csv",
        bytes_of(_open_quote),
        "too_many_bad_rows",
        reader=READER,
    ),
    Case(
        "quotation marks that are opened in every row",
        "csv",
        bytes_of(lambda r: text(r) + b'x""";"\n' * 130_000),
        REFUSED_DAMAGED,
        reader=READER,
    ),
    Case(
        "a cell of 400 kB",
        "csv",
        bytes_of(lambda r: _with(r, district="x" * 400_000)),
        quarantined=1,
        reader=READER,
    ),
    Case(
        "a number of 100 thousand digits",
        "csv",
        bytes_of(lambda r: _with(r, relatives="9" * 100_000)),
        quarantined=1,
        reader=READER,
    ),
    Case(
        "numbers that are none",
        "csv",
        bytes_of(lambda r: _with(r, relatives="1e308", labour_abroad_women_earlier="NaN")),
        quarantined=1,
        reader=READER,
    ),
    Case(
        "digits of another script",
        "csv",
        bytes_of(lambda r: _with(r, relatives="\u0661\u0662\u0b67")),
        quarantined=1,
        reader=READER,
    ),
    Case(
        "NUL bytes in a cell", "csv", bytes_of(lambda r: _with(r, region="Актюбинская\0")), quarantined=1, reader=READER
    ),
    Case("nothing but NUL bytes", "csv", bytes_of(lambda _: bytes(_MB // 2)), "header_mismatch", reader=READER),
    Case(
        "escape sequences of a terminal in a cell",
        "csv",
        bytes_of(lambda r: _with(r, region="\x1b]0;x\x07\x1b[2JАктюбинская")),
        quarantined=1,
        reader=READER,
    ),
    Case(
        "escape sequences in the header",
        "csv",
        bytes_of(lambda r: _with_header(r, "\x1b[2J\x9b31m")),
        "missing_column",
        reader=READER,
    ),
    Case(
        "right-to-left override in a cell",
        "csv",
        bytes_of(lambda r: _with(r, region="\u202eяаксниб\u202c")),
        quarantined=1,
        reader=READER,
    ),
    Case(
        "a formula in every text",
        "csv",
        bytes_of(lambda r: _with(r, region="=cmd|'/C calc'!A0")),
        quarantined=1,
        reader=READER,
    ),
    Case(
        "a column called source_row",
        "csv",
        bytes_of(lambda r: text([{**row, "source_row": "1"} for row in r])),
        "header_mismatch",
        reader=READER,
    ),
    Case("two columns of one name", "csv", bytes_of(_twice), "header_mismatch", reader=READER),
    Case("a million empty lines", "csv", bytes_of(lambda r: text(r) + b"\n" * 1_000_000), reader=READER),
    Case(
        "bytes that are no UTF-8",
        "csv",
        bytes_of(lambda r: text(r) + b"\xc0\xaf\xed\xa0\x80;\n"),
        "encoding_mismatch",
        reader=READER,
    ),
    Case("a web page named csv", "csv", bytes_of(_html), REFUSED_DAMAGED, reader=READER),
    Case(
        "a PDF that is a csv as well",
        "csv",
        bytes_of(lambda r: b"%PDF-1.4\n" + text(r)),
        REFUSED_DAMAGED,
        reader=READER,
    ),
    Case("a zip archive named csv", "csv", bytes_of(lambda r: b"PK\x03\x04" + text(r)), REFUSED_DAMAGED, reader=READER),
    Case(
        "a program named csv",
        "csv",
        bytes_of(lambda _: b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 64),
        "encoding_mismatch",
        reader=READER,
    ),
    Case(
        "a csv with a script behind it",
        "csv",
        bytes_of(lambda r: text(r) + b"<script>alert(1)</script>\n"),
        quarantined=1,
        reader=READER,
    ),
)
