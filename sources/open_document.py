"""What the workbook reader does not tell of an ods sheet: merged cells, error values, uncomputed formulas.

Layout: OASIS, OpenDocument 1.3, part 3, section 9. An XML document with entities of its own is refused.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

from schemas.errors import FormatDamaged
from sources import limits
from sources.limits import Limits
from sources.worksheet import Oversights, column_letters
from sources.xml_elements import Depth

_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
_VALUE_TYPES = (
    _OFFICE + "value-type",
    "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type",
)
_CONTENT = "content.xml"
_VALUES = tuple(_OFFICE + name for name in ("value", "date-value", "time-value", "boolean-value", "string-value"))
_ERRORS = ("#", "Err:")
"""How errors begin as spreadsheet programs show them: #N/A, #DIV/0!, Err:502."""


def inspect(archive: zipfile.ZipFile, file: str, allowed: Limits) -> dict[str, Oversights]:
    """Find, by sheet, what would be lost or would exhaust the memory when an ods file is read.

    Raises FileTooLarge or FormatDamaged, and what zipfile and expat raise on damaged files.
    """
    walk = _Walk(file, allowed)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = walk.begin
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.text
    parser.StartDoctypeDeclHandler = walk.refuse_entities
    parser.Parse(archive.read(_CONTENT), True)
    return walk.found


class _Walk:
    """One pass over content.xml; places count from 0."""

    def __init__(self, file: str, allowed: Limits) -> None:
        self.found: dict[str, Oversights] = {}
        self._depth = Depth(_CONTENT, file)
        self._allowed = allowed
        self._sheet = Oversights(merged=[])
        self._file = file
        self._row = self._column = 0
        self._rows = 1
        self._last_row = self._last_column = -1
        self._error_at: range | None = None
        self._error = ""
        self._notes = 0

    def begin(self, tag: str, given: Mapping[str, str]) -> None:
        """Take in the beginning of an element."""
        self._depth.begin()
        if tag == _TABLE + "table":
            self._sheet = self.found.setdefault(given.get(_TABLE + "name", ""), Oversights(merged=[]))
            self._row = self._column = 0
            self._last_row = self._last_column = -1
        elif tag == _TABLE + "table-row":
            self._rows, self._column = _number(given, "number-rows-repeated"), 0
        elif tag in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
            self._cell(given)
        elif tag == _OFFICE + "annotation":
            self._notes += 1

    def end(self, tag: str) -> None:
        """Take in the end of an element."""
        self._depth.end()
        if tag == _TABLE + "table-row":
            self._row += self._rows
        elif tag == _OFFICE + "annotation":
            self._notes -= 1
        elif tag in (_TABLE + "table-cell", _TABLE + "covered-table-cell") and self._error_at is not None:
            if self._error.startswith(_ERRORS):
                for row in range(self._row, self._row + self._rows):
                    self._sheet.errors.update({(row, column): self._error for column in self._error_at})
            self._error_at = None

    def text(self, text: str) -> None:
        """Take in text; that of an error cell is its value."""
        if self._error_at is not None and not self._notes:
            self._error += text

    def refuse_entities(self, *_: Any) -> None:
        """Raise FormatDamaged: no spreadsheet program writes a document type, and entities can grow without end."""
        raise FormatDamaged(
            "its XML declares a document type.",
            file=self._file,
            expected="a workbook as a spreadsheet program saves it",
        )

    def _cell(self, given: Mapping[str, str]) -> None:
        repeated = _number(given, "number-columns-repeated")
        first, self._column = self._column, self._column + repeated
        down, right = _number(given, "number-rows-spanned"), _number(given, "number-columns-spanned")
        kinds = [given[key] for key in _VALUE_TYPES if key in given]
        formula = given.get(_TABLE + "formula")
        if kinds or formula is not None or (down, right) != (1, 1):
            self._check_extent(max(self._row + self._rows, self._row + down), max(self._column, first + right))
        if (down, right) != (1, 1) and self._sheet.merged is not None:
            self._sheet.merged.append(((self._row, first), (self._row + down - 1, first + right - 1)))
        if formula is None:
            return
        if "error" in kinds or "string" in kinds:
            self._error_at, self._error = range(first, self._column), ""
        valued = "string" in kinds or "error" in kinds or any(key in given for key in _VALUES)
        if not valued:
            for row in range(self._row, self._row + self._rows):
                for column in range(first, self._column):
                    self._sheet.uncomputed[row, column] = f"{column_letters(column)}{row + 1}"

    def _check_extent(self, rows: int, columns: int) -> None:
        self._last_row, self._last_column = max(self._last_row, rows), max(self._last_column, columns)
        cells = self._last_row * self._last_column
        if cells > self._allowed.sheet_cells:
            raise limits.beyond(
                "sheet_cells",
                self._allowed.sheet_cells,
                f"a sheet reaches to {column_letters(self._last_column - 1)}{self._last_row}: {cells:,} cells; "
                "delete the stray values far below or to the right of the table.",
                self._file,
                row=self._last_row,
                seen=cells,
            )


def _number(given: Mapping[str, str], name: str) -> int:
    text = given.get(_TABLE + name, "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(f'{name} is "{text[:20]}"')
    return max(int(text), 1)
