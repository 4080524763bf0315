"""What separates the cells of a text table, when nobody says: what cuts header and rows into equally many."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from sources.finding import Finding

DELIMITERS = (";", ",", "\t", "|")
_RECORDS = 500
_FITTING = 0.9
"""Share of rows that must be as wide as the header."""


def guess(text: str) -> Finding:
    """Name the delimiter of a text table; unsure when another one cuts it into a table as well, or none does."""
    widths = {delimiter: _width(text, delimiter) for delimiter in DELIMITERS}
    fitting = sorted((d for d, width in widths.items() if width > 1), key=lambda d: -widths[d])
    if not fitting:
        return Finding(",", False, "nothing cuts header and rows into equally many cells")
    if len(fitting) > 1:
        return Finding(fitting[0], False, f'"{_shown(fitting[1])}" would cut it into {widths[fitting[1]]} columns')
    return Finding(fitting[0], True)


def decimal(columns: Iterable[Iterable[str]]) -> Finding | None:
    """Name the decimal mark of columns of text, None where no cell holds a comma between digits.

    A column counts in which most filled cells are numbers.
    """
    comma = point = 0
    for column in columns:
        cells = [cell.strip() for cell in column if cell and cell.strip()]
        with_comma, with_point = (sum(_is_decimal(cell, mark) for cell in cells) for mark in ",.")
        whole = sum(cell.isascii() and cell.isdigit() for cell in cells)
        if 2 * (with_comma + with_point + whole) > len(cells):
            comma, point = comma + with_comma, point + with_point
    if not comma:
        return None
    return Finding(",", not point, f"{point} cells are written with a point" if point else "")


def _width(text: str, delimiter: str) -> int:
    """Return how wide the header is if most rows are as wide, else 0."""
    header, fitting, rows = 0, 0, 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
            if number > _RECORDS:
                break
            if not cells:
                continue
            if not header:
                header = len(cells)
                continue
            rows += 1
            fitting += len(cells) == header
    except csv.Error:
        return 0
    return header if fitting >= _FITTING * rows else 0


def _is_decimal(cell: str, mark: str) -> bool:
    before, found, after = cell.removeprefix("-").partition(mark)
    return bool(found) and before.isascii() and before.isdigit() and after.isascii() and after.isdigit()


def _shown(delimiter: str) -> str:
    return "\\t" if delimiter == "\t" else delimiter
