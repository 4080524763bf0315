"""What separates the cells of a text table, when nobody says: what cuts header and rows into equally many."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from sources.finding import Finding

DELIMITERS = (";", ",", "\t", "|")
RARE = ("^", "~", ":")
"""Tried when no other fits: they stand in texts and times of day more often than between cells."""
_RECORDS = 500
_FITTING = 0.9
"""Share of rows that must be as wide as the header."""


def guess(text: str) -> Finding:
    """Name the delimiter of a text table; unsure when another one cuts it into a table as well, or none does."""
    for delimiters in (DELIMITERS, RARE):
        cuts = {delimiter: _cut(text, delimiter) for delimiter in delimiters}
        fitting = sorted((d for d, (width, _) in cuts.items() if width > 1), key=lambda d: -cuts[d][0])
        if len(fitting) > 1:
            (first, share), (second, _) = cuts[fitting[0]], cuts[fitting[1]]
            note = f'"{_shown(fitting[1])}" would cut it into {second} columns'
            return Finding(fitting[0], False, note, share * first / (first + second))
        if fitting:
            return Finding(fitting[0], True, confidence=cuts[fitting[0]][1])
    return Finding(",", False, "nothing cuts header and rows into equally many cells", 0.0)


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
    note = f"{point} cells are written with a point" if point else ""
    return Finding(",", not point, note, comma / (comma + point))


def _cut(text: str, delimiter: str) -> tuple[int, float]:
    """Return how wide the header is if most rows are as wide, else 0; and the share of rows that are."""
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
        return 0, 0.0
    return (header, fitting / rows if rows else 1.0) if fitting >= _FITTING * rows else (0, 0.0)


def _is_decimal(cell: str, mark: str) -> bool:
    before, found, after = cell.removeprefix("-").partition(mark)
    return bool(found) and before.isascii() and before.isdigit() and after.isascii() and after.isdigit()


def _shown(delimiter: str) -> str:
    return "\\t" if delimiter == "\t" else delimiter
