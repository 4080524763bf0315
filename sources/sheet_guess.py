"""Which sheet of a workbook holds the interviews and which of its rows are the header, when nobody says."""

from __future__ import annotations

import datetime
from typing import Any

from schemas.errors import SheetMissing
from sources import limits, sheets
from sources.finding import Finding
from sources.sheets import Sheet

_HEAD = 40
"""Rows among which a header is looked for."""
_Merged = list[tuple[tuple[int, int], tuple[int, int]]]


def guess(raw: bytes, name: str, kind: str = "xlsx") -> tuple[Finding, Finding]:
    """Return sheet and header rows (from 1): the fullest sheet, and what stands right above its first row of data.

    Sheets that are hidden are left aside, unless all are. Raises FileTooLarge or FormatDamaged.
    """
    found = _visible(raw, name, kind)
    grids = {sheet.name: [list(row) for row in sheet.content.iter_rows()] for sheet in found}
    filled = {sheet: sum(cell != "" for row in grid for cell in row) for sheet, grid in grids.items()}
    chosen = max(filled, key=lambda sheet: filled[sheet])
    rivals = [sheet for sheet, cells in filled.items() if sheet != chosen and 2 * cells > filled[chosen]]
    note = f'as full: "{rivals[0]}"' if rivals else ""
    share = filled[chosen] / max(sum(filled.values()), 1)
    merged = next(sheet.merged for sheet in found if sheet.name == chosen)
    return Finding(chosen, not rivals, note, share), header_rows(grids[chosen], merged)


def _visible(raw: bytes, name: str, kind: str) -> list[Sheet]:
    try:
        return sheets.opened(raw, name, {"format": kind, "sheet": "*", "macros": "ignore"}, limits.default())
    except SheetMissing as error:
        if not error.facts["sheets"]:
            raise
        return sheets.opened(
            raw, name, {"format": kind, "sheet": error.facts["sheets"], "macros": "ignore"}, limits.default()
        )


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
        return Finding([1], False, "no row stands out as a header", 0.0)
    rows = [above.pop()]
    while above and above[-1] == rows[0] - 1 and _belongs(grid, merged, above[-1], rows[0], width):
        rows.insert(0, above.pop())
    named = {position for row in rows for position, cell in enumerate(grid[row]) if cell != ""}
    named |= {c for (top, left), (_, right) in merged if top in rows for c in range(left, right + 1)}
    used = {position for row in grid[rows[-1] + 1 :] for position, cell in enumerate(row) if cell != ""}
    share = len(used & named) / len(used) if used else 1.0
    note = "" if used <= named else "it leaves columns without a name"
    return Finding([row + 1 for row in rows], used <= named, note, share)


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
