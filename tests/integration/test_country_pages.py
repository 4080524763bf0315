"""Pages of countries as a night writes them, for surveys that lack what the bundled one has."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from flows import direct
from schemas import declaration
from tests import small_survey
from tests.unit.reports.html_page import Page
from warehouse.home import Home

pytestmark = pytest.mark.usefixtures("all_pages")


def site(survey: Path, home: Home, **changed: Any) -> Path:
    """Run a night of the small survey with some keys of its declaration changed; return its site."""
    content = small_survey.declaration() | changed
    (survey / "survey.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    outcome = direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info)
    assert outcome.release is not None
    return outcome.release.folder / "report"


def pages(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("country-*.html"))


def text(page: Path) -> str:
    return " ".join(Page(page.read_text(encoding="utf-8")).cells.split())


def test_a_survey_of_two_countries_has_two_pages_in_every_language(survey: Path, home: Home) -> None:
    folder = site(survey, home)
    for below in (folder, folder / "ru"):
        assert pages(below) == ["country-kg", "country-kz"]
    english = text(folder / "country-kg.html")
    assert "KG-B" in english and "KG-C" in english
    assert (
        "hidden" not in english.split("Table of the regions")[1].split("What regions rest on")[0]
    )  # nothing is hidden
    assert "Hidden: too few" not in english
    overview = (folder / "index.html").read_text(encoding="utf-8")
    assert 'href="country-kg.html"' in overview and 'id="chart-countries"' in overview


def test_a_survey_of_one_country_has_one_page_and_no_chart_of_countries(survey: Path, home: Home) -> None:
    sources = [source for source in small_survey.declaration()["sources"] if source["country"] == "KZ"]  # type: ignore[attr-defined]
    for name in ("regions.csv", "population.csv"):
        rows = pd.read_csv(survey / name, dtype=str, keep_default_na=False)
        rows[rows["country"] == "KZ"].to_csv(survey / name, index=False)
    folder = site(survey, home, countries={"KZ": "Kazakhstan"}, sources=sources)
    assert pages(folder) == ["country-kz"]
    overview = (folder / "index.html").read_text(encoding="utf-8")
    assert 'href="country-kz.html"' in overview
    assert 'id="chart-countries"' not in overview


@pytest.mark.parametrize("methods", [{"poisson": {}}, {"design": {}, "pennington": {"cdf_decimals": 4}}])
def test_any_method_may_lead(survey: Path, home: Home, methods: dict[str, Any]) -> None:
    page = site(survey, home, methods=methods) / "country-kz.html"
    tables = page.parent.parent / "tables" / "estimates.parquet"
    rows = pd.read_parquet(tables)
    total = rows[rows["method"] == next(iter(methods))].query(
        "level == 'national' and country == 'KZ' and indicator == 'victims' and sex == 'all'"
        " and exploitation == 'all' and location == 'both'"
    )
    headline = text(page).split("People exploited in a year")[1]
    assert f"Inside and abroad {total['estimate'].iloc[0]:,.0f}" in headline


def test_a_hidden_number_says_so_and_its_region_keeps_its_row(survey: Path, home: Home) -> None:
    """Five families report in each country: by the default rules regional cells are hidden."""
    folder = site(survey, home, disclosure={"enabled": True})
    rows = pd.read_parquet(folder.parent / "tables" / "estimates.parquet")
    hidden = rows[rows["conf_status"].isin(["C", "D"]) & (rows["level"] == "regional") & (rows["country"] == "KG")]
    assert len(hidden) > 0
    page = (folder / "country-kg.html").read_text(encoding="utf-8")
    assert "Hidden: too few families" in page
    table = re.search(r'<table id="regional-table".*?</table>', page, re.DOTALL)
    assert table is not None
    assert table.group(0).count(">hidden<") > 0
    assert len(re.findall(r"<tr data-names", table.group(0))) == 2  # KG has two regions
