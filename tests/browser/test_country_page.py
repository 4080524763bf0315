"""A country's page in a browser: regions sorted and filtered by mouse and keyboard, in both languages, and printed.

Expected numbers are read from the tables of the release, expected names from the survey's regions.csv.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.browser.conftest import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

COUNTRIES = ("KZ", "KG", "TJ", "TM", "UZ")
COLUMNS = ("region", "inside", "abroad", "both", "persons", "n", "settlements", "population", "grade")
A4 = (182, 297)
"""Printable width and height of a page in millimetres: 210 less two margins of 14, and its full height."""


@pytest.fixture(scope="module")
def estimates(release: Path) -> pd.DataFrame:
    """The regional cells of all forms and both sexes, by the method the site leads with."""
    rows = pd.read_parquet(release / "tables" / "estimates.parquet")
    rows = rows[(rows["method"] == "design") & (rows["level"] == "regional")]
    return rows[(rows["exploitation"] == "all") & (rows["sex"] == "all") & (rows["period"] == "annual")]


@pytest.fixture(scope="module")
def regions(release: Path) -> pd.DataFrame:
    return pd.read_parquet(release / "tables" / "regions.parquet").set_index("region")


def rates(estimates: pd.DataFrame, country: str, location: str) -> pd.Series:
    """Rates per 1,000 families by region, largest first; hidden ones are left out."""
    cell = estimates[["country", "indicator", "location"]] == [country, "victims_per_1000_families", location]
    return estimates[cell.all(axis=1)].set_index("region")["estimate"].dropna().sort_values(ascending=False)


def rows(page: Page) -> Locator:
    return page.locator("#regional-table tbody tr")


def names(page: Page) -> list[str]:
    """Names of the rows that are shown, from top to bottom."""
    return page.locator("#regional-table tbody tr:visible th").all_inner_texts()


def column(page: Page, name: str) -> list[str]:
    return page.locator(f"#regional-table tbody tr > :nth-child({COLUMNS.index(name) + 1})").all_inner_texts()


def header(page: Page, name: str) -> Locator:
    return page.locator("#regional-table thead th").nth(COLUMNS.index(name))


def numbers(texts: list[str]) -> list[float]:
    """The numbers of English cells, without what has none."""
    return [float(text.split("\n")[0].replace(",", "")) for text in texts if text[0].isdigit()]


@pytest.mark.parametrize("country", ["KG", "KZ"])
def test_a_click_sorts_numbers_as_numbers_and_leaves_hidden_ones_last(
    visit: Visit, estimates: pd.DataFrame, regions: pd.DataFrame, country: str
) -> None:
    page = visit(f"country-{country.lower()}.html")
    expected = rates(estimates, country, "both")
    hidden = rows(page).count() - len(expected)
    assert hidden > 0
    for direction, values in (("descending", expected), ("ascending", expected[::-1])):
        header(page, "both").get_by_role("button").click()
        assert header(page, "both").get_attribute("aria-sort") == direction
        assert header(page, "region").get_attribute("aria-sort") == "none"
        assert names(page)[: len(values)] == list(regions.loc[values.index, "name_en"])
        assert numbers(column(page, "both")) == list(values.round(1))
        assert column(page, "both")[len(values) :] == ["hidden"] * hidden


def test_the_keyboard_alone_sorts(visit: Visit, regions: pd.DataFrame) -> None:
    page = visit("country-kz.html")
    header(page, "region").get_by_role("button").focus()
    for _ in range(COLUMNS.index("population")):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expected = regions[regions["country"] == "KZ"].sort_values("population_thousands", ascending=False)
    assert names(page) == list(expected["name_en"])
    page.keyboard.press("Space")
    assert names(page) == list(expected["name_en"][::-1])
    assert header(page, "population").get_attribute("aria-sort") == "ascending"


def test_russian_names_stand_in_the_order_of_the_russian_alphabet(visit: Visit, regions: pd.DataFrame) -> None:
    page = visit("ru/country-kz.html")
    expected = sorted(regions[regions["country"] == "KZ"]["name_ru"], key=str.casefold)
    assert names(page) == expected
    header(page, "region").get_by_role("button").click()
    assert names(page) == expected[::-1]


@pytest.mark.parametrize("wanted", ["osh", "  ОШСКАЯ ", "kg-go", "город osh", "г. Ош"])
def test_a_region_is_found_by_its_name_in_either_script_and_by_its_code(visit: Visit, wanted: str) -> None:
    page = visit("country-kg.html")
    page.get_by_label("Name of a region").fill(wanted)
    found = [] if wanted == "город osh" else ["Osh oblast (with Osh city)"]
    assert names(page) == found
    assert page.locator("[data-filters] [role=status]").inner_text() == f"Regions shown: {len(found)} of 8"


def test_regions_are_filtered_by_what_may_be_done_with_their_numbers(
    visit: Visit, estimates: pd.DataFrame, regions: pd.DataFrame
) -> None:
    page = visit("country-uz.html")
    shown = estimates[estimates["country"] == "UZ"]
    shown = shown[
        (shown["indicator"] == "victims_per_1000_families")
        | ((shown["indicator"] == "victims") & (shown["location"] == "both"))
    ]
    for word, found in (
        ("unreliable", shown[shown["reliability"] == "suppress"]["region"]),
        ("hidden", shown[shown["conf_status"].isin(["C", "D"])]["region"]),
        ("not surveyed", ["UZ-NW"]),
    ):
        page.get_by_label("Regions with a number that is").select_option(label=word)
        assert set(names(page)) == set(regions.loc[list(set(found)), "name_en"]), word
    page.get_by_label("Name of a region").fill("andijan")
    assert names(page) == []
    page.get_by_role("button", name="Show all").click()
    assert len(names(page)) == 13  # UZ: twelve units of the study, and Navoi where nobody was asked


def test_the_keyboard_alone_filters(visit: Visit) -> None:
    page = visit("country-tj.html")
    page.get_by_label("Name of a region").focus()
    page.keyboard.type("sughd")
    assert names(page) == ["Sughd oblast"]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "status"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert len(names(page)) == 4  # the study: three oblasts, and Dushanbe with its districts
    assert page.locator("[data-filters] [role=status]").get_attribute("aria-live") == "polite"


def test_the_switch_leads_to_the_same_page_in_the_other_language_and_back(visit: Visit) -> None:
    page = visit("country-kg.html")
    assert page.locator("h1").inner_text() == "Kyrgyzstan"
    page.get_by_role("link", name="Русский").click()
    assert page.locator("h1").inner_text() == "Кыргызстан"
    assert page.locator("html").get_attribute("lang") == "ru"
    assert "город Бишкек" in names(page)
    page.get_by_label("Название области").fill("bishkek")
    assert page.locator("[data-filters] [role=status]").inner_text() == "Показано областей: 1 из 8"
    page.get_by_role("link", name="English").click()
    assert page.locator("h1").inner_text() == "Kyrgyzstan"


def test_one_number_at_a_time_is_drawn_and_persons_are_not_mapped(visit: Visit) -> None:
    page = visit("country-kg.html")
    drawings = page.locator("[data-choice=picture] figure:visible")
    assert drawings.evaluate_all("all => all.map(one => one.id)") == ["chart-map-both", "chart-regions-both"]
    page.get_by_label("Show", exact=True).select_option("inside")
    assert drawings.evaluate_all("all => all.map(one => one.id)") == ["chart-map-inside", "chart-regions-inside"]
    page.locator("#chart-map-inside").scroll_into_view_if_needed()
    page.locator("#chart-map-inside svg[role=img]").wait_for()
    page.get_by_label("Show", exact=True).select_option("persons")
    assert drawings.evaluate_all("all => all.map(one => one.id)") == ["chart-regions-persons"]


def test_without_scripts_the_table_is_complete_and_nothing_is_offered_that_does_not_work(visit: Visit) -> None:
    page = visit("country-uz.html", scripts=False)
    assert len(names(page)) == 13
    assert page.locator("#regional-table button, .controls:visible").count() == 0
    assert page.locator("[data-choice=picture]:visible").count() == 4


def test_every_country_is_reached_from_the_overview(visit: Visit) -> None:
    page = visit("index.html")
    page.locator("#chart-countries").scroll_into_view_if_needed()
    page.locator("#chart-countries svg[role=img]").wait_for()
    for name in ("Kazakhstan", "Kyrgyzstan", "Tajikistan", "Turkmenistan", "Uzbekistan"):
        page.locator("main").get_by_role("link", name=name).first.click()
        assert page.locator("h1").inner_text() == name
        page.go_back()


@pytest.mark.parametrize("home", ["", "ru/"])
def test_on_a_telephone_tables_scroll_in_their_box_and_everything_is_large_enough_to_touch(
    visit: Visit, home: str
) -> None:
    page = visit(f"{home}country-uz.html", width=360)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    boxes = page.locator("main button:visible, main select:visible, main input:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(({ width, height }) => [width, height])"
    )
    assert min(min(box) for box in boxes) >= 24  # WCAG 2.2, success criterion 2.5.8
    table = page.locator("[aria-labelledby=regional-caption]")
    table.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('[aria-labelledby=regional-caption]').scrollLeft > 0")


@pytest.mark.parametrize("home", ["", "ru/"])
@pytest.mark.parametrize("country", COUNTRIES)
def test_a_printed_page_is_complete_and_no_wider_than_the_paper(visit: Visit, home: str, country: str) -> None:
    page = visit(f"{home}country-{country.lower()}.html")
    page.locator("#wanted").fill("nothing is called so")
    assert names(page) == []
    page.emulate_media(media="print")
    page.set_viewport_size({"width": round(A4[0] / 25.4 * 96), "height": 1000})
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(names(page)) == rows(page).count() > 3
    assert page.evaluate("document.documentElement.scrollWidth") <= round(A4[0] / 25.4 * 96)
    assert page.locator(".menu:visible, .languages:visible, .controls:visible, .save:visible").count() == 0
    assert page.locator(".notice").is_visible()
    assert "central_asia_2009-2009-r1" in page.locator("footer").inner_text()
    headers = page.locator("#regional-table thead th").all_inner_texts()
    assert all(text.strip() for text in headers) and len(headers) == len(COLUMNS)
    tables = page.locator("main section > .wide")
    assert (
        max(tables.evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")) < (A4[1] - 30) / 25.4 * 96
    ), "a table is cut when it is longer than a page"


def test_the_pdf_is_a4_and_in_few_pages(visit: Visit) -> None:
    page = visit("country-kz.html")
    pdf = page.pdf(prefer_css_page_size=True)
    sizes = re.findall(rb"/MediaBox ?\[ ?0 0 ([\d.]+) ([\d.]+) ?\]", pdf)
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {(595, 842)}  # points of A4
    assert 3 <= len(sizes) <= 8
