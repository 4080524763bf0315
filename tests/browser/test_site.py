"""Every page of the site in a browser: each language, desk and telephone, light and dark; and what readers do there.

Pages are those that the night wrote. Three surveys are looked at: the bundled one, after a correction; a small one
that has no boundaries, no publication and no second release, and whose site runs SQL; and one of records.
Expected numbers are read from the tables of the releases.
"""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from reports.language import languages
from tests.browser.page_visit import FAULTS, Found, listen, looked_at, pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LARGEST = 6_000_000
"""Bytes of a site without the page that runs SQL."""
LOOKS = [
    ("bundled", "", 1280),
    ("bundled", "ru", 360),
    ("small", "", 360),
    ("small", "ru", 1280),
    ("records", "", 360),
    ("records", "ru", 1280),
]
SLOW_LOOKS = [("bundled", "", 360), ("bundled", "ru", 1280)]
"""Pages of the bundled survey are seen at both widths with these; without, English on a desk, Russian on a phone."""
CELL = ["level", "country", "region", "indicator", "exploitation", "location", "sex", "period", "method"]


@pytest.fixture(scope="module")
def sites(revised: Path, small_release: Path, records_release: Path) -> dict[str, Path]:
    """The releases whose sites are looked at."""
    return {"bundled": revised, "small": small_release, "records": records_release}


@pytest.fixture(
    scope="module",
    params=[*LOOKS, *(pytest.param(look, marks=pytest.mark.slow) for look in SLOW_LOOKS)],
    ids=lambda look: f"{look[0]}-{look[1] or 'en'}-{look[2]}",
)
def found(request: pytest.FixtureRequest, chromium: Browser, sites: dict[str, Path]) -> Found:
    """What a look at every page of one language found, at one width."""
    which, home, width = request.param
    release = sites[which]
    names = pages(release / "report", home)
    assert len(names) > 3
    all_found = Found()
    for name in names:
        all_found.add(looked_at(chromium, release, name, width))
    return all_found


