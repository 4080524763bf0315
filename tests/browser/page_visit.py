"""One page of a site in a browser: what axe finds wrong, what cannot be read or touched, and where its links lead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HERE = Path(__file__).parent
AXE = HERE / "vendor/axe-core/axe.min.js"
FAULTS = HERE / "page_faults.js"
TOLD = {"resultTypes": ["violations"], "preload": False}  # of what axe cannot decide, one element a rule
RULES = {
    "light": {
        **TOLD,
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        "rules": {"target-size": {"enabled": True}},  # WCAG 2.5.8, which axe leaves out unless asked
    },
    "dark": {**TOLD, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
"""What axe looks for; only colours differ on a dark screen."""
FURTHER_ROWS = "tbody tr:nth-child(n+60)"
"""Rows of long tables that are looked at in light only: it takes seconds, and they have the colours of those before."""
SMALLEST_TEXT, SMALLEST_TARGET = 12, 24
"""Pixels; the second is WCAG 2.5.8's."""
SECONDS = 60


@dataclass
class Found:
    """What was found on a page at one width; texts for people, each with the page's name."""

    violations: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    too_small: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Take in what another page has."""
        for name, texts in vars(other).items():
            getattr(self, name).extend(texts)


def pages(site: Path, home: str = "") -> list[str]:
    """Return the pages that a site has in one language, as `ru/trend.html`."""
    return sorted(path.relative_to(site).as_posix() for path in (site / home).glob("*.html"))


def looked_at(browser: Browser, release: Path, name: str, width: int) -> Found:
    """Open a page of a release's site at a width, draw and unfold everything, and look at it light and dark."""
    found = Found()
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    listen(page, release, found)
    page.goto((release / "report" / name).as_uri())
    settle(page)
    for script in (AXE, FAULTS):
        page.evaluate(script.read_text(encoding="utf-8"))
    for scheme, rules in RULES.items():
        page.emulate_media(color_scheme=cast(Any, scheme))
        where = f"{name}, {width} px, {scheme}"
        what = {"exclude": [FURTHER_ROWS]} if scheme == "dark" else None
        told = page.evaluate("([what, rules]) => axe.run(what ?? document, rules)", [what, rules])
        found.violations += [f"{where}: {fault}" for fault in _told(told["violations"])]
        found.undecided += [f"{where}: {fault}" for fault in _told(told["incomplete"])]
    wide = page.evaluate("document.documentElement.scrollWidth")
    found.too_wide += [f"{name}: {wide} px"] if wide > width else []
    for kind, least in (("smallTexts", SMALLEST_TEXT), ("smallControls", SMALLEST_TARGET)):
        found.too_small += [f"{name}: {text}" for text in page.evaluate(f"least => pageFaults.{kind}(least)", least)]
    found.broken += [f"{name}: {address}" for address in dead_ends(page.evaluate("pageFaults.addresses()"), release)]
    context.close()
    return found


def listen(page: Page, release: Path, found: Found) -> None:
    """Note what the page complains of, and what it asks for beyond the release."""
    own = (release.as_uri() + "/", "blob:", "data:")

    def complain(text: str) -> None:
        found.complaints.append(f"{page.url}: {text}")

    page.on("console", lambda said: complain(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complain(str(error)))
    page.on("requestfailed", lambda asked: complain(f"{asked.url} {asked.failure}"))
    page.on("request", lambda asked: None if asked.url.startswith(own) else found.elsewhere.append(asked.url))


def settle(page: Page) -> None:
    """Unfold what is folded, draw every chart that is shown, and give a page that runs SQL something to show."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    drawn(page)
    with_an_answer(page)


def drawn(page: Page) -> None:
    """Draw every chart that is shown; they draw themselves when they come near the window."""
    for area in page.locator("figure.chart:visible .drawing").all():
        area.evaluate("one => one.scrollIntoView()")
        area.locator("> svg").wait_for()
    page.evaluate("scrollTo(0, 0)")


def with_an_answer(page: Page) -> None:
    """Run the first example of a page that runs SQL; other pages are left as they are."""
    if page.locator("#explorer").count():
        ready = "document.getElementById('explorer').dataset.state === 'ready'"
        page.wait_for_function(ready, timeout=SECONDS * 1000)
        page.locator(".examples button").first.click()
        page.locator("#explorer-result table").wait_for()


def dead_ends(addresses: Sequence[str], release: Path) -> Iterator[str]:
    """Give the addresses that lead to no file of the release, or to no place on a page of it."""
    for address in addresses:
        parts = urlsplit(address)
        if parts.scheme != "file":
            continue  # a source that is cited; the site itself loads nothing from there
        path = Path(unquote(parts.path))
        there = path.is_relative_to(release) and path.is_file()
        if not there or (parts.fragment and unquote(parts.fragment) not in _named(path)):
            yield address


@cache
def _named(page: Path) -> frozenset[str]:
    return frozenset(re.findall(r'\sid="([^"]+)"', page.read_text(encoding="utf-8")))


def _told(results: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Give each rule that is broken, with the elements that break it."""
    for result in results:
        told = [f"{node['target'][0]} ({node['failureSummary'].splitlines()[-1].strip()})" for node in result["nodes"]]
        more = f"; {len(told) - 3} more" if len(told) > 3 else ""
        yield f"{result['id']}: {result['help']}: {'; '.join(told[:3])}{more}"
