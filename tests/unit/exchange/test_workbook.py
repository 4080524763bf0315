"""The workbook as other programs open it: calamine for what is in a cell, openpyxl's reader for the frame around it."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from exchange import workbook
from tests.unit.exchange import small_edition

SHEETS = ["Cover", "Notes", "Countries", "Regions", "Who", "Methods", "Comparisons", "Reproduction", "Quality"]
UNRELIABLE, LOW = "Unreliable. Do not quote", "Low reliability. Quote with its limits"
TOGETHER = [1000.5, "", 900.25, ":", 0.05, 100.05, "", 900.25, ":", 60, ":", 6, "Reliable"]
COUNTRIES = [
    # country, code, where, victims, flag, low, high, cv, rate, flag, low, high, n, cases, settlements, reliability
    ["Kazakhstan", "KZ", "Inside the country", 600, "u", ":", ":", ":", 60, "u", ":", ":", 60, ":", 6, LOW],
    ["Kazakhstan", "KZ", "Abroad", 0, "uu", ":", ":", ":", 0, "uu", ":", ":", 60, ":", 6, UNRELIABLE],
    ["Kazakhstan", "KZ", "Inside and abroad", 600, "r", ":", ":", ":", 60, "r", ":", ":", 60, ":", 6, "Reliable"],
    ["All countries together", "", "Inside and abroad", *TOGETHER],
]
"""By hand from the cells of small_edition: a number stays one under a flag, and none is a colon, never 0 or nothing."""
NONE = [":", ":", ":"]
REGIONS = [
    ["Kazakhstan", "Akmola", "KZ-11+KZ-71", where, ":", flag, *NONE, ":", flag, ":", ":", 60, ":", 6, "Reliable"]
    for where, flag in (("Inside the country", "c"), ("Abroad", "c"), ("Inside and abroad", "m"))
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_edition.write(tmp_path_factory.mktemp("book") / "release") / "workbook.xlsx"


def rows(path: Path, sheet: str) -> list[list[object]]:
    content: list[list[object]] = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()
    return content


def test_every_sheet_is_there_and_the_cover_leads_to_it(path: Path) -> None:
    assert CalamineWorkbook.from_path(str(path)).sheet_names == SHEETS
    cover = openpyxl.load_workbook(path)["Cover"]
    links = {cell.value: cell.hyperlink.location for cell in cover["A"] if cell.hyperlink}
    assert links == {name: f"'{name}'!A1" for name in SHEETS[1:]}


def test_the_cover_says_what_the_numbers_are(path: Path) -> None:
    said = {str(row[0]): row[1] for row in rows(path, "Cover")}
    assert said["Release"] == "s-2009-r2"
    assert said["Published (UTC)"] == "2026-02-28T12:30:00Z"
    assert said["Status"] == "provisional"
    assert said["Notice"] == "Invented."
    assert said["Hash of the content"] == "c0ffee" * 10 + "0123"
    assert "Earlier publication" not in said  # none is declared


def test_the_notes_explain_every_symbol_and_the_rule(path: Path) -> None:
    notes = {(row[0], row[1]): str(row[2]) for row in rows(path, "Notes")}
    assert {name for subject, name in notes if subject == "Flag"} == {"c", "m", "u", "uu", "p", "r"}
    assert notes["Symbol", ":"].endswith("the flag says why")
    assert ("Method", "design") in notes
    assert ("Method", "jackknife") not in notes  # the release has none of it
    rule = notes["Reliability", "rule"]
    assert "fewer than 10 cases or 10 interviews" in rule
    assert "1.6 times" in rule
    assert "30% of the number" in rule


@pytest.mark.parametrize(("sheet", "expected"), [("Countries", COUNTRIES), ("Regions", REGIONS)])
def test_cells_hold_numbers_and_symbols(path: Path, sheet: str, expected: list[list[object]]) -> None:
    assert rows(path, sheet)[4:] == expected


def test_headers_carry_units_and_none_stands_twice(path: Path) -> None:
    for sheet in SHEETS[2:]:
        header = rows(path, sheet)[3]
        assert len(set(header)) == len(header), sheet
        assert "" not in header, sheet
    assert "Victims a year [persons]" in rows(path, "Countries")[3]


def test_no_cell_is_merged_and_the_table_can_be_filtered(path: Path) -> None:
    with zipfile.ZipFile(path) as parts:
        assert not [name for name in parts.namelist() if b"<mergeCell" in parts.read(name)]
    book = openpyxl.load_workbook(path)
    for sheet in SHEETS[2:]:
        assert book[sheet].freeze_panes == "A5"
        assert str(book[sheet].auto_filter.ref).startswith("A4:")
    assert book["Countries"].auto_filter.ref == "A4:P8"  # sixteen columns, four rows below the header
    assert book["Countries"]["D5"].number_format == "#,##0"
    assert book["Countries"]["H8"].number_format == "0.0%"


def test_the_only_time_in_it_is_that_of_the_release(path: Path, tmp_path: Path) -> None:
    properties = openpyxl.load_workbook(path).properties
    assert properties.created == properties.modified == small_edition.ABOUT.published_at
    with zipfile.ZipFile(path) as parts:
        assert {part.date_time for part in parts.infolist()} == {(2026, 2, 28, 12, 30, 0)}
    workbook.write(tmp_path / "again.xlsx", small_edition.tables(), small_edition.ABOUT)
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_text_stays_text(tmp_path: Path) -> None:
    """A name that begins like a formula is none, and a control character does not break the file."""
    content = small_edition.tables()
    content["regions"] = content["regions"].assign(name_en="=1+1\x07")
    workbook.write(tmp_path / "book.xlsx", content, small_edition.ABOUT)
    cell = openpyxl.load_workbook(tmp_path / "book.xlsx")["Regions"]["B5"]
    assert (cell.value, cell.data_type) == ("=1+1\ufffd", "s")
    assert cell.quotePrefix  # so that it stays text when somebody edits the cell
    assert not openpyxl.load_workbook(tmp_path / "book.xlsx")["Regions"]["A5"].quotePrefix


def test_no_cell_of_the_workbook_is_a_formula(tmp_path: Path) -> None:
    """Whatever a survey's titles and labels begin with."""
    about = dataclasses.replace(small_edition.ABOUT, title="=1+1", notice="@SUM(A1)", publication="+cmd", status="-1-a")
    workbook.write(tmp_path / "book.xlsx", small_edition.tables(), about)
    for page in openpyxl.load_workbook(tmp_path / "book.xlsx"):
        assert not [cell.coordinate for row in page.iter_rows() for cell in row if cell.data_type == "f"], page.title
