"""The page of a country: no number without its limits or the reason why it is not there, no region without a row.

Numbers are those of `small_release`: 100 inside, 50 abroad, 150 together, rates a tenth of that, limits 10 % away;
by `design` everything is 20 % more.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reports.language import languages
from reports.site import contents, country, site
from reports.site.release_view import Published, View
from schemas import declaration
from tests import small_survey
from tests.unit.reports import small_release
from tests.unit.reports.html_page import Page

ENGLISH, RUSSIAN = languages()[:2]


@pytest.fixture(autouse=True)
def country_alone(survey: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site of nothing but countries, so that the other pages' tables need not be invented."""
    monkeypatch.setattr(contents, "OF_FAMILIES", (country.pages,))


def view(newest: pd.DataFrame | None = None, language: Any = ENGLISH, **tables: pd.DataFrame) -> View:
    held = {**small_release.tables(newest=newest), **tables}
    return View(Published(held, declaration.load(small_survey.ID), [], [], []), language)


def rendered(*args: Any, **named: Any) -> str:
    """Return the page of Kazakhstan."""
    return site.render(view(*args, **named))["country-kz"]


def text(page: str, part: str = "") -> str:
    """Return the text of the page, or of its section of that name, in one line."""
    found = re.search(rf'<section aria-labelledby="{part}">(.*?)</section>', page, re.DOTALL) if part else None
    return " ".join(Page(found.group(1) if found else page).cells.split())


def regional(page: str) -> str:
    found = re.search(r'<table id="regional-table".*?</table>', page, re.DOTALL)
    assert found
    return " ".join(Page(found.group(0)).cells.split())


def test_a_country_without_numbers_has_no_page() -> None:
    assert [page.name for page in country.pages(view())] == ["country-kz"]  # the survey also has Kyrgyzstan


@pytest.mark.parametrize("language", languages(), ids=lambda language: language.code)
def test_the_page_is_well_formed_and_every_table_has_a_caption(language: Any) -> None:
    page = Page(rendered(language=language))
    assert page.open == []
    assert len(page.tables) >= 4
    assert [table[1] for table in page.tables] == ["caption"] * len(page.tables)
    own = r"(data:,|(\.\./)?(ru/)?[a-z0-9_/.#-]+)"  # the empty icon, or a file of the site
    assert all(re.fullmatch(own, address) for address in page.addresses), page.addresses


def test_the_headline_stands_with_its_limits_and_its_rate() -> None:
    headline = text(rendered(), "headline")
    assert "Inside and abroad 150 95% limits: 135 – 165 15.0 per 1,000 families (13.5 – 16.5) Reliable" in headline
    assert "Rule of the 2010 publication" in headline
    assert "60 interviews." in headline


def test_the_leading_method_alone_is_shown() -> None:
    page = rendered(small_release.with_design())
    assert "10.8 – 13.2" in regional(page)
    assert "9.0 – 11.0" not in regional(page)


@pytest.mark.parametrize(
    ("check_id", "scope", "said"),
    [
        ("regions_add_up_to_the_nation", "pennington", "Regions, hidden ones included, add up to their nation."),
        ("regions_less_nation", "KZ pennington", "Regions do not add up to the nation under this method."),
        ("regions_less_nation", "KG pennington", ""),
    ],
)
def test_what_regions_add_up_to_is_what_the_release_was_checked_for(check_id: str, scope: str, said: str) -> None:
    told = {
        "Regions, hidden ones included, add up to their nation.": "The national numbers leave these people out.",
        "Regions do not add up to the nation under this method.": "take these people to be like the rest.",
    }
    tables = small_release.tables()
    quality = tables["quality"].assign(check_id=check_id, scope=scope)
    regions = tables["regions"]
    more = regions.assign(region="KZ-23", name_en="Atyrau", surveyed="no")
    shown = text(rendered(quality=quality, regions=pd.concat([regions, more], ignore_index=True)))
    for sentence, consequence in told.items():
        assert (sentence in shown, consequence in shown) == (sentence == said,) * 2


def test_a_region_shows_estimate_limits_reliability_and_population() -> None:
    rates = "Aktobe 10.0 9.0 – 11.0 reliable 5.0 4.5 – 5.5 reliable 15.0 13.5 – 16.5 reliable"
    assert f"{rates} 150 135 – 165 reliable 60 6 1.0 B" in regional(rendered())


@pytest.mark.parametrize(("conf_status", "word"), [("C", "hidden"), ("D", "hidden"), ("N", "not shown")])
def test_a_number_that_is_not_there_says_why_and_is_no_zero(conf_status: str, word: str) -> None:
    rows = small_release.estimates()
    gone = (rows["level"] == "regional") & (rows["location"] == "abroad")
    rows.loc[gone, ["estimate", "ci_low", "ci_high", "reliability"]] = None
    rows.loc[gone, "conf_status"] = conf_status
    page = rendered(rows)
    assert f"Aktobe 10.0 9.0 – 11.0 reliable {word} 15.0" in regional(page)
    assert "0.0" not in regional(page).replace("10.0", "")
    assert ("Hidden: too few families" in text(page)) == (word == "hidden")
    (mark,) = next(country.pages(view(rows))).values["pictures"][2]["charts"][0].rows
    assert (mark["value"], mark["status"]) == (None, "hidden" if word == "hidden" else "no_limits")


