"""great_expectations' own pages in a browser, from disk: read, filtered and left, with nothing asked elsewhere."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from flows import direct
from schemas import declaration
from tests import small_survey
from tests.browser.conftest import Visit
from warehouse import checkpoint
from warehouse.home import Home

if TYPE_CHECKING:
    from playwright.sync_api import Page

PHONE, DESK = 360, 1280
CONTRAST = """() => {
    const light = colour => {
        const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255);
        const [r, g, b] = parts.map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = one => {
        for (let at = one; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (colour !== "rgba(0, 0, 0, 0)") return colour;
        }
        throw new Error("no paper");
    };
    const said = [...document.querySelectorAll("body *")].filter(
        one => one.checkVisibility() && [...one.childNodes].some(part => part.nodeType === 3 && part.data.trim()));
    return Math.min(...said.map(one => {
        const [low, high] = [light(getComputedStyle(one).color), light(paper(one))].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    }));
}"""
"""The lowest contrast of any text with what is behind it: WCAG 2.2, definition of contrast ratio."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a release of the small survey that asks for the pages, and does not meet one expectation."""
    folder = tmp_path_factory.mktemp("data_docs")
    path = small_survey.write(folder / "surveys") / "survey.yaml"
    content = {**small_survey.declaration(), "report": {"data_docs": True}}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        patch.setattr(checkpoint, "SUITES", suites(folder / "suites"))
        outcome = direct.run(declaration.load(small_survey.ID), Home(folder / "home"), logging.getLogger("test").info)
    assert outcome.release is not None
    return outcome.release.folder / "report"


def suites(folder: Path) -> Path:
    """Write the suite `loads`, with one more expectation that is noted: a file of a thousand interviews."""
    folder.mkdir()
    content = yaml.safe_load((checkpoint.SUITES / "loads.yaml").read_text(encoding="utf-8"))
    kwargs = {"column": "rows_accepted", "min_value": 1000}
    item = {"type": "expect_column_values_to_be_between", "kwargs": kwargs, "severity": "warning"}
    content["expectations"].append({**item, "meta": {"why": "a test of what is not met"}})
    (folder / "loads.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    (folder / "loads.sql").write_bytes((checkpoint.SUITES / "loads.sql").read_bytes())
    return folder


def shown(page: Page) -> list[str]:
    """Return the verdicts that can be seen, in their order."""
    return [cell.inner_text().strip() for cell in page.locator(".ge-section tbody td:first-child:visible").all()]


@pytest.mark.parametrize("home", ["", "ru/"])
def test_the_pages_are_reached_from_those_about_expectations_and_lead_back(visit: Visit, home: str) -> None:
    page = visit(f"{home}expectations.html")
    page.click("a[href$='data_docs/index.html']")
    assert page.inner_text("h1") == f"Data Docs of {small_survey.ID}-2009-r1"
    assert "9 of 10" in page.inner_text("tbody")  # nine of loads.yaml, and the one of this test
    page.click("tbody a")
    assert page.url.endswith("/data_docs/loads.html")
    assert page.inner_text("h1").startswith("Validations / loads / loads / small_survey-2009-r1 / ")
    page.click(".ge-section a")
    assert page.url.endswith("/report/expectations.html#suite-loads")
    page.go_back()
    page.click("header a[lang=ru]")
    assert page.url.endswith("/report/ru/expectations.html")


@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_not_met_can_be_shown_alone_with_the_keyboard(visit: Visit, scripts: bool) -> None:
    page = visit("data_docs/loads.html", scripts=scripts)
    verdicts = [said for said in shown(page) if "met" in said]
    assert sorted(verdicts) == ["✓ met"] * 9 + ["✗ not met"]
    page.focus("#failed-only")
    page.keyboard.press("Space")
    assert [said for said in shown(page) if "met" in said] == ["✗ not met"]
    assert "2 unexpected values found. 100% of 2 total rows." in page.inner_text("main")  # two files of thirty rows
    page.keyboard.press("Space")
    assert len([said for said in shown(page) if "met" in said]) == 10


def test_more_is_unfolded_without_a_script(visit: Visit) -> None:
    page = visit("data_docs/loads.html", scripts=False)
    told = page.locator("details").first
    assert not told.get_by_text("Great Expectations Version").is_visible()
    page.focus("summary")
    page.keyboard.press("Enter")
    assert told.get_by_text("Great Expectations Version").is_visible()
    assert re.search(r"Run Name\s+small_survey-2009-r1", told.inner_text())


@pytest.mark.parametrize("name", ["index", "loads"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_all_and_every_text_stands_out(visit: Visit, name: str, scheme: str) -> None:
    for width in (PHONE, DESK):
        page = visit(f"data_docs/{name}.html", width=width, scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate("document.styleSheets.length") == 2
        assert page.evaluate(CONTRAST) >= 4.5


def test_the_browser_itself_refuses_to_fetch_or_run_anything(visit: Visit, site: Path) -> None:
    """The policy is in the page: a picture that somebody adds to a copy of it, or a script, is not loaded."""
    text = (site / "data_docs/index.html").read_text(encoding="utf-8")
    added = "<script>document.title = 'run'</script><main"
    (site / "data_docs").chmod(0o755)
    copy = site / "data_docs/copy.html"
    copy.write_text(text.replace("<main", added), encoding="utf-8")
    page = visit("data_docs/index.html")
    refused: list[str] = []
    other = page.context.new_page()
    other.on("console", lambda said: refused.append(said.text))
    other.goto(copy.as_uri())
    assert other.title() == f"Data Docs of {small_survey.ID}-2009-r1"
    assert len(refused) == 1 and "Content Security Policy" in refused[0]
