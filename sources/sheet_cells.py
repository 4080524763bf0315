"""One pass over the XML of an xlsx sheet: where its cells stand, which hold errors or formulas without a value.

Layout: ECMA-376, part 1, section 18.3.1. Cells are counted as the workbook reader counts them, by local names.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from schemas.errors import FormatDamaged
from sources import plain_sheet
from sources.plain_sheet import column_number
from sources.xml_elements import Depth

_CELL = re.compile(r"([A-Za-z]{1,6})([0-9]{1,9})", re.ASCII)
_ROW = re.compile(r"[0-9]{1,9}", re.ASCII)
_ENCODINGS = ("utf-8", "utf8", "us-ascii")
_TEXT = "str"
"""The type of a formula whose value is text, so that an empty value is a value."""
_AS_WRITTEN = (_TEXT, "d")
"""Types whose value the workbook reader decodes; of others it takes the bytes up to the first sign of markup."""
_IN_LINE = ("inlineStr", "is")
_WIDE = 32


@dataclass
class Cells:
    """What a sheet holds. rows, columns, filled: up to the farthest filled cell. Places are (row, column) from 0."""

    rows: int = 0
    columns: int = 0
    filled: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncomputed: list[tuple[int, int]] = field(default_factory=list)


class _ClashError(Exception):
    """A cell stands in a row that was left out."""


def of(xml: bytes, part: str, file: str) -> Cells:
    """Return what `walk` finds, and find it sooner: rows in which nothing can be wrong are left out of the walk."""
    reduced, plain = plain_sheet.without_plain_rows(xml)
    if not plain.sound:
        return walk(xml, part, file)
    try:
        found = walk(reduced, part, file, plain.rows)
    except _ClashError:
        return walk(xml, part, file)
    found.rows, found.columns = max(found.rows, *(row + 1 for row in plain.rows), 0), max(found.columns, plain.columns)
    found.filled += plain.filled
    return found


def walk(xml: bytes, part: str, file: str, left_out: Container[int] = ()) -> Cells:
    """Go through a sheet. Raises FormatDamaged where programs would differ in what it says, and what expat raises."""
    parser = expat.ParserCreate(namespace_separator=" ")
    taken = _Walk(xml, parser, part, file, left_out)
    if xml[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in xml[:4]:
        raise taken.damaged("is not in UTF-8")
    parser.XmlDeclHandler = taken.declared
    parser.StartElementHandler = taken.begin
    parser.EndElementHandler = taken.end
    parser.StartDoctypeDeclHandler = taken.refuse_entities
    parser.Parse(xml, True)
    taken.refuse_twice()
    return taken.found


class _Walk:
    """Follows rows and cells as the workbook reader does: a place that is not written follows from the one before."""

    def __init__(self, xml: bytes, parser: expat.XMLParserType, part: str, file: str, left_out: Container[int]) -> None:
        self.found = Cells()
        self._left_out = left_out
        self._xml, self._parser, self._part, self._file = xml, parser, part, file
        self._depth = Depth(part, file)
        self._local: dict[str, str] = {}
        self._open = self._seen = False
        self._row = self._column = 0
        self._place = (0, 0)
        self._type = ""
        self._formula, self._value = False, b""
        self._valued = 0
        self._at = 0
        self._keys = array("Q")
        self._begins = {"sheetData": self._data, "row": self._begin_row, "c": self._cell, "f": self._has_formula}
        self._begins |= dict.fromkeys(("v", "is"), self._has_value)
        self._ends = {"sheetData": self._end_data, "row": self._end_row, "c": self._end_cell, "v": self._end_value}

    def declared(self, _: str, encoding: str | None, __: int) -> None:
        """Refuse an encoding that the workbook reader does not follow."""
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise self.damaged("is not in UTF-8")

    def refuse_entities(self, *_: Any) -> None:
        """Raise FormatDamaged: entities can hide what a sheet says."""
        raise self.damaged("declares a document type")

    def begin(self, tag: str, given: Mapping[str, str]) -> None:
        """Take in the beginning of an element."""
        self._depth.begin()
        local = self._local.get(tag)
        if local is None:
            local = self._local[tag] = tag.rpartition(" ")[2]
        if (self._open or local == "sheetData") and (step := self._begins.get(local)):
            step(given)

    def end(self, tag: str) -> None:
        """Take in the end of an element."""
        self._depth.end()
        if self._open and (step := self._ends.get(self._local[tag])):
            step()

    def refuse_twice(self) -> None:
        """Refuse two cells in one place: the workbook reader takes the last one and says nothing."""
        import numpy as np

        keys = np.frombuffer(self._keys, np.uint64) if self._keys else np.zeros(0, np.uint64)
        if (keys[1:] <= keys[:-1]).any() and len(np.unique(keys)) < len(keys):
            raise self.damaged("has two cells in one place")

    def damaged(self, what: str, row: int | None = None) -> FormatDamaged:
        """Make the error; it quotes nothing of a cell."""
        return FormatDamaged(
            f'"{self._part}" in the workbook {what}.',
            file=self._file,
            row=row,
            expected="a sheet as spreadsheet programs write it",
            next_step="Open the workbook in a spreadsheet program, save it as xlsx, and deliver that.",
        )

    def _data(self, _: Mapping[str, str]) -> None:
        if self._seen:
            raise self.damaged("has two lists of rows")
        self._open = self._seen = True

    def _end_data(self) -> None:
        self._open = False

    def _begin_row(self, given: Mapping[str, str]) -> None:
        if "r" in given:
            if not _ROW.fullmatch(given["r"]) or not int(given["r"]):
                raise self.damaged("has a row whose number cannot be read")
            self._row = int(given["r"]) - 1

    def _end_row(self) -> None:
        self._row, self._column = self._row + 1, 0

    def _cell(self, given: Mapping[str, str]) -> None:
        row = self._row
        if "r" in given:
            match = _CELL.fullmatch(given["r"])
            if not match or not int(match[2]):
                raise self.damaged("has a cell whose place cannot be read")
            row, self._column = int(match[2]) - 1, column_number(match[1])
        self._place, self._type = (row, self._column), given.get("t", "n")
        self._formula, self._valued, self._value = False, 0, b""

    def _has_formula(self, _: Mapping[str, str]) -> None:
        self._formula = True
        if self._valued:
            raise self._lost()

    def _has_value(self, _: Mapping[str, str]) -> None:
        self._valued += 1
        self._at = self._parser.CurrentByteIndex
        if self._valued > 1:
            raise self._lost()

    def _end_value(self) -> None:
        written = self._xml[self._at : self._parser.CurrentByteIndex]
        self._value = written[written.find(b">") + 1 :]
        if b"<" in self._value or (b"&" in self._value and self._type not in _AS_WRITTEN):
            raise self._lost()
        if self._type in _IN_LINE and self._value.strip():
            raise self._lost()

    def _end_cell(self) -> None:
        row, column = self._place
        self._column += 1
        if not (self._formula or self._valued):
            return
        if row in self._left_out:
            raise _ClashError
        found = self.found
        found.rows, found.columns = max(found.rows, row + 1), max(found.columns, column + 1)
        found.filled += 1
        self._keys.append(row << _WIDE | column)
        in_line = self._valued and self._type in _IN_LINE
        if self._formula and not in_line and not self._value.strip() and not (self._valued and self._type == _TEXT):
            found.uncomputed.append(self._place)
        elif self._type == "e" and self._value:
            found.errors[self._place] = self._value.decode()

    def _lost(self) -> FormatDamaged:
        return self.damaged(
            "has a cell whose value is written so that programs read it differently", self._place[0] + 1
        )