def test_a_region_without_interviews_keeps_its_row_and_is_named() -> None:
    regions = small_release.tables()["regions"]
    more = regions.assign(region="KZ-23", name_en="Atyrau", name_ru="Атырауская", surveyed="no", grade=None)
    page = rendered(regions=pd.concat([regions, more], ignore_index=True))
    assert "Atyrau" + " not surveyed" * 4 + " – – 1.0 –" in regional(page)
    assert "Nobody was interviewed in: Atyrau." in text(page)


def test_a_cell_that_the_tables_lack_is_not_shown_and_the_region_keeps_its_row() -> None:
    rows = small_release.estimates()
    page = rendered(rows[~((rows["level"] == "regional") & (rows["location"] == "abroad"))])
    assert "Aktobe 10.0 9.0 – 11.0 reliable not shown 15.0" in regional(page)


def test_a_survey_without_regional_numbers_has_no_pictures_of_regions() -> None:
    rows = small_release.estimates()
    page = rendered(rows[rows["level"] != "regional"])
    assert 'id="chart-regions' not in page
    assert "Aktobe" + " not shown" * 4 in regional(page)


def test_without_boundaries_there_is_a_plot_and_no_map() -> None:
    charts = [chart for picture in next(country.pages(view())).values["pictures"] for chart in picture["charts"]]
    assert {chart.kind for chart in charts} == {"forest"}
    assert [chart.id for chart in charts] == ["regions-both", "regions-inside", "regions-abroad", "regions-persons"]


def test_numbers_without_limits_are_shown_without() -> None:
    rows = small_release.estimates().assign(ci_low=None, ci_high=None, confidence=None)
    assert "Aktobe 10.0 – reliable" in regional(rendered(rows))


def test_a_division_with_a_hidden_part_shows_none_of_its_shares() -> None:
    """Women and men make all: with one of them hidden, the share of the other would tell both."""
    rows = small_release.estimates()
    whole = rows[(rows["level"] == "national") & (rows["location"] == "both") & (rows["indicator"] == "victims")]
    men = whole.assign(sex="men", estimate=120.0, ci_low=120.0, ci_high=120.0)
    women = whole.assign(sex="women", estimate=30.0, ci_low=30.0, ci_high=30.0)
    shown = next(country.pages(view(pd.concat([rows, women, men])))).values["divided"][1].rows
    assert {row["series"]: row["value"] for row in shown if row["label"] == "Sex"} == {"Women": 0.2, "Men": 0.8}
    places = {row["series"]: row["value"] for row in shown if row["label"] == "Where"}
    assert places == pytest.approx({"Inside the country": 2 / 3, "Abroad": 1 / 3})
    hidden = women.assign(estimate=None, ci_low=None, ci_high=None, reliability=None, conf_status="C")
    shown = next(country.pages(view(pd.concat([rows, hidden, men])))).values["divided"][1].rows
    found = {row["series"]: (row["value"], row["status"]) for row in shown if row["label"] == "Sex"}
    assert found == {"Women": (None, "hidden"), "Men": (None, "hidden")}


def test_what_people_wrote_is_text_and_not_markup() -> None:
    tables = small_release.tables()
    regions = tables["regions"].assign(name_en='<script>alert(1)</script>"', source="A & B <i>")
    page = rendered(regions=regions)
    assert "<script>alert" not in page
    assert "<i>" not in page
    assert '<script>alert(1)</script>"' in regional(page)
    assert "A & B <i>" in text(page)


def test_regions_are_named_in_the_readers_language_and_found_in_both() -> None:
    page = rendered(language=RUSSIAN)
    assert "Актюбинская" in regional(page) and "Aktobe" not in regional(page)
    assert 'data-names="KZ-15 Aktobe Актюбинская"' in page
    assert "10,0 9,0 – 11,0 надёжно" in regional(page)
    assert 'data-value="10.0"' in page  # what the script sorts by is the same in every language


def test_the_release_is_named_on_every_printed_page_and_under_every_chart() -> None:
    page = rendered()
    assert f'@bottom-left {{ content: "{small_release.RELEASE}"; }}' in page
    figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    assert len(figures) == 6  # parts and their shares, and four numbers of the regions
    for figure in figures:
        assert f"Source: A small invented survey, release {small_release.RELEASE}" in Page(figure).cells
        assert "60 interviews" in Page(figure).cells


def test_a_page_is_the_same_every_time() -> None:
    assert rendered() == rendered()
