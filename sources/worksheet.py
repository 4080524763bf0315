"""What the workbook reader does not tell of an xlsx sheet: error values, uncomputed formulas, cells far away."""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from typing import BinaryIO

from sources import limits
from sources.limits import Limits
from sources.xml_elements import elements

_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_CELL = re.compile(
    rb"""<(?:[\w.-]+:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']\s*([A-Za-z]{1,8})(\d{1,12})\s*["'](?:[^<>]*[^<>/])?>"""
)
"""A cell that is no empty element, however the XML is written."""
_ROW_OF_NAMELESS = re.compile(
    rb"""<(?:[\w.-]+:)?row\s(?:[^<>]*?\s)?r\s*=\s*["']\s*(\d{1,12})[^<>]*>\s*<(?:[\w.-]+:)?c(?:>|\s(?![^<>]*\br\s*=))"""
)
"""A row whose cells do not say where they are, so that the row does."""
_ERROR = re.compile(rb'<c r="([A-Z]{1,3})(\d+)"[^>]*\bt="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]*)</v>')
_FORMULA = re.compile(
    rb'<c r="([A-Z]{1,3})(\d+)"([^>]*)>\s*(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)
_TEXT_RESULT = b't="str"'
"""Marks a formula whose stored value is text, so that an empty value is a value."""


@dataclass
class Oversights:
    """Cells of a sheet by (row, column) from 0. errors: their text (#N/A); uncomputed: their names (D17).

    merged: corners of merged cells, None where the workbook reader tells them.
    """

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncomputed: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] | None = None


def inspect(data: BinaryIO, sheet: str, file: str, allowed: Limits) -> Oversights:
    """Find what would be lost or would exhaust the memory when the sheet is read. Raises FileTooLarge."""
    with zipfile.ZipFile(data) as archive:
        part = _part_of(archive, sheet, file)
        xml = archive.read(part) if part else b""
    _check_extent(xml, sheet, file, allowed)
    found = Oversights()
    if b't="e"' in xml:
        found.errors = {_place(c, r): text.decode() for c, r, text in _ERROR.findall(xml)}
    if b"<f" in xml:
        lost = [(c, r) for c, r, attributes in _FORMULA.findall(xml) if _TEXT_RESULT not in attributes]
        found.uncomputed = {_place(c, r): (c + r).decode() for c, r in lost}
    return found


def column_letters(column: int) -> str:
    """Return the letters over a sheet column that is counted from 0: 0 is A, 26 is AA."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _place(letters: bytes, row: bytes) -> tuple[int, int]:
    column = 0
    for letter in letters:
        column = column * 26 + letter - ord("A") + 1
    return int(row) - 1, column - 1


def _part_of(archive: zipfile.ZipFile, sheet: str, file: str) -> str | None:
    """Return the archive member that holds a sheet, by the workbook's own list and its relationships."""
    names = set(archive.namelist())
    if not {_BOOK, _RELATIONS} <= names:
        return None
    relation = None
    for tag, given in elements(archive.read(_BOOK), _BOOK, file):
        if tag.endswith(" sheet") and given.get("name") == sheet:
            relation = next((value for key, value in given.items() if key.endswith(" id")), None)
    for _, given in elements(archive.read(_RELATIONS), _RELATIONS, file):
        if relation is not None and given.get("Id") == relation:
            part = posixpath.normpath(posixpath.join("/xl", given.get("Target", ""))).lstrip("/")
            return part if part in names else None
    return None


def _check_extent(xml: bytes, sheet: str, file: str, allowed: Limits) -> None:
    cells = _CELL.findall(xml)
    rows = max((int(row) for row in {*(row for _, row in cells), *_ROW_OF_NAMELESS.findall(xml)}), default=0)
    columns = max((_place(letters.upper(), b"1")[1] for letters in {letters for letters, _ in cells}), default=0) + 1
    if rows * columns > allowed.sheet_cells:
        raise limits.beyond(
            "sheet_cells",
            allowed.sheet_cells,
            f'sheet "{sheet}" reaches to {column_letters(columns - 1)}{rows}: {rows * columns:,} cells, '
            f"of which {len(cells):,} are filled; delete the stray values far below or to the right of the table.",
            file,
            row=rows,
            seen=rows * columns,
        )
