"""A page with one invented chart of every kind, as the site would write it, and what a browser says about it.

Numbers are chosen so that what is hidden, imprecise and unreliable occurs in every kind that shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from reports.boundaries import shapes
from reports.language import languages
from reports.site import site
from reports.site.chart import Chart, Column, Reference
from schemas.survey_folders import CHECKOUT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PAGE = """<!doctype html><html lang="{{ code }}"><head><meta charset="utf-8"><title>Charts</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{{ root }}assets/site.css"></head><body><main id="content"><h1>Charts</h1>
{% from "chart.html.j2" import figure, chart_scripts, no_map with context %}
{% for chart in charts %}{{ figure(chart, level=2) }}{% endfor %}
{{ no_map() }}</main>{{ chart_scripts() }}</body></html>"""
OWN = ("file:", "blob:", "data:")
REGION, WHERE = Column("label", "Region", "text"), Column("group", "Where", "text")
VALUE, SHARE = Column("value", "Estimate", "rate"), Column("value", "Share", "share")
LIMITS = (Column("low", "Lower limit", "rate"), Column("high", "Upper limit", "rate"))
COLUMNS = (REGION, WHERE, VALUE, *LIMITS, Column("n", "Interviews", "whole"), Column("status", "Reliability", "status"))
Cell = dict[str, Any]
PUBLISHED: Cell = {"value": 100.0, "low": 80.0, "high": 125.0, "n": 200, "status": "publish"}
CAUTION: Cell = {"value": 60.0, "low": 30.0, "high": 95.0, "n": 120, "status": "caution"}
UNRELIABLE: Cell = {"value": 40.0, "low": 2.0, "high": 110.0, "n": 90, "status": "suppress"}
HIDDEN: Cell = {"value": None, "low": None, "high": None, "n": 50, "status": "hidden"}
REGIONS: list[Cell] = [
    {"label": "Bishkek city", "region": "KG-GB", **PUBLISHED},
    {"label": "Batken oblast", "region": "KG-B", **CAUTION},
    {"label": "Chui oblast", "region": "KG-C", **UNRELIABLE},
    {"label": "Naryn oblast", "region": "KG-N", **HIDDEN},
]
ON_THE_MAP_ONLY: list[Cell] = [
    {**HIDDEN, "label": "Jalal-Abad oblast", "region": "KG-J", "n": None, "status": "not_surveyed"},
    {"label": "A region on no map", "region": "KG-X", **PUBLISHED},
    {"label": "A town known as a point", "region": "KG-P", **PUBLISHED},
]
YEARS: list[Cell] = [
    {"series": "Men", "period": "2009", **PUBLISHED},
    {"series": "Men", "period": "2012", **CAUTION},
    {"series": "Women", "period": "2009", **UNRELIABLE},
    {"series": "Women", "period": "2012", **HIDDEN},
]
SHARES: list[Cell] = [
    {"label": "Bishkek city", "series": "Women", "value": 0.25, "n": 90, "status": "publish"},
    {"label": "Bishkek city", "series": "Men", "value": 0.75, "n": 90, "status": "caution"},
    {"label": "Chui oblast", "series": "Women", "value": None, "n": 90, "status": "hidden"},
    {"label": "Chui oblast", "series": "Men", "value": None, "n": 90, "status": "hidden"},
]


def charts() -> list[Chart]:
    """Return one chart of every kind."""
    given: dict[str, Any] = {"unit": "per 1,000 families", "n": 1990, "confidence": 0.95, "columns": COLUMNS}
    inside = [{**row, "group": "Inside the country"} for row in REGIONS]
    abroad = {**REGIONS[0], "group": "Abroad"}
    both = [{**row, "series": place} for row in REGIONS for place in ("Inside", "Abroad")]
    printed = Reference(90.0, "printed")
    return [
        Chart("forest", "forest", "A forest <of> rates", rows=[*inside, abroad], reference=printed, **given),
        Chart("dots", "dots", "Dots", rows=both, note="=A note", **given),
        Chart(
            "slope", "slope", "A slope", rows=YEARS, **{**given, "columns": (Column("series", "Sex", "text"), VALUE)}
        ),
        Chart("bars", "bars", "Bars", "share of cases", 90, SHARES, (REGION, SHARE)),
        Chart("map", "map", "A map", rows=[*REGIONS, *ON_THE_MAP_ONLY], shapes=_shapes(), **given),
    ]


def _shapes() -> dict[str, Any]:
    """Return five real regions and a point."""
    boundaries = shapes.read(CHECKOUT / "surveys/central_asia_2009")
    assert boundaries is not None
    regions = boundaries.of(["KG-GB", "KG-B", "KG-C", "KG-N", "KG-J"])
    point = {"type": "Point", "coordinates": [77.0, 42.5]}
    regions["features"].append({"type": "Feature", "properties": {"region": "KG-P"}, "geometry": point})
    return regions


def write(folder: Path) -> Path:
    """Write the page in every language, with the files it needs, below `folder`; return the English one."""
    site.share(folder)
    view = SimpleNamespace(
        published=SimpleNamespace(of_records=False),
        code=lambda column, value: f"{column} {value}",
        survey=lambda text: f"The small survey's {text}",
    )
    for language in languages():
        below = folder / site.home(language)
        below.mkdir(exist_ok=True)
        page = site.environment(language).from_string(PAGE)
        given = {"view": view, "release": {"release_id": "small-2009-r1"}, "root": site.up(language)}
        text = page.render(charts=charts(), code=language.code, **given)
        (below / "charts.html").write_text(text, encoding="utf-8")
    return folder / "charts.html"


@dataclass
class Seen:
    """A page that is open, what it complained about, and what it asked for beyond its own files."""

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def opened(browser: Browser, path: Path, width: int = 1280, scheme: Any = "light") -> Seen:
    """Open a page of the disk and draw every chart by scrolling once to its end."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True)
    page = context.new_page()
    seen = Seen(page, context)
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(OWN) else seen.requests.append(asked.url))
    page.goto(path.as_uri())
    for figure in page.locator("figure.chart").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".drawing > svg").wait_for()
    return seen
