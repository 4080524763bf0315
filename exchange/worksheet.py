"""How a sheet of the workbook is laid out: title, note, header, one cell a number, symbols where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from schemas.spreadsheet_text import acts
from schemas.vocabulary import content

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

HEADER_ROW = 4
"""Title, note and the way back stand above it; the table begins here on every sheet."""
WHOLE, TENTHS, THOUSANDTHS, PER_CENT, P_VALUE = "#,##0", "#,##0.0", "#,##0.000", "0.0%", "0.0000"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""What XML cannot hold."""


@dataclass(frozen=True)
class Field:
    """A column of a sheet: the frame's column, its header with the unit, width in characters, number format if any."""

    column: str
    header: str
    width: int
    number_format: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A sheet with one table. rows: a frame that holds the columns of all fields."""

    name: str
    title: str
    note: str
    fields: Sequence[Field]
    rows: pd.DataFrame


def add(book: Workbook, sheet: Sheet) -> None:
    """Write a sheet into a workbook that is being written: rows go out one by one and cannot be changed after."""
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    page = book.create_sheet(sheet.name)
    last = get_column_letter(len(sheet.fields))
    for place, field in enumerate(sheet.fields, start=1):
        page.column_dimensions[get_column_letter(place)].width = field.width
    page.row_dimensions[HEADER_ROW].height = 48
    page.freeze_panes = f"A{HEADER_ROW + 1}"
    page.page_setup.orientation, page.page_setup.fitToHeight = "landscape", 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    page.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + max(len(sheet.rows), 1)}"
    page.append([styled(page, sheet.title, Font(bold=True, size=14))])
    page.append([text(page, sheet.note)])
    page.append([link(page, "Cover", "Back to the contents")])
    look = {"font": Font(bold=True), "fill": PatternFill("solid", fgColor="DDE5EE")}
    page.append([styled(page, f.header, **look, alignment=Alignment(wrap_text=True)) for f in sheet.fields])
    columns = [_cells(page, field, sheet.rows[field.column]) for field in sheet.fields]
    for row in zip(*columns, strict=True):
        page.append(row)


def _cells(page: Any, field: Field, values: pd.Series) -> Iterator[Any]:
    """Make the cells of a column: text as it is, a number with its format, the symbol where there is none."""
    from openpyxl.cell import WriteOnlyCell

    missing = values.isna().tolist()
    if field.number_format is None:
        for value, empty in zip(values.tolist(), missing, strict=True):
            yield None if empty else text(page, value)
        return
    symbol = content()["no_number"]["symbol"]
    for value, empty in zip(values.tolist(), missing, strict=True):
        cell = WriteOnlyCell(page, value=symbol if empty else value)
        cell.number_format = field.number_format
        yield cell


def text(page: Any, value: Any) -> WriteOnlyCell:
    """Make a cell of text that stays text: no formula whatever it begins with, no control character.

    It is marked as text as well where it would become a formula once somebody edits the cell.
    """
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(page, value=_CONTROL.sub("\ufffd", str(value)))
    cell.data_type = "s"
    if acts(cell.value):
        cell.quotePrefix = True
    return cell


def styled(page: Any, value: str, font: Any, fill: Any = None, alignment: Any = None) -> WriteOnlyCell:
    """Make a cell of text with a look."""
    cell = text(page, value)
    cell.font = font
    if fill:
        cell.fill = fill
    if alignment:
        cell.alignment = alignment
    return cell


def link(page: Any, sheet: str, words: str) -> WriteOnlyCell:
    """Make a cell that leads to the top of another sheet."""
    from openpyxl.styles import Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    cell = styled(page, words, Font(color="0B5CAD", underline="single"))
    cell.hyperlink = Hyperlink(ref="", location=f"'{sheet}'!A1")
    return cell
