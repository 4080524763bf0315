"""What the workbook reader does not tell of an xlsx sheet: error values, uncomputed formulas, cells far away."""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass, field
from typing import BinaryIO

from schemas.errors import FormatDamaged
from sources import limits, sheet_cells
from sources.limits import Limits
from sources.sheet_cells import Cells
from sources.xml_elements import elements

_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


@dataclass
class Oversights:
    """Cells of a sheet by (row, column) from 0. errors: their text (#N/A); uncomputed: their names (D17).

    merged: corners of merged cells, None where the workbook reader tells them.
    """

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncomputed: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] | None = None


def inspect(data: BinaryIO, sheet: str, file: str, allowed: Limits) -> Oversights:
    """Find what would be lost or would exhaust the memory when the sheet is read.

    Raises FileTooLarge, FormatDamaged, and what zipfile and expat raise on damaged files.
    """
    with zipfile.ZipFile(data) as archive:
        part = _part_of(archive, sheet, file)
        xml = archive.read(part)
    cells = sheet_cells.of(xml, part, file)
    if cells.rows * cells.columns > allowed.sheet_cells:
        cells = sheet_cells.walk(xml, part, file)  # which does not count cells that hold nothing
    _check_extent(cells, sheet, file, allowed)
    named = {(row, column): f"{column_letters(column)}{row + 1}" for row, column in cells.uncomputed}
    return Oversights(cells.errors, named)


def column_letters(column: int) -> str:
    """Return the letters over a sheet column that is counted from 0: 0 is A, 26 is AA."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _part_of(archive: zipfile.ZipFile, sheet: str, file: str) -> str:
    """Return the archive member that holds a sheet, found as the workbook reader finds it. Raises FormatDamaged."""
    members = {name.lower().replace("\\", "/"): name for name in archive.namelist()}
    relation: str | None = None
    targets: dict[str | None, str] = {}
    if len(members) < len(archive.namelist()):
        raise _unsaid("has two parts whose names differ in capital letters alone", file)
    if _BOOK in members and _RELATIONS in members:
        listed = elements(archive.read(members[_BOOK]), _BOOK, file)
        given = next((given for tag, given in listed if tag.endswith(" sheet") and given.get("name") == sheet), {})
        relation = next((value for key, value in given.items() if key.endswith(" id")), None)
        for _, given in elements(archive.read(members[_RELATIONS]), _RELATIONS, file):
            targets[given.get("Id")] = given.get("Target", "")
    target = targets.get(relation, "") if relation else ""
    place = target if target.startswith(("/xl/", "xl/")) else f"xl/{target}"
    member = members.get(posixpath.normpath(place).lstrip("/").lower().replace("\\", "/"))
    if member is None:
        raise _unsaid("does not say which of its parts holds a sheet that is to be read", file)
    return member


def _unsaid(what: str, file: str) -> FormatDamaged:
    return FormatDamaged(
        f"the workbook {what}.",
        file=file,
        expected="a workbook as a spreadsheet program saves it",
        next_step="Open the workbook in a spreadsheet program, save it as xlsx, and deliver that.",
    )


def _check_extent(cells: Cells, sheet: str, file: str, allowed: Limits) -> None:
    rows, columns = cells.rows, cells.columns
    if rows * columns > allowed.sheet_cells:
        raise limits.beyond(
            "sheet_cells",
            allowed.sheet_cells,
            f'sheet "{sheet}" reaches to {column_letters(columns - 1)}{rows}: {rows * columns:,} cells, '
            f"of which {cells.filled:,} are filled; delete the stray values far below or to the right of the table.",
            file,
            row=rows,
            seen=rows * columns,
        )
