"""The page of a country: its numbers with their limits, its regions, who and where, and what regions rest on."""

from __future__ import annotations

from collections.abc import Iterator

from reports.boundaries import shapes
from reports.site import national, regional
from reports.site.cell import Cells, confidence, short
from reports.site.page import Page
from reports.site.release_view import View


def name(country: str) -> str:
    """Name the page of a country."""
    return f"country-{country.lower()}"


def pages(view: View) -> Iterator[Page]:
    """Yield a page for every country of which the release has numbers."""
    cells = Cells(view.published.lead)
    boundaries = shapes.read(view.published.declaration.folder)
    words = {status: short(view, status) for status in regional.RANKED}
    for country in view.published.countries:
        if not cells.keys(country):
            continue
        n = national.interviews(cells, country)
        rows = regional.table(view, cells, country)
        drawn = [national.who_and_where(view, cells, country), national.shares(view, cells, country)]
        values = {
            "words": words,
            "confidence": confidence(view),
            "headlines": national.headlines(view, cells, country),
            "n": n,
            "lacking": {cell.status for key, cell in cells.all.items() if key.country == country},
            "forms": national.table(view, cells, country),
            "others": national.others(view, cells, country),
            "regions": rows,
            "choices": regional.choices(rows),
            "mapped": boundaries is not None,
            "pictures": regional.pictures(view, rows, n, boundaries),
            "divided": [chart for chart in drawn if chart is not None],
            "populations": regional.populations(view, country),
            "unvisited": regional.unvisited(rows),
            "adds_up": regional.add_up(view, country),
        }
        yield Page(name(country), view.country(country), "country.html.j2", "countries", values)
