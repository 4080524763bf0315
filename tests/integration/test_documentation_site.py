"""The documentation site: it builds without a warning, holds every page, and asks no other host."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.integration.command_line import kinscale
from warehouse.home import CHECKOUT

LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "object": "data"}
"""Elements that make a browser fetch something, and the attribute that says what."""
ELSEWHERE = re.compile(r"^(?:[a-z]+:)?//", flags=re.IGNORECASE)
IN_STYLES = re.compile(r"(?:@import\s+|url\()\s*[\"']?((?:https?:)?//[^\"')]+)")


class Loaded(HTMLParser):
    """What a page makes a browser fetch, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(told.get("href", ""))
        if (wanted := LOADS.get(tag)) and told.get(wanted):
            self.fetched.append(told[wanted])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    done = kinscale("docs", "--to", str(folder), cwd=folder.parent, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Site     {folder.resolve()}/index.html\n"
    return folder


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def read(page: Path) -> Loaded:
    loaded = Loaded()
    loaded.feed(page.read_text(encoding="utf-8"))
    return loaded


def test_every_page_of_docs_is_in_the_site_and_in_its_contents(site: Path) -> None:
    names = {page.stem for page in (CHECKOUT / "docs").glob("*.md")}
    assert {"tutorial", "terminal", "methods", "index"} <= names
    assert names <= {page.stem for page in pages(site)}
    linked = {link.partition("#")[0] for link in read(site / "index.html").links}
    assert {f"{name}.html" for name in names - {"index"}} <= linked


def test_no_page_asks_another_host(site: Path) -> None:
    for page in pages(site):
        assert [place for place in read(page).fetched if ELSEWHERE.match(place)] == [], page.name
    for sheet in site.rglob("*.css"):
        assert IN_STYLES.findall(sheet.read_text(encoding="utf-8")) == [], sheet.name


def test_what_pages_load_and_link_to_is_there(site: Path) -> None:
    for page in pages(site):
        loaded = read(page)
        for place in loaded.fetched + loaded.links:
            path = re.split(r"[?#]", place)[0]
            if path and not ELSEWHERE.match(place) and ":" not in path:
                assert (page.parent / path).exists(), f"{page.name}: {place}"


def test_the_index_of_words_comes_as_a_script(site: Path) -> None:
    """A browser loads scripts from a disk, and refuses to fetch data from there."""
    assert any(place.startswith("searchindex.js") for place in read(site / "search.html").fetched)
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert index.startswith("Search.setIndex(")
    assert '"quarantin"' in index or "quarantin:" in index


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    done = kinscale("docs", "--to", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 1
    assert "it holds other files" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
