"""Workbooks (xlsx, xls, ods): sheets by name, header rows as declared, merged headers spread over their columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.errors import DeclarationError, HeaderMismatch
from sources import extent, limits, sheets, text, workbook_safety
from sources.sheets import Sheet
from sources.table import DamagedRow, RawTable, check_names, text_frame
from sources.worksheet import Oversights, column_letters

KEYS = ("sheet", "sheet_column", "header_rows", *workbook_safety.KEYS)
SIGNATURE = None
BETWEEN_HEADERS = " / "
_MOSTLY = 0.5
"""A nameless column that is filled in most rows is a header declared wrongly, not a stray note."""


def read(data: Path | bytes, name: str, spec: Mapping[str, Any]) -> RawTable:
    """Read a sheet, or several with one header. Rows above the header are titles; rows without any value are no rows.

    An error value arrives as its text (#N/A). A row with a value under no header, or with a formula that was
    never computed, is set aside. A cell is missing when the sheet has nothing there.
    Raises DeclarationError, FileTooLarge, FormatDamaged, SheetMissing or HeaderMismatch.
    """
    header_rows = _header_rows(spec, name)
    raw = data if isinstance(data, bytes) else data.read_bytes()
    bounds = limits.of(spec, name)
    found = sheets.opened(raw, name, spec, bounds)
    parts = [(sheet.name, _read_sheet(sheet, name, header_rows, bounds)) for sheet in found]
    return sheets.joined(parts, name, spec.get("sheet_column"), header_rows[-1])


def _read_sheet(sheet: Sheet, file: str, header_rows: list[int], bounds: limits.Limits) -> RawTable:
    content, oversights = sheet.content, sheet.oversights
    extent.check_columns(content.width, bounds, file)
    grid = [list(row) for row in content.iter_rows()]
    first_column = content.start[1] if content.start else 0
    for (row, column), error in oversights.errors.items():
        if row < len(grid) and 0 <= column - first_column < len(grid[row]):
            grid[row][column - first_column] = error
    names = _names(grid, sheet.merged, header_rows, first_column)
    header_row = header_rows[-1]
    _check_header(names, grid, file, sheet.name, header_rows)
    check_names(names, file, header_row)
    body = _Body(grid, names, header_row, first_column, oversights)
    body.refuse_filled_without_name(file)
    kept = [position for position, column in enumerate(names) if column]
    columns = tuple(names[position] for position in kept)
    rows = [[cells[position] for position in kept] for cells in body.rows]
    return RawTable(text_frame(columns, rows, body.numbers), columns, file, tuple(body.damaged))


def _header_rows(spec: Mapping[str, object], name: str) -> list[int]:
    rows = spec.get("header_rows", [1])
    whole = isinstance(rows, list | tuple) and all(type(row) is int and row > 0 for row in rows)
    if not whole or not rows or sorted(set(rows)) != list(rows):  # type: ignore[call-overload]
        raise DeclarationError(
            f"header_rows {rows!r} is not a list of sheet rows.",
            file=name,
            expected="for example [4, 5], from 1",
        )
    return list(rows)  # type: ignore[call-overload]


def _names(
    grid: list[list[Any]],
    merged: list[tuple[tuple[int, int], tuple[int, int]]],
    header_rows: list[int],
    first_column: int,
) -> list[str]:
    """Join the header cells over each column; a merged cell counts once in every column and row it covers."""
    width = max((len(row) for row in grid), default=0)
    merged = [cell for cell in merged if any(cell[0][0] < number <= cell[1][0] + 1 for number in header_rows)]
    names = []
    for position in range(width):
        parts, seen = [], set()
        for row in (number - 1 for number in header_rows):
            place = (row, position + first_column)
            for (top, left), (bottom, right) in merged:
                if top <= place[0] <= bottom and left <= place[1] <= right:
                    place = (top, left)
                    break
            label = text.of(_cell(grid, place[0], place[1] - first_column))
            if label.strip() and place not in seen:
                parts.append(label)
                seen.add(place)
        names.append(BETWEEN_HEADERS.join(parts))
    return names


def _cell(grid: list[list[Any]], row: int, position: int) -> object:
    return grid[row][position] if row < len(grid) and 0 <= position < len(grid[row]) else ""


def _check_header(names: list[str], grid: list[list[Any]], file: str, sheet: str, header_rows: list[int]) -> None:
    if not any(names):
        filled = [number for number, row in enumerate(grid, start=1) if any(cell != "" for cell in row)]
        shown = ", ".join(str(number) for number in filled[:5]) or "none"
        raise HeaderMismatch(
            f'sheet "{sheet}" has no header in rows {header_rows}; its first rows with a value: {shown}.',
            file=file,
            row=header_rows[-1],
            expected="the names of the columns",
            next_step="Set `header_rows` of this source's reader to the rows that hold the names.",
        )


class _Body:
    """The rows under the header: as text, or set aside with a reason."""

    def __init__(
        self,
        grid: list[list[Any]],
        names: list[str],
        header_row: int,
        first_column: int,
        oversights: Oversights,
    ) -> None:
        self.rows: list[list[str | None]] = []
        self.numbers: list[int] = []
        self.damaged: list[DamagedRow] = []
        self._filled_without_name = [0] * len(names)
        self._header_row = header_row
        self._first_column = first_column
        unnamed = [position for position, name in enumerate(names) if not name]
        uncomputed: dict[int, list[str]] = {}
        for (row, _), cell in sorted(oversights.uncomputed.items()):
            uncomputed.setdefault(row, []).append(cell)
        last = max([len(grid), *(row + 1 for row in uncomputed)])
        for row in range(header_row, last):
            values = grid[row] if row < len(grid) else [""] * len(names)
            cells = [None if value == "" else text.of(value) for value in values]
            if row in uncomputed:
                reason = f"the formula in {', '.join(uncomputed[row])} has no stored value"
                self._set_aside(row, cells, reason + "; open the workbook and save it")
            elif any(cells[position] is not None for position in unnamed):
                self._set_aside(row, cells, self._stray(cells, unnamed))
            elif any(cell is not None for cell in cells):
                self.rows.append(cells)
                self.numbers.append(row + 1)

    def refuse_filled_without_name(self, file: str) -> None:
        """Raise HeaderMismatch when most rows have a value in a column without a name."""
        total = len(self.rows) + len(self.damaged)
        for position, filled in enumerate(self._filled_without_name):
            if filled > _MOSTLY * total:
                raise HeaderMismatch(
                    f"column {column_letters(position + self._first_column)} has no name, but {filled:,} of "
                    f"{total:,} rows have a value there.",
                    file=file,
                    row=self._header_row,
                    expected="a name over every column that is filled",
                    next_step="Check `header_rows` of this source's reader, or name the column in the file.",
                )

    def _stray(self, cells: list[str | None], unnamed: list[int]) -> str:
        strays = [position for position in unnamed if cells[position] is not None]
        for position in strays:
            self._filled_without_name[position] += 1
        letters = column_letters(strays[0] + self._first_column)
        return f'"{cells[strays[0]]}" stands in column {letters}, which has no name'

    def _set_aside(self, row: int, cells: list[str | None], reason: str) -> None:
        self.damaged.append(DamagedRow(row + 1, "\t".join(cell or "" for cell in cells), reason))
