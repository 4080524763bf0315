"""Pages of further tables of records in a browser, written from small frames: what axe finds, and what fits a phone.

A release whose rules found something, whose figures have rivals and whose scenarios are a grid; numbers are invented.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from reports.site import site
from tests.browser.page_visit import Found, looked_at
from tests.unit.reports.site import record_release
from tests.unit.reports.site import test_record_tables as frames

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("findings", "evidence", "scenarios", "definitions", "comparability")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release folder that holds nothing but its site."""
    rows = {
        "findings": frames.FINDINGS,
        "evidence": [frames.figure("a"), frames.figure("b", citation_restriction="do_not_cite")],
        "evidence_derived": [frames.derivation("sum", "refused", refusal="unit")],
        "evidence_rivals": [frames.rival("Ministry", 50.0), frames.rival("Organisation", 100.0)],
        "evidence_age_bases": [frames.AGES],
        "scenarios": frames.GRID,
        "definitions": [frames.definition("adult", 0.2, 0.5, 10), frames.definition("child", None, None, None)],
        "comparability": [frames.STAFF],
    }
    tables = record_release.tables(**{name: pd.DataFrame(given) for name, given in rows.items()})
    folder = tmp_path_factory.mktemp("tables")
    (folder / "report").mkdir()
    site.write(folder / "report", record_release.view(tables).published)
    return folder


@pytest.mark.parametrize(("home", "width"), [("", 360), ("ru/", 1280)])
def test_pages_of_tables_can_be_read_by_everybody(written: Path, chromium: Browser, home: str, width: int) -> None:
    found = Found()
    for name in NAMES:
        found.add(looked_at(chromium, written, f"{home}{name}.html", width))
    assert found.violations == []
    assert (found.complaints, found.elsewhere) == ([], [])
    assert (found.too_wide, found.too_small) == ([], [])


def test_a_choice_leaves_the_rows_that_it_names(written: Path, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto((written / "report/findings.html").as_uri())
    page.locator("form.controls select").select_option("differs")
    rows = page.locator("#rows-findings tbody tr:visible")
    assert rows.all_text_contents()[0].strip().startswith("c_off in English")
    assert rows.count() == 1
    assert page.locator("form.controls output").inner_text() == "1 of 3"
    page.close()
