"""The page that compares two releases: whole by itself, counts that add up, the cells that moved most first."""

from __future__ import annotations

import pandas as pd
import pytest

from reports import diff_page
from tasks.changes import changes
from tests.unit.reports import small_release
from tests.unit.reports.html_page import Page


@pytest.fixture
def changed() -> pd.DataFrame:
    """Rates 5 % up, which is within their limits; totals 20 % up, which is beyond them; one row gone."""
    before = small_release.estimates("s-2009-r1")
    factor = before["indicator"].map({"victims": 1.2, "victims_per_1000_families": 1.05})
    after = before.assign(estimate=before["estimate"] * factor, ci_high=before["ci_high"] * 1.5)
    return changes(before, after.iloc[1:])


def test_the_counts(changed: pd.DataFrame) -> None:
    """Eighteen cells: three places by three levels by two indicators; the first, a total, is gone."""
    counts = diff_page.counts(changed)
    assert counts == {
        "added": 0, "removed": 1, "revised": 17, "uncertainty": 0, "hidden": 0, "shown": 0, "beyond_their_limits": 8,
    }  # fmt: skip


def test_the_cells_that_moved_most_come_first(changed: pd.DataFrame) -> None:
    rows = diff_page.rows(changed)
    assert [row["beyond_limits"] for row in rows] == [True] * 8 + [False] * 10
    assert rows[0]["relative_change"] == pytest.approx(0.2)
    assert rows[-1]["change"] == "removed"
    assert rows[-1]["estimate"] is None


def test_the_page_is_whole_by_itself_and_escapes_what_people_wrote(changed: pd.DataFrame) -> None:
    text = diff_page.render(changed, "s-2009-r1", "s-2009-r2", "<i>A survey</i>", "Invented & <b>")
    page = Page(text)
    assert page.open == []
    assert page.addresses == []
    assert [table[1] for table in page.tables] == ["caption"] * 2
    assert "<i>A survey</i>" in page.cells
    assert "Invented & <b>" in page.cells
    assert "KZ KZ-15 victims inside annual pennington" in page.cells
    assert "group victims abroad annual pennington" in page.cells
    assert page.cells.count("yes") == 8


def test_what_a_page_cannot_show_is_counted(changed: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff_page, "MOST_ROWS", 3)
    text = diff_page.render(changed, "s-2009-r1", "s-2009-r2", "A survey")
    assert "15 more are in" in Page(text).cells


def test_two_equal_releases_have_no_table_of_cells() -> None:
    same = changes(small_release.estimates(), small_release.estimates())
    text = diff_page.render(same, "s-2009-r2", "s-2009-r2", "A survey")
    assert len(Page(text).tables) == 1


@pytest.mark.parametrize(
    ("value", "text"), [(208222.877, "208,223"), (1000.0, "1,000"), (71.94, "71.9"), (0.0123, "0.0123"), (None, "–")]
)
def test_numbers_have_the_digits_a_reader_needs(value: float | None, text: str) -> None:
    assert diff_page.number(value) == text
