"""A small release of records: an invented survey with the declaration of a bundled one.

Numbers are made by hand; limits of shares are Wilson's as a table of the method prints them, to three decimals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from reports.quality_report import Indicator
from reports.site.release_view import View
from schemas import declaration
from schemas.declaration import Declaration
from schemas.result_tables import conform, dictionary
from schemas.result_tables import tables as result_tables
from tests.unit.reports.site import views

SURVEY = "kyrgyzstan_ngo_capacity_2003"
RELEASE = "r-2003-r1"
PLACE = {"level": "national", "country": "KG", "region": None}


def number(indicator: str, estimate: float | None, base: int | None, **more: Any) -> dict[str, Any]:
    """Return a row of `estimates`; the nation's, a tally of organisations, unless more is said."""
    plain = {"exploitation": "all", "location": "all", "sex": "all", "period": "survey"}
    rest = {"method": "tally", "unit": "organisations", "obs_status": "A", "conf_status": "F"}
    return {**PLACE, **plain, **rest, "indicator": indicator, "estimate": estimate, "n_respondents": base, **more}


def share(indicator: str, part: int, base: int, low: float, high: float, **more: Any) -> dict[str, Any]:
    """Return a row of `estimates` with a share and its limits."""
    rest = {"method": "wilson", "unit": "share", "confidence": 0.95, "n_cases": part}
    return number(indicator, part / base, base, ci_low=low, ci_high=high, **{**rest, **more})


def about(indicator: str, title: str, kind: str = "tally", **more: Any) -> dict[str, Any]:
    """Return a row of `indicators`; a count that is of all records, unless more is said."""
    topic, _, code = indicator.partition(".")
    named = {"code_name": code or None, "code_name_ru": f"{code} по-русски" if code else None}
    rest = {"unit": "organisations", "missing": 0, "additive": "no", "limits": "none"}
    texts = {"title": title, "title_ru": f"{title} по-русски"}
    return {
        "indicator": indicator,
        "topic": topic,
        "code": code or None,
        "kind": kind,
        **texts,
        **named,
        **rest,
        **more,
    }


ESTIMATES = [
    number("questionnaires", 36.0, 36, n_cases=36),
    number("questionnaires", 7.0, 7, n_cases=7, level="regional", region="KG-N"),
    number("questionnaires", None, None, conf_status="C", obs_status="M", level="regional", region="KG-B"),
    share("experience.projects", 14, 36, 0.248, 0.551),
    share("experience.none", 22, 36, 0.449, 0.752),
    share("trained", 3, 35, 0.030, 0.224),
    number("grew", None, 0, method="wilson", unit="share", obs_status="M"),
]
ABOUT = [
    about("questionnaires", "Organisations that answered", base=36),
    about("experience.projects", "Experience", "share", unit="share", base=36, base_rule="all", additive="yes"),
    about("experience.none", "Experience", "share", unit="share", base=36, base_rule="all", additive="yes"),
    about("trained", "Trained", "share", unit="share", base=35, missing=1, base_rule="answered"),
    about("grew", "Grew", "share", unit="share", base=0, missing=36, base_rule="answered"),
]


def tables(
    estimates: Sequence[Mapping[str, Any]] = ESTIMATES, indicators: Sequence[Mapping[str, Any]] = ABOUT, **more: Any
) -> dict[str, pd.DataFrame]:
    """Return every table that such a release can have. more: further tables by name, each as it is."""
    names = {name: table.names for name, table in result_tables().items()}
    mark = {"release_id": RELEASE, "survey_id": "s", "wave": "2003"}
    region = {"survey_id": "s", "country": "KG", "surveyed": "yes"}
    content: dict[str, list[dict[str, Any]]] = {
        "estimates": [{**mark, **row} for row in estimates],
        "indicators": [{"survey_id": "s", "position": at, **row} for at, row in enumerate(indicators, start=1)],
        "regions": [
            {**region, "region": "KG-N", "name_en": "Naryn", "name_ru": "Нарын"},
            {**region, "region": "KG-B", "name_en": "Batken", "name_ru": "Баткен"},
        ],
        "releases": [
            {
                "survey_id": "s",
                "release_id": RELEASE,
                "reference_period": "2003",
                "status": "provisional",
                "content_sha256": "c0ffee" * 10,
                "published_at": "2026-02-28",
            }
        ],
    }
    made = {name: conform(name, pd.DataFrame(rows).reindex(columns=names[name])) for name, rows in content.items()}
    plain = views.tables(estimates=made["estimates"])
    return {**plain, **made, "dictionary": dictionary("records"), **more}


def declared(**changes: Any) -> Declaration:
    """Return the declaration of the bundled survey of organisations, changed."""
    return declaration.load(SURVEY).model_copy(update=changes)


def view(
    given: Mapping[str, pd.DataFrame] | None = None, language: str = "en", indicators: Sequence[Indicator] = ()
) -> View:
    """Return the release seen in a language."""
    return views.view(given or tables(), language, declared(), indicators=indicators)


def html(language: str = "en", name: str = "index", given: Mapping[str, pd.DataFrame] | None = None) -> str:
    """Return one page of the release as HTML."""
    return views.html(view(given, language), name)
