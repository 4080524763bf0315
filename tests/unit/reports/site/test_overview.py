"""The chart of countries on the first page: nations with their limits, hidden ones said to be, the group left out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from reports.language import languages
from reports.site import overview
from reports.site.release_view import Published, View
from schemas import declaration
from tests import small_survey
from tests.unit.reports import small_release


def view(newest: pd.DataFrame) -> View:
    held = small_release.tables(newest=newest)
    return View(Published(held, declaration.load(small_survey.ID), [], [], []), languages()[0])


def test_nations_are_drawn_where_everything_comes_first_and_all_countries_together_are_not(survey: Path) -> None:
    """Numbers of `small_release`: 150 together, 100 inside, 50 abroad, limits 10 % away, 60 interviews."""
    chart = overview.chart(view(small_release.estimates()))
    assert chart is not None
    rows = [(row["group"], row["label"], row["value"], row["low"], row["n"]) for row in chart.rows]
    assert rows == [
        ("Inside and abroad", "Kazakhstan", 150.0, 135.0, 60),
        ("Inside the country", "Kazakhstan", 100.0, 90.0, 60),
        ("Abroad", "Kazakhstan", 50.0, 45.0, 60),
    ]
    assert chart.n == 60
    assert chart.confidence == 0.95


def test_a_hidden_nation_is_drawn_as_hidden(survey: Path) -> None:
    rows = small_release.estimates()
    hidden = (rows["level"] == "national") & (rows["location"] == "abroad")
    rows.loc[hidden, ["estimate", "ci_low", "ci_high", "reliability"]] = None
    rows.loc[hidden, "conf_status"] = "D"
    chart = overview.chart(view(rows))
    assert chart is not None
    assert [row["status"] for row in chart.rows] == ["publish", "publish", "hidden"]


def test_a_countrys_name_leads_to_its_page_and_the_group_to_none(survey: Path) -> None:
    cells = overview.national(view(small_release.estimates()))
    assert {(cell["name"], cell["page"]) for cell in cells} == {
        ("Kazakhstan", "country-kz"),
        ("All countries together", None),
    }
