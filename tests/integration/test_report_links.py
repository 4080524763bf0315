"""The site of a release that a night made: every link leads to a file of it, and every file is offered."""

from __future__ import annotations

import logging
from html.parser import HTMLParser
from pathlib import Path

import pytest

from flows import direct
from reports.language import languages
from schemas import declaration
from tests import small_survey
from warehouse.home import Home

pytestmark = pytest.mark.usefixtures("all_pages")


class Links(HTMLParser):
    """Collects what a page links to or loads, and the identifiers it has."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.named: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and not (value or "").startswith("data:"):  # that is no address, it is the thing
                self.addresses.append(value or "")
            elif name == "id":
                self.named.append(value or "")


def test_every_link_leads_somewhere_and_every_file_is_offered(survey: Path, home: Home) -> None:
    outcome = direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info)
    release = home.releases / f"{small_survey.ID}-2009-r1"
    assert outcome.is_new_release
    pages = {page.resolve(): Links(page) for page in sorted((release / "report").rglob("*.html"))}
    assert sum(page.name == "downloads.html" for page in pages) == len(languages())
    broken = []
    for page, links in pages.items():
        assert len(links.named) == len(set(links.named)), page
        for address in links.addresses:
            path, _, part = address.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.is_file() or (part and target in pages and part not in pages[target].named):
                broken.append((page.name, address))
    assert broken == []
    offered = Links(release / "report" / "downloads.html").addresses
    files = [path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()]
    wanted = {f"../{name}" for name in files if not name.startswith("report/")}
    assert wanted - set(offered) == set()
