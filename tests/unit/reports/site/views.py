"""A release to look at: the tables of `small_release` with the declaration of the small survey, in any language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd

from reports.language import languages
from reports.quality_report import Indicator
from reports.site import contents, site
from reports.site.page import Page
from reports.site.release_view import Published, View
from schemas import declaration
from schemas.declaration import Declaration
from schemas.expectation import Validation
from schemas.result_tables import conform, dictionary
from schemas.result_tables import tables as result_tables
from tests import small_survey
from tests.unit.reports import small_release


def tables(**more: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return every table of a release; those of `small_release`, those given, the others empty."""
    return {**_empty(), **(small_release.tables() if "estimates" not in more else {}), **more}


@cache
def _empty() -> dict[str, pd.DataFrame]:
    rest = {name: conform(name, pd.DataFrame(columns=table.names)) for name, table in result_tables().items()}
    return {**rest, "dictionary": dictionary()}


def view(
    given: Mapping[str, pd.DataFrame],
    language: str = "en",
    declared: Declaration | None = None,
    validations: Sequence[Validation] = (),
    indicators: Sequence[Indicator] = (),
    files: Mapping[str, int] | None = None,
) -> View:
    """Return a release seen in a language. The test must have declared the small survey (fixture `survey`)."""
    declared = declared or declaration.load(small_survey.ID)
    chosen = next(one for one in languages() if one.code == language)
    return View(Published(given, declared, [], validations, indicators, files or {}), chosen)


def page(seen: View, name: str) -> Page:
    """Return one page of the site."""
    return next(page for page in contents.pages(seen) if page.name == name)


def html(seen: View, name: str) -> str:
    """Return one page as HTML."""
    return site.render(seen)[name]
