"""The workbook of a release: cover, notes, and the headline tables, one a sheet, without merged cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd

from exchange.edition import Edition
from exchange.headline_tables import sheets
from exchange.worksheet import Sheet, add, link, styled, text
from schemas.vocabulary import code_lists, content

if TYPE_CHECKING:
    from openpyxl import Workbook

COVER, NOTES = "Cover", "Notes"


def cover(about: Edition) -> list[tuple[str, str]]:
    """Return what the cover says about the release, as pairs of a name and a value."""
    lines = [
        ("Release", about.release_id),
        ("Survey", about.survey_id),
        ("Reference period", about.reference_period),
        ("Status", about.status),
        ("Published (UTC)", about.moment),
        ("Hash of the content", about.content_sha256),
        ("Notice", about.notice),
        ("Earlier publication", about.publication),
    ]
    return [(name, value) for name, value in lines if value]


def notes(about: Edition, methods: Sequence[str], units: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return the notes as rows of subject, symbol or name, and meaning. methods, units: those of the release."""
    none = content()["no_number"]
    rows = [("Symbol", none["symbol"], none["meaning"])]
    rows += [("Flag", flag["symbol"], flag["meaning"]) for flag in content()["flags"].values()]
    if about.thresholds:
        rows.append(("Reliability", "rule", content()["reliability_rule"]["en"].format(**about.thresholds)))
    listed = code_lists()["method"].covering(methods)
    rows += [("Method", code.value, code.en) for code in listed.codes if code.value in methods]
    rows += [("Unit", code.value, code.en) for code in code_lists()["unit"].codes if code.value in units]
    return rows


def write(path: Path, tables: Mapping[str, pd.DataFrame], about: Edition) -> None:
    """Write the workbook. tables: the result tables of a release. Equal tables give equal bytes."""
    from openpyxl import Workbook
    from openpyxl.writer.excel import ExcelWriter

    pages = sheets(tables, about)
    book = Workbook(write_only=True)
    book.properties.title, book.properties.identifier = about.title, about.release_id
    book.properties.creator = "kinscale"
    book.properties.created = book.properties.modified = about.published_at
    _cover(book, about, pages)
    _notes(book, notes(about, *(list(tables["estimates"][name].unique()) for name in ("method", "unit"))))
    for page in pages:
        add(book, page)
    with _Dated(path, about.published_at) as archive:  # Workbook.save would put the time of writing into it
        ExcelWriter(book, archive).write_data()


class _Dated(ZipFile):
    """An archive all of whose parts bear one time, that of the release."""

    def __init__(self, path: Path, moment: datetime) -> None:
        super().__init__(path, "w", ZIP_DEFLATED)
        self._time = moment.timetuple()[:6]

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        super().writestr(ZipInfo(str(zinfo_or_arcname), self._time), data, ZIP_DEFLATED)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        self.writestr(arcname or filename, Path(filename).read_bytes())


def _cover(book: Workbook, about: Edition, pages: Sequence[Sheet]) -> None:
    from openpyxl.styles import Alignment, Font

    page = book.create_sheet(COVER)
    for column, width in (("A", 24), ("B", 100)):
        page.column_dimensions[column].width = width
    page.append([styled(page, about.title, Font(bold=True, size=16))])
    page.append([])
    for name, value in cover(about):
        said = styled(page, value, Font(), alignment=Alignment(wrap_text=True, vertical="top"))
        page.append([styled(page, name, Font(bold=True)), said])
    page.append([])
    page.append([styled(page, "Contents", Font(bold=True, size=13))])
    page.append([link(page, NOTES, NOTES), "Symbols, flags, reliability, methods, units"])
    for sheet in pages:
        page.append([link(page, sheet.name, sheet.name), text(page, sheet.title)])
    page.append([])
    page.append(["All numbers", "tables/*.csv and tables/*.parquet, sdmx/ and results.duckdb of the same release"])


def _notes(book: Workbook, rows: Sequence[tuple[str, str, str]]) -> None:
    from openpyxl.styles import Alignment, Font

    fields_and_widths = (("Subject", 14), ("Symbol or name", 24), ("Meaning", 110))
    page = book.create_sheet(NOTES)
    for letter, (_, width) in zip("ABC", fields_and_widths, strict=True):
        page.column_dimensions[letter].width = width
    page.append([styled(page, "Notes", Font(bold=True, size=14))])
    page.append(["What symbols, flags and methods mean"])
    page.append([link(page, COVER, "Back to the contents")])
    page.append([styled(page, header, Font(bold=True)) for header, _ in fields_and_widths])
    for subject, name, meaning in rows:
        page.append(
            [text(page, subject), text(page, name), styled(page, meaning, Font(), alignment=Alignment(wrap_text=True))]
        )
