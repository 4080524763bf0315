"""Which sheets of a workbook are read, and how several with one header become one table."""

from __future__ import annotations

import fnmatch
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from schemas.errors import DeclarationError, FormatDamaged, HeaderMismatch, SheetMissing
from sources import biff, open_document, signature, text, workbook_safety, worksheet
from sources.limits import Limits
from sources.table import ROW, DamagedRow, RawTable
from sources.worksheet import Oversights

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

STEP = 10_000_000
"""Row 7 of the second sheet is row 10,000,007: the same whatever stands in the first. No sheet has as many rows."""
_PANIC = "PanicException"
"""What a reader in Rust raises where its own code went wrong; it is no Exception, so that nothing hides it."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: what the library gives, and what it does not tell."""

    name: str
    content: CalamineSheet
    oversights: Oversights

    @property
    def merged(self) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Return the corners of merged cells, (row, column) from 0."""
        told = self.oversights.merged
        return told if told is not None else self.content.merged_cell_ranges or []


def opened(raw: bytes, name: str, spec: Mapping[str, Any], bounds: Limits) -> list[Sheet]:
    """Return the sheets that a reader wants.

    Raises DeclarationError, FileTooLarge, FormatDamaged or SheetMissing.
    """
    from python_calamine import CalamineWorkbook

    kind = str(spec["format"])
    workbook_safety.check(raw, name, spec)
    with refusing_damage(raw, name, kind):
        notes = _notes(raw, name, kind, bounds)
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        found = []
        for sheet in chosen(book, name, spec.get("sheet")):
            if kind == "xls":
                oversights = biff.inspect(raw, book.sheet_names.index(sheet), name)
            else:
                oversights = notes.get(sheet) or worksheet.inspect(io.BytesIO(raw), sheet, name, bounds)
            found.append(Sheet(sheet, book.get_sheet_by_name(sheet), oversights))
        return found


def _notes(raw: bytes, name: str, kind: str, bounds: Limits) -> dict[str, Oversights]:
    """Refuse what would exhaust the memory before the library opens it; return what an ods file says of its sheets."""
    if kind == "xls":
        biff.check(raw, name)
        return {}
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if kind != "ods":
            return {}
        if any(member.lower().replace("\\", "/").startswith("xl/") for member in archive.namelist()):
            raise FormatDamaged(
                "the workbook is of ods and of xlsx at once, and programs differ in which one they read.",
                file=name,
                expected="an ods workbook as a spreadsheet program saves it",
                next_step="Ask who made the file, and how; do not open it.",
            )
        return open_document.inspect(archive, name, bounds)


@contextmanager
def refusing_damage(raw: bytes, name: str, kind: str) -> Iterator[None]:
    """Turn what libraries raise on a damaged workbook into FormatDamaged."""
    from python_calamine import CalamineError

    try:
        yield
    except (CalamineError, *signature.ZIP_ERRORS, ExpatError, LookupError) as error:
        raise _damaged(raw, name, kind, error) from error
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        raise _damaged(raw, name, kind, error) from error


def _damaged(raw: bytes, name: str, kind: str, error: BaseException) -> FormatDamaged:
    if kind == "xls":
        what = f"it is not a readable xls workbook ({text.said(error)})."
    else:
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                members = ", ".join(f'"{member}"' for member in archive.namelist()[:5]) or "nothing"
            what = f"the archive is not a readable {kind} workbook ({text.said(error)}); it holds {members}."
        except signature.ZIP_ERRORS:
            what = f"the workbook cannot be opened ({text.said(error)}); it was probably cut off at {len(raw):,} bytes."
    return FormatDamaged(
        what,
        file=name,
        expected=f"a whole {kind} file, as a spreadsheet program saves it",
        next_step="Ask for the file again.",
    )


def chosen(book: CalamineWorkbook, name: str, wanted: object) -> list[str]:
    """Return the sheets that `sheet` of a reader names: one, a list, or a pattern ("Q*") that visible ones fit.

    Without a name, the only sheet that is not hidden. Raises DeclarationError or SheetMissing.
    """
    if wanted is not None and (not isinstance(wanted, str | list | tuple) or not wanted):
        raise DeclarationError(f"sheet {wanted!r} is no name.", file=name, expected='a name, a list of names, or "Q*"')
    listed = list(book.sheet_names)
    visible = [sheet.name for sheet in book.sheets_metadata if str(sheet.visible).endswith(".Visible")]
    if wanted is None:
        if len(visible) == 1 or len(listed) == 1:
            return (visible or listed)[:1]
        raise _missing("the reader names no sheet, and the workbook has", listed, visible, name)
    out: list[str] = []
    for one in [wanted] if isinstance(wanted, str) else [str(item) for item in wanted]:
        found = [one] if one in listed else [sheet for sheet in visible if fnmatch.fnmatchcase(sheet, one)]
        if not found:
            raise _missing(f'there is no sheet "{one}"; the workbook has', listed, visible, name)
        out += [sheet for sheet in found if sheet not in out]
    return out


def _missing(what: str, listed: Sequence[str], visible: Sequence[str], name: str) -> SheetMissing:
    shown = ", ".join(f'"{sheet}"' + ("" if sheet in visible else " (hidden)") for sheet in listed)
    return SheetMissing(
        f"{what} {shown}.",
        file=name,
        expected="the sheet named in this source's reader",
        next_step="Set `sheet` to one of them, or ask for the file again.",
        facts={"sheets": list(listed)},
    )


def joined(parts: Sequence[tuple[str, RawTable]], name: str, sheet_column: object, header_row: int) -> RawTable:
    """Put the tables of sheets below each other; row numbers run on by STEP. sheet_column: gets the sheet's name.

    Raises DeclarationError, or HeaderMismatch when the headers differ.
    """
    import pandas as pd

    if sheet_column is not None and (not isinstance(sheet_column, str) or not sheet_column):
        raise DeclarationError(f"sheet_column {sheet_column!r} is no name.", file=name, expected="the name of a column")
    first_sheet, first = parts[0]
    if sheet_column in first.columns:
        raise DeclarationError(
            f'sheet_column "{sheet_column}" is a column of the sheet.', file=name, expected="a name that is free"
        )
    frames, damaged = [], []
    for place, (sheet, table) in enumerate(parts):
        if set(table.columns) != set(first.columns):
            raise _differs(first_sheet, first.columns, sheet, table.columns, name, header_row)
        frame = table.frame[[*first.columns, ROW]].assign(**{ROW: table.frame[ROW] + place * STEP})
        if sheet_column is not None:
            frame.insert(len(first.columns), sheet_column, pd.array([sheet] * len(frame), dtype="str"))
        frames.append(frame)
        damaged += [_placed(row, sheet, place) for row in table.damaged]
    columns = (*first.columns, *([sheet_column] if sheet_column is not None else []))
    frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    return RawTable(frame, columns, name, tuple(damaged))


def _placed(row: DamagedRow, sheet: str, place: int) -> DamagedRow:
    if not place:
        return row
    reason = f'sheet "{sheet}", row {row.source_row:,}: {row.reason}'
    return replace(row, source_row=row.source_row + place * STEP, reason=reason)


def _differs(
    one: str, of_one: Sequence[str], other: str, of_other: Sequence[str], name: str, row: int
) -> HeaderMismatch:
    lacking = [column for column in of_one if column not in of_other]
    extra = [column for column in of_other if column not in of_one]
    seen = [f'lacks "{lacking[0]}"'] if lacking else []
    seen += [f'has "{extra[0]}" more'] if extra else []
    return HeaderMismatch(
        f'sheet "{other}" {" and ".join(seen)}; sheet "{one}" is read with it.',
        file=name,
        row=row,
        expected="the same names of columns in all sheets that one reader names",
        next_step="Give sheets with other columns a source of their own.",
        facts={"lacking": lacking, "more": extra},
    )
