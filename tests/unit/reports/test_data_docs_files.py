"""great_expectations' pages in the folder of the site: no network is asked, and what was wrong in them is mended."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports.site import data_docs_files
from schemas import declaration
from schemas.expectation import Finding, Validation
from schemas.presentation import Report
from tests import small_survey
from tests.unit.reports.site import views
from warehouse import data_docs

VOID = {"link", "meta", "input", "br"}
COUNTS = {"element_count": 5, "missing_count": 0, "unexpected_count": 3, "unexpected_percent": 60.0}
MET = Finding("expect_column_values_to_be_unique", {"column": "uri"}, "why", "critical", True, {**COUNTS})
FAILED = replace(MET, success=False, severity="warning")
NOT_RUN = replace(MET, kwargs={"column": "a"}, success=False, error="it broke")
LOADS = Validation("loads", "Files <in> force", "SELECT 1", 12345, (MET, FAILED, NOT_RUN))


class Elements(HTMLParser):
    """Every element of a page with its attributes, in order; fails on one that is closed and was not opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in an element."""
        self.found.append((tag, dict(attrs)))
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        """Leave it."""
        assert self.open.pop() == tag


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Return the folder of the pages of one suite."""
    run = data_docs.Run("s-2009-r1", datetime(2026, 11, 22))
    pages = data_docs.pages([LOADS], run, data_docs_files.TEMPLATES)
    data_docs_files.write(tmp_path, pages, [LOADS], run.name)
    return tmp_path / "data_docs"


def test_a_page_loads_two_styles_of_its_own_folder_and_links_to_nothing_else(written: Path) -> None:
    for path in written.glob("*.html"):
        elements = Elements(path.read_text(encoding="utf-8"))
        assert elements.open == []
        named = {tag for tag, _ in elements.found}
        assert named & {"script", "img", "iframe", "object", "style", "form"} == set()
        assert {name for _, attributes in elements.found for name in attributes if name.startswith("on")} == set()
        assert {attributes.get("src") for _, attributes in elements.found} == {None}
        loaded = [attributes["href"] for tag, attributes in elements.found if tag == "link"]
        assert loaded == ["data:,", "assets/bootstrap/bootstrap.min.css", "assets/data_docs.css"]
        assert "http:" not in path.read_text(encoding="utf-8") and "https:" not in path.read_text(encoding="utf-8")
        inside = [str(address) for address in loaded[1:]]
        inside += [str(attributes["href"]) for tag, attributes in elements.found if tag == "a"]
        for address in inside:
            if not address.startswith(("#", "../expectations.html", "../ru/expectations.html")):
                assert (written / address).is_file(), address


def test_the_styles_load_nothing(written: Path) -> None:
    for path in written.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert "@import" not in text
        assert all(source.startswith('"data:') for source in re.findall(r"url\(([^)]*)", text))


def test_signs_are_words_headings_follow_each_other_and_tables_are_reached(written: Path) -> None:
    text = (written / "loads.html").read_text(encoding="utf-8")
    assert "<i " not in text
    for said in ("✓ met", "✗ not met", "! not run"):
        assert said in text
    levels = [tag for tag, _ in Elements(text).found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == "h1" and set(levels) == {"h1", "h2", "h3"}
    named = {attributes.get("id") for _, attributes in Elements(text).found}
    scrolled = [told for _, told in Elements(text).found if "table-responsive" in str(told.get("class"))]
    assert len(scrolled) == 3  # statistics, and a table for each of the two columns
    assert all(told["tabindex"] == "0" and told["aria-labelledby"] in named for told in scrolled)
    assert '<a href="../expectations.html#suite-loads"' in text


def test_the_index_lists_the_suites(written: Path) -> None:
    text = (written / "index.html").read_text(encoding="utf-8")
    assert '<a href="loads.html">loads</a>' in text
    assert "1 of 3" in text and "12,345" in text and "✗ Failed" in text
    assert "Files &lt;in&gt; force" in text


def test_what_is_vendored_goes_along_with_its_licence(written: Path) -> None:
    names = {path.name for path in (written / "assets/bootstrap").iterdir()}
    assert names == {"bootstrap.min.css", "LICENSE", "vendor.yaml"}


@pytest.mark.usefixtures("survey")
@pytest.mark.parametrize(("language", "address"), [("en", "data_docs/"), ("ru", "../data_docs/")])
def test_the_page_about_expectations_links_to_them_where_they_are(language: str, address: str) -> None:
    asked = declaration.load(small_survey.ID).model_copy(update={"report": Report(data_docs=True)})
    for declared, validations, there in ((asked, [LOADS], True), (asked, [], False), (None, [LOADS], False)):
        seen = views.view(views.tables(), language, declared, validations)
        assert (f'href="{address}index.html"' in views.html(seen, "expectations")) is there
