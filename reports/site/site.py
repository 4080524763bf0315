"""The site written into a folder: every page in every language, and the files they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from reports.language import NOTHING, Language, languages
from reports.site import contents
from reports.site.page import Page
from reports.site.release_view import Published, View
from reports.site.shared_files import copy

HERE = Path(__file__).parent


class _Compiled(jinja2.BytecodeCache):
    """Templates as one language compiled them, for the next: that is a third of what a language costs."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Fill a bucket with what was kept of its template."""
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Keep what a template became."""
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def write(folder: Path, published: Published) -> Path:
    """Write the site below `folder`, which is there and empty; return its first page."""
    share(folder)
    for language in languages():
        view = View(published, language)
        below = folder / home(language)
        below.mkdir(exist_ok=True)
        for name, text in render(view).items():
            (below / f"{name}.html").write_text(text, encoding="utf-8")
    return folder / "index.html"


def share(folder: Path) -> None:
    """Copy what all pages share into `folder`/assets: style, scripts, and the packages that draw the charts."""
    copy(HERE / "assets", folder / "assets")
    for package in ("d3", "plot"):
        copy(HERE / "vendor" / package, folder / "assets/vendor" / package)


def render(view: View) -> dict[str, str]:
    """Return every page of one language as HTML, by the stem of its file."""
    pages = contents.pages(view)
    templates = environment(view.language)
    shared = {"view": view, "release": view.published.release, "navigation": navigation(view, pages)}
    return {
        page.name: templates.get_template(page.template).render(
            **shared, page=page, root=up(view.language), switch=switch(view.language, page), **page.values
        )
        for page in pages
    }


def environment(language: Language) -> jinja2.Environment:
    """Return the templates with the language's texts and its way of writing numbers.

    Filters: whole, rate (one decimal), number(decimals), share, date, limits(high, decimals), word (a dash for
    nothing). Test of a value that is not there: `missing`.
    """
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        bytecode_cache=_COMPILED,
        optimized=False,  # else `0.5 | rate` is written while compiling, and so as the first language writes it
    )
    found.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)  # type: ignore[attr-defined]
    found.filters.update(
        whole=language.number,
        number=language.number,
        rate=lambda value: language.number(value, 1),
        share=language.share,
        date=language.date,
        limits=language.limits,
        word=lambda value: value if isinstance(value, str) and value else NOTHING,
    )
    found.tests["missing"] = lambda value: value is None or bool(pd.isna(value))
    return found


def navigation(view: View, pages: Sequence[Page]) -> list[Mapping[str, Any]]:
    """Lay out the navigation: groups with their pages, empty groups left out."""
    named = contents.groups(view)
    return [
        {"title": title, "pages": members}
        for group, title in named.items()
        if (members := [page for page in pages if page.group == group])
    ]


def home(language: Language) -> str:
    """Name the folder of a language below the site."""
    return "" if language.is_first else language.code


def up(language: Language) -> str:
    """Say how a page of the language reaches the site's folder."""
    return "" if language.is_first else "../"


def switch(language: Language, page: Page) -> list[Mapping[str, Any]]:
    """Lay out the links to the same page in every language."""
    return [
        {
            "code": other.code,
            "name": other.own_name,
            "here": other == language,
            "href": f"{up(language)}{home(other) + '/' if home(other) else ''}{page.name}.html",
        }
        for other in languages()
    ]
