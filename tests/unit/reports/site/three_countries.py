"""Tables of an invented release of three countries, a few cells each, for pages that set numbers side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd

from reports.language import languages
from reports.site import contents, site
from reports.site.page import PageMaker
from reports.site.release_view import Published, View
from schemas import declaration
from schemas.declaration import Declaration
from schemas.result_tables import conform
from schemas.result_tables import tables as result_tables
from tests.unit.reports import small_release

COUNTRIES = {"KZ": "Kazakhstan", "KG": "Kyrgyzstan", "TJ": "Tajikistan"}
SAME = {"release_id": small_release.RELEASE, "survey_id": "s"}
HEADLINE = {"exploitation": "all", "location": "both", "sex": "all"}
NOTHING = dict.fromkeys(("estimate", "std_error", "cv", "ci_low", "ci_high", "n_cases", "df", "deff", "reliability"))


def cell(country: str | None, indicator: str, estimate: float, **more: Any) -> dict[str, Any]:
    """Return a cell of `estimates`: CV 5 %, limits 10 % away, so many degrees of freedom that t is the normal."""
    return {
        **SAME, "wave": "2009", "level": "national" if country else "group", "country": country,
        "indicator": indicator, **HEADLINE, "period": "annual", "method": "design", "estimate": estimate,
        "std_error": estimate / 20, "cv": 0.05, "ci_low": estimate * 0.9, "ci_high": estimate * 1.1, "confidence": 0.95,
        "n_respondents": 100, "n_cases": 50.0, "n_psu": 10, "df": 1e9, "unit": "persons", "reliability": "publish",
        "obs_status": "A", "conf_status": "F", **more,
    }  # fmt: skip


def hidden(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cell with its numbers taken out."""
    return {**row, **NOTHING, "obs_status": "M", "conf_status": "D"}


def table(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as a result table."""
    return conform(name, pd.DataFrame(rows).reindex(columns=result_tables()[name].names))


@cache
def _rest() -> dict[str, pd.DataFrame]:
    """Return the tables that every page needs, and empty ones."""
    every = {name: table(name, []) for name in result_tables()}
    return every | {name: frame for name, frame in small_release.tables().items() if name in ("quality", "releases")}


@cache
def _declared() -> Declaration:
    return declaration.load("central_asia_2009")


def view(language: str = "en", countries: Mapping[str, str] = COUNTRIES, **given: list[dict[str, Any]]) -> View:
    """Return the release seen in a language; tables that are not given are empty."""
    tables = {**_rest(), **{name: table(name, rows) for name, rows in given.items()}}
    declared = _declared().model_copy(update={"countries": dict(countries)})
    chosen = next(one for one in languages() if one.code == language)
    return View(Published(tables, declared, [], [], []), chosen)


def text(seen: View, maker: PageMaker, monkeypatch: Any) -> str:
    """Return the words of the only page of a maker, in one line."""
    monkeypatch.setattr(contents, "OF_FAMILIES", (maker,))
    (page,) = site.render(seen).values()
    page = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
