"""great_expectations' own pages as part of the site: with an index, readable, and sufficient to themselves.

The pages come from `warehouse/data_docs.py`. Their templates lie in `templates/data_docs/`: the frame and the few
parts that would load something, run a script or cannot be used from the keyboard are ours, all others are
great_expectations' own. What is wrong in what those write is mended here.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2

from reports.site.shared_files import copy
from schemas.expectation import Validation

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates" / "data_docs"
FOLDER = "data_docs"
"""Where the pages are, below the site."""
ICONS = {"fa-check-circle": ("✓", "met"), "fa-times": ("✗", "not met"), "fa-exclamation-triangle": ("!", "not run")}
"""Signs of an icon font that is not loaded: what stands for them, and what they say."""
_HEADING = {"4": "2", "5": "2", "6": "3"}
"""Levels of headings, so that they follow the page's own, the first."""
_SCROLLED = r'class="[^"]*\btable-responsive\b[^"]*"'
_REACHED = 'tabindex="0" role="group" aria-labelledby'
_MENDED: Sequence[tuple[str, str]] = (
    (r'<a href="(?:\.\./)+expectations/([\w.-]+)\.html"', r'<a href="../expectations.html#suite-\1"'),
    (r"(?s)<thead hidden>.*?</thead>", ""),
    (r"<th(?=[\s>])", '<th scope="col"'),
    (rf'(<div id="(section-1-content-block-\d+)" {_SCROLLED})', rf'\1 {_REACHED}="\2-header"'),
    (
        rf'(<div id="(section-\d+)-content-block-[2-9]" {_SCROLLED})(?! tabindex)',
        rf'\1 {_REACHED}="\2-content-block-1-header"',
    ),
    (r"\s*\n\s*", "\n"),
)
"""Links to pages that are not there, empty column headings, tables that only a mouse can scroll, and blank lines."""


def write(folder: Path, pages: Mapping[str, str], validations: Sequence[Validation], release: str) -> None:
    """Write `data_docs/` below the site's folder. pages: HTML by suite, as great_expectations' renderers give it."""
    below = folder / FOLDER
    (below / "assets").mkdir(parents=True)
    copy(HERE / "vendor" / "bootstrap", below / "assets" / "bootstrap")
    shutil.copy(HERE / "data_docs.css", below / "assets")
    for suite, text in pages.items():
        (below / f"{suite}.html").write_text(mended(text), encoding="utf-8")
    (below / "index.html").write_text(index(validations, release), encoding="utf-8")


def index(validations: Sequence[Validation], release: str) -> str:
    """Return the page that lists the suites."""
    suites = [
        {
            "name": told.suite,
            "file": f"{told.suite}.html",
            "met": sum(finding.success for finding in told.findings),
            "asked": len(told.findings),
            "rows": told.rows,
            "about": told.about,
        }
        for told in validations
    ]
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return templates.get_template("index.j2").render(suites=suites, release=release)


def mended(page: str) -> str:
    """Return a page with its signs as text, its headings in order, and links and tables that can be used."""
    page = re.sub(rf'<i class="fas ({"|".join(ICONS)}) ([\w-]+)"([^>]*)></i>', _icon, page)
    page = re.sub(r"(</?h)([456])\b", lambda found: found[1] + _HEADING[found[2]], page)
    for wrong, right in _MENDED:
        page = re.sub(wrong, right, page)
    return page


def _icon(found: re.Match[str]) -> str:
    """Write a sign with its word, or nothing where great_expectations itself writes a word beside it."""
    sign, said = ICONS[found[1]]
    return "" if "aria-hidden" in found[3] else f'<span class="{found[2]}">{sign} {said}</span>'
