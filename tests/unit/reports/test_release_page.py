"""The page of a release: whole by itself, every table named, every text escaped, no number without its limits."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from reports import pages, release_page
from tests.unit.reports import small_release
from tests.unit.reports.small_release import PRINTED, printed

FILES = [{"country": "KZ", "file": "<b>KZ</b>.csv", "read": 1234, "accepted": 1200, "quarantined": 34}]
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Collects what a browser would: tags still open, tables with their captions, addresses, text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tables: list[list[str]] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.cells = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if "table" in self.open:
            self.tables[-1].append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.cells += data


def render(
    reproduction: list[dict[str, object]] | None = None,
    title: str = "A survey",
    newest: pd.DataFrame | None = None,
    **texts: str,
) -> str:
    return release_page.render(
        small_release.tables(reproduction, newest),
        FILES,
        title=title,
        names={"KZ": "Kazakhstan", "KG": "Kyrgyzstan"},
        **texts,
    )


@pytest.mark.parametrize("reproduction", [[], PRINTED, [printed("victims", 7.0, 8.0, "publication_error")]])
def test_every_page_is_well_formed_and_every_table_has_a_caption(reproduction: list[dict[str, object]]) -> None:
    page = Page(render(reproduction))
    assert page.open == []
    assert len(page.tables) >= 4
    assert [table[1] for table in page.tables] == ["caption"] * len(page.tables)
    assert not page.tags & {"script", "iframe", "object", "img"}


def test_nothing_is_fetched_from_elsewhere() -> None:
    text = render(PRINTED, publication="Study, https://example.org")
    page = Page(text)
    assert page.addresses
    assert all(re.fullmatch(r"(\.\./)?[a-z_/.]+", address) for address in page.addresses), page.addresses
    assert "url(" not in text
    assert "@import" not in text


def test_without_a_publication_nothing_is_compared() -> None:
    assert "Beside the printed numbers" not in render([])
    assert "Beside the printed numbers" in render(PRINTED)


def test_what_people_wrote_is_text_and_not_markup() -> None:
    errors = [
        *PRINTED,
        {**printed("victims", 7.0, 8.0, "publication_error"), "source_cell": "KZ other", "sex": "women"},
    ]
    text = render(errors, title="<script>alert(1)</script>", publication="A & B <i>")
    assert "<script>" not in text
    assert "<b>KZ</b>" not in text
    page = Page(text)
    assert "<script>alert(1)</script>" in page.cells
    assert "a misprint & <more>" in page.cells
    assert "A & B <i>" in page.cells


def test_the_numbers_are_those_of_the_newest_release_with_their_limits() -> None:
    page = Page(render(PRINTED))
    assert "s-2009-r2" in page.cells
    assert "90 – 110" in page.cells
    assert "135 – 165" in page.cells  # both places together: 150, ten per cent each way
    assert "9.0 – 11.0" in page.cells  # the region's rate
    assert "1,234" in page.cells


def test_design_leads_and_the_2010_rule_stands_beside_it() -> None:
    cells = Page(render(PRINTED, newest=small_release.with_design())).cells
    first, rest = cells.split("Beside the printed numbers")
    assert "108 – 132" in first and "90 – 110" not in first
    compared, regions = rest.split("Regions", 1)
    assert "108 – 132" in compared and "90 – 110" in compared
    assert "10.8 – 13.2" in regions and "9.0 – 11.0" not in regions
    assert "Regions, hidden ones included, add up to their nation" in regions


def test_a_region_without_a_cell_keeps_its_row() -> None:
    rows = small_release.with_design()
    gone = (rows["method"] == "design") & (rows["level"] == "regional") & (rows["location"] == "abroad")
    cells = Page(render(PRINTED, newest=rows[~gone])).cells
    assert "Aktobe" in cells
    assert "publish / –" in cells


def test_a_hidden_cell_says_so_and_shows_no_number() -> None:
    rows = small_release.with_design()
    hidden = (rows["method"] == "design") & (rows["level"] == "regional") & (rows["location"] == "abroad")
    numbers = ["estimate", "ci_low", "ci_high"]
    rows.loc[hidden, [*numbers, "reliability"]] = None
    rows.loc[hidden, "conf_status"] = "C"
    cells = Page(render(PRINTED, newest=rows)).cells
    assert "publish / hidden" in cells


def test_a_notice_stands_above_every_number() -> None:
    text = render(PRINTED, notice="The raw files are <reconstructions>.")
    cells = Page(text).cells
    assert "The raw files are <reconstructions>." in cells
    assert cells.index("reconstructions") < cells.index("90 – 110")


def test_a_page_is_the_same_every_time() -> None:
    assert render(PRINTED) == render(PRINTED)


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (pages.whole, 132486.4, "132,486"),
        (pages.whole, None, "–"),
        (pages.whole, math.nan, "–"),
        (pages.rate, 71.94, "71.9"),
        (pages.rate, math.nan, "–"),
        (pages.share, 0.3149, "31.5%"),
        (pages.share, None, "–"),
        (pages.text, "caution", "caution"),
        (pages.text, math.nan, "–"),
    ],
)
def test_numbers_are_written_as_in_the_publication(write: object, value: float | None, text: str) -> None:
    assert callable(write)
    assert write(value) == text
