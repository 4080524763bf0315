"""The page about an earlier publication. Its numbers are those of `small_release`, worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reports.site import contents, reproduction
from reports.site.release_view import View
from schemas.result_tables import conform
from tests.unit.reports import small_release
from tests.unit.reports.site import views
from tests.unit.reports.small_release import PRINTED, printed

pytestmark = pytest.mark.usefixtures("survey")
NUMBERS = ["estimate", "ci_low", "ci_high"]


def seen(rows: list[dict[str, object]], estimates: pd.DataFrame | None = None, language: str = "en") -> View:
    newest = small_release.with_design() if estimates is None else estimates
    return views.view(views.tables(**small_release.tables(rows, newest)), language)


def test_a_survey_that_was_never_published_has_no_such_page() -> None:
    names = [page.name for page in contents.pages(seen([]))]
    assert "reproduction" not in names
    assert "overview" not in names and "index" in names


def test_printed_repeated_and_leading_stand_side_by_side() -> None:
    """`design` is 20 % above the rule of the publication, whose number inside Kazakhstan is 100."""
    first = reproduction.compared(seen(PRINTED))[0]
    told = [first[f"{prefix}{name}"] for prefix in ("printed_", "reproduced_", "") for name in NUMBERS]
    assert told == pytest.approx([100, 90, 110, 100, 90, 110, 120, 108, 132])
    assert (first["name"], first["place"], first["verdict"], first["n"]) == (
        "Kazakhstan",
        "Inside the country",
        "equal",
        60,
    )


def test_the_chart_has_the_countries_and_three_sources() -> None:
    chart = views.page(seen(PRINTED), "reproduction").values["figures"][0]
    inside = [row for row in chart.rows if row["group"] == "Inside the country"]
    assert [(row["series"], row["value"]) for row in inside] == [
        ("Printed", 100.0),
        ("Its rule, from the raw files", 100.0),
        ("Leading method", pytest.approx(120.0)),
    ]
    assert {row["label"] for row in chart.rows} == {"Kazakhstan"}


def test_without_another_method_the_rule_of_the_publication_stands_once() -> None:
    chart = views.page(seen(PRINTED, small_release.estimates()), "reproduction").values["figures"][0]
    assert {row["series"] for row in chart.rows} == {"Printed", "Its rule, from the raw files"}


def test_limits_that_do_not_hold_their_number_are_not_drawn() -> None:
    misprinted = [*PRINTED[:2], printed("victims_upper_limit", 95.0, 110.0, "publication_error")]
    chart = views.page(seen(misprinted), "reproduction").values["figures"][0]
    first = chart.rows[0]
    assert (first["value"], first["low"], first["high"]) == (100.0, None, None)


def test_a_hidden_number_is_said_to_be_hidden_in_the_chart_and_in_the_table() -> None:
    rows = small_release.with_design()
    here = (rows["method"] == "design") & (rows["level"] == "national") & (rows["location"] == "inside")
    rows.loc[here, [*NUMBERS, "reliability"]] = None
    rows.loc[here, "conf_status"] = "C"
    one = seen(PRINTED, rows)
    chart = views.page(one, "reproduction").values["figures"][0]
    ours = [row for row in chart.rows if row["series"] == "Leading method" and row["group"] == "Inside the country"]
    assert [(row["value"], row["status"]) for row in ours] == [(None, "hidden")]
    assert '<span class="withheld">hidden</span>' in views.html(one, "reproduction")


def test_what_differs_is_grouped_by_verdict_and_reason_the_commonest_first() -> None:
    def number(cell: str, verdict: str, reason: str) -> dict[str, object]:
        return {**printed("victims", 7967.0, 7968.4, verdict), "source_cell": cell, "reason": reason}

    rows = [
        number("a", "not_reproducible", "another questionnaire"),
        number("b", "not_reproducible", "no sex is asked"),
        number("c", "not_reproducible", "no sex is asked"),
        number("d", "publication_error", "the table says otherwise"),
        number("e", "match", ""),
    ]
    found = reproduction.explained(seen(rows))
    told: list[Any] = [
        (kind["verdict"], [(group["reason"], [c["cell"] for c in group["cells"]]) for group in kind["groups"]])
        for kind in found
    ]
    assert told == [
        ("publication_error", [("the table says otherwise", ["d"])]),
        ("not_reproducible", [("no sex is asked", ["b", "c"]), ("another questionnaire", ["a"])]),
    ]
    cell = found[0]["groups"][0]["cells"][0]
    assert (cell["printed"], cell["ours"]) == ("7,967", "7,968.4")


@pytest.mark.parametrize(
    ("number", "computed", "told"),
    [
        (8.6, 8.568039, ("8.6", "8.57", "-0.03")),
        (13615.0, 13614.6, ("13,615", "13,614.6", "-0.4")),
        (0.013, None, ("0.013", "–", "–")),
        (None, 45.65217, ("–", "45.65", "–")),
    ],
)
def test_ours_is_written_with_one_digit_more_than_the_print(
    number: float | None, computed: float | None, told: tuple[str, str, str]
) -> None:
    row = printed("victims", number, computed, "match")  # type: ignore[arg-type]
    given = None if number is None or computed is None else computed - number
    rows = conform("reproduction", pd.DataFrame([{**row, "difference": given, "region": None}]))
    [table] = reproduction.printed(views.view(views.tables(reproduction=rows)))
    [cell] = table["rows"]
    assert (cell["printed"], cell["ours"], cell["difference"]) == told


def test_every_printed_number_stands_on_the_page_in_both_languages() -> None:
    rows = [*PRINTED, {**printed("lsg_cases", 7.0, 8.0, "publication_error"), "source_cell": "KZ other"}]
    for language, words in (("en", ("Match", "Error of the publication")), ("ru", ("Совпадает", "Ошибка публикации"))):
        text = views.html(seen(rows, language=language), "reproduction")
        assert text.count('<tr data-key="match">') == 3
        assert text.count('<tr data-key="publication_error">') == 1
        assert all(word in text for word in words)
        assert '<span lang="en">lsg cases</span>' in text  # a name that no vocabulary has
        assert "a misprint &amp; &lt;more&gt;" in text


def test_a_page_is_the_same_every_time(survey: Path) -> None:
    assert views.html(seen(PRINTED), "reproduction") == views.html(seen(PRINTED), "reproduction")
