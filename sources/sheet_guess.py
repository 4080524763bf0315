"""Which sheet of a workbook holds the interviews and which of its rows are the header, when nobody says."""

from __future__ import annotations

import datetime
import io
from typing import Any

from schemas.errors import FormatDamaged
from sources import limits, workbook_safety, worksheet
from sources.finding import Finding

_HEAD = 40
"""Rows among which a header is looked for."""
_Merged = list[tuple[tuple[int, int], tuple[int, int]]]


def guess(raw: bytes, name: str) -> tuple[Finding, Finding]:
    """Return sheet and header rows (from 1): the fullest sheet, and what stands right above its first row of data.

    Raises FormatDamaged when the bytes are no workbook.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    workbook_safety.check(raw, name, {"macros": "ignore"})
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        for sheet in book.sheet_names:
            worksheet.inspect(io.BytesIO(raw), sheet, name, limits.default())
        sheets = {sheet: book.get_sheet_by_name(sheet) for sheet in book.sheet_names}
        grids = {sheet: [list(row) for row in content.iter_rows()] for sheet, content in sheets.items()}
    except (CalamineError, OSError, ValueError) as error:
        raise FormatDamaged(
            f"the workbook cannot be opened ({error}).",
            file=name,
            expected="a whole xlsx file",
            next_step="Ask for the file again.",
        ) from error
    filled = {sheet: sum(cell != "" for row in grid for cell in row) for sheet, grid in grids.items()}
    chosen = max(filled, key=lambda sheet: filled[sheet])
    rivals = [sheet for sheet, cells in filled.items() if sheet != chosen and 2 * cells > filled[chosen]]
    note = f'as full: "{rivals[0]}"' if rivals else ""
    rows = header_rows(grids[chosen], sheets[chosen].merged_cell_ranges or [])
    return Finding(chosen, not rivals, note), rows


def header_rows(grid: list[list[Any]], merged: _Merged) -> Finding:
    """Return the rows, counted from 1, that hold the names of the columns.

    grid: cells as the workbook types them, "" where there is none. Data begin with the first row that holds a number
    or a day and is as wide as those after it; rows above belong to the header while merged cells tie them to it, or
    while they name columns that the rows below leave without a name.
    """
    width = max((len(row) for row in grid), default=0)
    wide = [at for at, row in enumerate(grid[:_HEAD]) if _is_wide(row, grid[at + 1 : at + 6])]
    data = next((at for at in wide if at and any(_is_typed(cell) for cell in grid[at])), None)
    if data is None:  # nothing but text: the header is the first row that is as wide as the table
        data = wide[0] + 1 if wide else 0
    above = [at for at in range(data) if any(cell != "" for cell in grid[at])]
    if not above:
        return Finding([1], False, "no row stands out as a header")
    rows = [above.pop()]
    while above and above[-1] == rows[0] - 1 and _belongs(grid, merged, above[-1], rows[0], width):
        rows.insert(0, above.pop())
    named = {position for row in rows for position, cell in enumerate(grid[row]) if cell != ""}
    named |= {c for (top, left), (_, right) in merged if top in rows for c in range(left, right + 1)}
    used = {position for row in grid[rows[-1] + 1 :] for position, cell in enumerate(row) if cell != ""}
    return Finding(
        [row + 1 for row in rows], used <= named, "" if used <= named else "it leaves columns without a name"
    )


def _is_typed(cell: object) -> bool:
    return isinstance(cell, int | float | datetime.date) and not isinstance(cell, bool)


def _is_wide(row: list[Any], following: list[list[Any]]) -> bool:
    """Return whether a row has at least half as many cells as the rows after it usually have."""
    filled = sum(cell != "" for cell in row)
    usual = sorted(sum(cell != "" for cell in other) for other in following)
    return filled > 1 and (not usual or 2 * filled >= usual[len(usual) // 2])


def _belongs(grid: list[list[Any]], merged: _Merged, row: int, below: int, width: int) -> bool:
    for (top, left), (bottom, right) in merged:
        spans_rows = top <= row < below <= bottom
        spans_columns = top == row == bottom and 0 < right - left < width - 2  # wider, it is a title
        if spans_rows or spans_columns:
            return True
    lower = [at for at in range(width) if at < len(grid[below]) and grid[below][at] != ""]
    only_above = [at for at, cell in enumerate(grid[row]) if cell != "" and at not in lower]
    return len(only_above) > 1