@pytest.fixture
def page(chromium: Browser, revised: Path) -> Iterator[Page]:
    """A window; at the end no page that it showed has complained, or asked for anything beyond the release."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    window, seen = context.new_page(), Found()
    listen(window, revised, seen)
    yield window
    context.close()
    assert seen.complaints == []
    assert seen.elsewhere == []


def test_axe_finds_nothing_wrong(found: Found) -> None:
    assert found.violations == [], "\n".join(["and could not decide:", *found.undecided])


def test_nothing_is_complained_of_and_nothing_leaves_the_site(found: Found) -> None:
    assert found.complaints == []
    assert found.elsewhere == []


def test_every_link_leads_to_a_file_of_the_release(found: Found) -> None:
    assert found.broken == []


def test_no_page_scrolls_sideways(found: Found) -> None:
    assert found.too_wide == []


def test_texts_can_be_read_and_controls_touched(found: Found) -> None:
    assert found.too_small == []


def test_every_language_has_the_same_pages(sites: dict[str, Path]) -> None:
    for release in sites.values():
        first = {Path(name).name for name in pages(release / "report")}
        own = {"methods.html"} if release == sites["records"] else {"comparison.html", "trend.html", "sensitivity.html"}
        assert {"index.html", *own} <= first
        for language in languages()[1:]:
            assert {Path(name).name for name in pages(release / "report", language.code)} == first
    assert "explorer.html" in pages(sites["small"] / "report")


def test_the_switch_leads_to_the_same_page_in_the_other_language_and_back(page: Page, revised: Path) -> None:
    site = revised / "report"
    for name in pages(site):
        page.goto((site / name).as_uri())
        assert page.get_attribute("html", "lang") == "en"
        page.get_by_role("navigation", name="Language").get_by_role("link", name="Русский").click()
        page.wait_for_load_state()
        assert page.url == (site / "ru" / name).as_uri()
        assert page.get_attribute("html", "lang") == "ru"
        page.get_by_role("navigation", name="Язык").get_by_role("link", name="English").click()
        page.wait_for_load_state()
        assert page.url == (site / name).as_uri()


def test_the_keyboard_reaches_the_content_at_once_and_everything_with_its_focus_seen(page: Page, revised: Path) -> None:
    for name in pages(revised / "report"):
        page.goto((revised / "report" / name).as_uri())
        page.evaluate(FAULTS.read_text(encoding="utf-8"))
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip", name
        assert page.evaluate("pageFaults.focus().seen"), name
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content", name
        stops: list[dict[str, Any]] = []
        while len(stops) < 300:
            page.keyboard.press("Tab")
            stop = page.evaluate("pageFaults.focus()")
            if stop["nowhere"] or (stops and not stop["inMain"]):
                break
            stops.append(stop)
        assert len(stops) < 300, f"{name}: Tab never leaves the content"
        assert [stop["name"] for stop in stops if not (stop["ring"] and stop["seen"])] == [], name


def test_a_revision_is_followed_from_the_overview_to_the_number(page: Page, release: Path, revised: Path) -> None:
    new, old = (pd.read_parquet(folder / "tables/estimates.parquet") for folder in (revised, release))
    new = new[new["release_id"] == revised.name]
    both = new[new["method"] == "design"].merge(old, on=CELL, suffixes=("", "_before"))
    both = both[(both["level"] == "national") & (both["indicator"] == "victims") & (both["location"] == "both")]
    moved = both[(both["exploitation"] == "all") & (both["sex"] == "all") & (both["period"] == "annual")]
    moved = moved[moved["estimate"] != moved["estimate_before"]]
    assert list(moved["country"]) == ["KG"]  # the only country with a corrected interview
    before, after = (f"{round(moved[name].item()):,}" for name in ("estimate_before", "estimate"))
    page.goto((revised / "report/index.html").as_uri())
    assert "the paper form says 9 relatives" in page.locator("main").inner_text()
    page.get_by_role("link", name="Every revised number").click()
    page.wait_for_load_state()
    assert page.url == (revised / "report/revisions.html").as_uri()
    assert "the paper form says 9 relatives" in page.locator("main").inner_text()
    row = page.get_by_role("row").filter(has_text="Kyrgyzstan").filter(has_text=before).filter(has_text=after)
    row.first.scroll_into_view_if_needed()
    assert row.first.is_visible()


def test_a_chart_of_a_real_page_is_pointed_at_and_saved_in_three_forms(
    page: Page, revised: Path, tmp_path: Path
) -> None:
    page.goto((revised / "report/comparison.html").as_uri())
    figure = page.locator("figure.chart").first
    figure.scroll_into_view_if_needed()
    figure.locator(".drawing > svg").wait_for()
    table = figure.locator("table")
    cells = [row.locator("th, td").all_text_contents() for row in table.locator("tr").all()]
    figure.locator(".drawing").focus()
    page.keyboard.press("Home")
    assert cells[1][0].strip() in figure.locator(".tooltip").inner_text()

    saved = {}
    for form in ("svg", "png", "csv"):
        with page.expect_download() as waiting:
            figure.locator(f"button[data-form={form}]").click()
        saved[form] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(saved[form])
        assert saved[form].name.startswith(revised.name)
    picture = ET.parse(saved["svg"]).getroot()
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert revised.name in "".join(picture.itertext())
    assert saved["png"].read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    lines = list(csv.reader(io.StringIO(saved["csv"].read_text(encoding="utf-8-sig"), newline="")))
    assert lines[0] == cells[0]
    assert [line[0] for line in lines[1 : len(cells)]] == [row[0] for row in cells[1:]]
    for line, row in zip(lines[1 : len(cells)], cells[1:], strict=True):
        assert [shown(value, text) for value, text in zip(line, row, strict=True)] == row


def shown(value: str, text: str) -> str:
    """Write a number of the file as the table does, with as many decimals; other texts, and nothing, as they are."""
    try:
        number = float(value)
    except ValueError:
        return value or "–"
    decimals = len(text.partition(".")[2])
    return f"{number:,.{decimals}f}"


def test_the_site_is_light_enough_to_be_sent_by_mail(revised: Path) -> None:
    files = [path for path in (revised / "report").rglob("*") if path.is_file()]
    assert not (revised / "report/explorer.html").exists()
    assert sum(path.stat().st_size for path in files) < LARGEST
