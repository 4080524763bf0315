"""Charts in a browser: every kind is drawn, read by pointer and keyboard, saved in three forms; nothing is fetched.

Expected numbers are those of `chart_page`, written by hand as the language writes them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import chart_page
from tests.browser.chart_page import Seen, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

KINDS = ("forest", "dots", "slope", "bars", "map")
SIZES = "els => els.map(e => parseFloat(getComputedStyle(e).fontSize))"
# contrast as WCAG 2.2 defines it, of each colour of the style sheet against what it stands on
CONTRAST = """names => {
  const style = getComputedStyle(document.documentElement), canvas = document.createElement("canvas").getContext("2d");
  const light = (name) => {
    canvas.fillStyle = style.getPropertyValue(name).trim();
    const parts = [1, 3, 5].map((at) => parseInt(canvas.fillStyle.slice(at, at + 2), 16) / 255);
    const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return names.map(([one, other]) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  });
}"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return chart_page.write(tmp_path_factory.mktemp("charts"))


@pytest.fixture(scope="module")
def seen(chromium: Browser, written: Path) -> Iterator[Seen]:
    """The page at the width of a desk; after all tests it has complained about nothing and asked for nothing."""
    page = opened(chromium, written)
    yield page
    assert page.complaints == []
    assert page.requests == []
    page.context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_of_each_kind_is_drawn_with_its_name_unit_and_n(seen: Seen, kind: str) -> None:
    figure = seen.page.locator(f"#chart-{kind}")
    assert figure.locator(".drawing > svg[role=img]").count() == 1
    assert figure.locator("svg path").count() > 3
    name = figure.locator(".drawing > svg").get_attribute("aria-label") or ""
    count = "90" if kind == "bars" else "1,990"
    unit = "share of cases" if kind == "bars" else "per 1,000 families"
    assert f"{unit}, {count} interviews" in name
    assert figure.locator(".about").inner_text() == f"{unit} · {count} interviews"
    assert min(figure.locator("svg text").evaluate_all(SIZES)) >= 12


def test_what_is_hidden_is_said_and_never_drawn_as_a_number(seen: Seen) -> None:
    words = {kind: seen.page.locator(f"#chart-{kind} .drawing").inner_text() for kind in KINDS}
    assert words["forest"].count("hidden") == 1
    assert words["dots"].count("Inside: hidden") == 1
    assert "Women, 2012: hidden" in words["slope"]
    assert "(hidden)" in words["map"]
    assert "(not surveyed)" in words["map"]
    # one mark for each of the five rows, less the hidden one; the legend has three more: estimate, caution, unreliable
    marks = seen.page.locator("#chart-forest .drawing path[stroke-width='1.8']").count()
    assert marks == 5 - 1 + 3


def test_an_unreliable_number_is_drawn_and_not_written_out(seen: Seen) -> None:
    words = seen.page.locator("#chart-forest .drawing").inner_text()
    assert "60.0 (30.0 – 95.0)" in words
    assert "40.0 (2.0 – 110.0)" not in words


def test_a_region_without_a_boundary_is_named_under_the_map_and_a_point_is_a_circle(seen: Seen) -> None:
    words = seen.page.locator("#chart-map .drawing").inner_text()
    assert "A region on no map, 100.0" in words
    assert "Circle:" in words
    assert "There is no map" in seen.page.locator("main").inner_text()


def test_an_unreliable_region_has_no_colour_of_a_class(seen: Seen) -> None:
    shapes = seen.page.locator("#chart-map .drawing svg svg > path")
    fills = shapes.evaluate_all("els => els.map(e => e.getAttribute('fill'))")
    colours = [fill for fill in fills if fill and fill.startswith(("rgb", "#"))]
    assert len(colours) == 3  # published: Bishkek and the point; with caution: Batken; not Chui, Naryn and Jalal-Abad
    assert len(set(colours)) == 2


def test_pointing_at_a_mark_describes_it(seen: Seen) -> None:
    area = seen.page.locator("#chart-forest .drawing")
    area.scroll_into_view_if_needed()
    box = area.locator("text", has_text="Batken oblast").bounding_box()
    assert box
    seen.page.mouse.move(box["x"] + 200, box["y"] + box["height"] / 2)
    said = area.locator(".tooltip").inner_text().split("\n\n")
    assert said == [
        "Inside the country · Batken oblast",
        "60.0 per 1,000 families",
        "95% confidence interval: 30.0 – 95.0",
        "reliability caution",
        "120 interviews",
    ]
    seen.page.mouse.move(1, 1)
    assert area.locator(".tooltip").is_hidden()


def test_pointing_at_a_region_describes_it(seen: Seen) -> None:
    area = seen.page.locator("#chart-map .drawing")
    area.locator("text", has_text="Naryn").first.scroll_into_view_if_needed()
    box = area.locator("text", has_text="Naryn").first.bounding_box()
    assert box
    seen.page.mouse.move(box["x"] + 5, box["y"] + 5)
    said = area.locator(".tooltip").inner_text()
    assert said.startswith("Naryn oblast")
    assert "Hidden to protect the families who answered" in said
    assert "0.0" not in said


@pytest.mark.parametrize("kind", KINDS)
def test_the_keyboard_reads_every_value(seen: Seen, kind: str) -> None:
    area = seen.page.locator(f"#chart-{kind} .drawing")
    area.focus()
    tooltip = area.locator(".tooltip[role=status]")
    assert tooltip.is_hidden()
    seen.page.keyboard.press("Home")
    said = [tooltip.inner_text()]
    for _ in range(20):
        seen.page.keyboard.press("ArrowDown")
        if tooltip.inner_text() == said[-1]:
            break
        said.append(tooltip.inner_text())
    rows = {"forest": 5, "dots": 8, "slope": 4, "bars": 4, "map": 6}[kind]  # the map lacks the region without boundary
    assert len(said) == rows
    seen.page.keyboard.press("Home")
    assert tooltip.inner_text() == said[0]
    seen.page.keyboard.press("Escape")
    assert tooltip.is_hidden()


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_picture_says_what_it_shows(seen: Seen, kind: str, tmp_path: Path) -> None:
    text = _saved(seen, kind, "svg", tmp_path).read_text(encoding="utf-8")
    title = seen.page.locator(f"#chart-{kind} h2").inner_text()
    words = re.sub(r"\s+", " ", " ".join(re.findall(r">([^<>]+)<", text))).replace("&lt;", "<").replace("&gt;", ">")
    unit = "share of cases · 90 interviews" if kind == "bars" else "per 1,000 families · 1,990 interviews"
    for part in (title, unit, "Source: The small survey's title, release small-2009-r1", "The small survey's notice"):
        assert part in words
    assert 'fill="#ffffff"' in text
    assert "var(--" not in text  # nothing that only the page's style sheet knows
    picture = _saved(seen, kind, "png", tmp_path).read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", picture[16:20])[0] == 2 * 960


def test_saved_numbers_are_those_of_the_table(seen: Seen, tmp_path: Path) -> None:
    text = _saved(seen, "dots", "csv", tmp_path).read_bytes().decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == "Region,Where,Estimate,Lower limit,Upper limit,Interviews,Reliability"
    assert lines[1] == "Bishkek city,,100.0,80.0,125.0,200,reliability publish"
    assert lines[7] == "Naryn oblast,,,,,50,Hidden to protect the families who answered"
    assert len(lines) == 1 + 8


def test_the_table_has_headings_for_screen_readers(seen: Seen) -> None:
    table = seen.page.locator("#chart-forest table")
    assert table.locator("caption").text_content() == "A forest <of> rates (per 1,000 families)"
    assert table.locator("thead th[scope=col]").count() == 7
    assert table.locator("tbody th[scope=row]").count() == 5
    names = [button.get_attribute("aria-label") for button in seen.page.locator("#chart-forest button").all()]
    assert names == [f"{form} file of: A forest <of> rates" for form in ("SVG", "PNG", "CSV")]


def test_a_chart_is_drawn_anew_when_the_window_narrows(chromium: Browser, written: Path) -> None:
    seen = opened(chromium, written)
    seen.page.set_viewport_size({"width": 360, "height": 800})
    seen.page.wait_for_function("document.querySelector('#chart-forest .drawing > svg').clientWidth < 360")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 360
    seen.context.close()


def test_on_a_phone_labels_stand_above_their_rows(chromium: Browser, written: Path) -> None:
    seen = opened(chromium, written, width=360, scheme="dark")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 360
    label = seen.page.locator("#chart-forest .drawing svg svg text", has_text="Bishkek city").first.bounding_box()
    mark = seen.page.locator("#chart-forest .drawing svg svg path[stroke-width='1.8']").first.bounding_box()
    assert label and mark
    assert label["x"] < 40
    assert label["y"] + label["height"] <= mark["y"] + 4
    for kind in KINDS:
        assert min(seen.page.locator(f"#chart-{kind} svg text").evaluate_all(SIZES)) >= 12
    assert seen.complaints == []
    seen.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_stand_out_from_what_they_stand_on(chromium: Browser, written: Path, scheme: str) -> None:
    seen = opened(chromium, written, scheme=scheme)
    series = [f"--chart-{at}" for at in range(1, 8)]
    marks: list[Any] = [(one, "--paper") for one in (*series, "--edge")]
    texts = [(f"--chart-on-{at}", f"--chart-{at}") for at in range(1, 8)]
    assert min(seen.page.evaluate(CONTRAST, marks)) >= 3.0
    assert min(seen.page.evaluate(CONTRAST, texts)) >= 4.5
    seen.context.close()


def test_the_words_and_numbers_are_the_languages(chromium: Browser, written: Path) -> None:
    seen = opened(chromium, written.parent / "ru" / "charts.html")
    seen.page.locator("#chart-forest .drawing").focus()
    seen.page.keyboard.press("ArrowDown")
    said = seen.page.locator("#chart-forest .tooltip").inner_text()
    assert "100,0 per 1,000 families" in said
    assert "доверительный интервал 95\u00a0%: 80,0 – 125,0" in said
    assert "интервью: 200" in said
    assert seen.complaints == []
    seen.context.close()


def _saved(seen: Seen, kind: str, form: str, folder: Path) -> Path:
    with seen.page.expect_download() as waiting:
        seen.page.locator(f"#chart-{kind} button[data-form={form}]").click()
    assert waiting.value.suggested_filename == f"small-2009-r1_{kind}.{form}"
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path
