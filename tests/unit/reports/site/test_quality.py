"""The pages about quality and expectations: every value and reason, in both languages, and nothing that is no text."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from reports.quality_report import Indicator
from reports.site import quality
from schemas.expectation import Finding, Validation
from schemas.result_tables import conform
from tests.unit.reports.site import views

pytestmark = pytest.mark.usefixtures("survey")
FINDING = Finding("expect_column_max_to_be_between", {"column": "a", "max_value": 1}, "why <it> must", "warning", True)
USED = ("accuracy_and_reliability", "questionnaires_used", None, "Delivered questionnaires that are used")
INDICATORS = [
    Indicator(*USED, "KZ", 0.75, "share", ""),
    Indicator(*USED, "all", 0.9, "share", ""),
    Indicator("accuracy_and_reliability", "unit_response", "A4", "Response", "all", None, "share", "not known"),
    Indicator("coherence_and_comparability", "waves", "CC2", "Waves that can be compared", "all", 1.0, "count", ""),
]


def checks(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Return rows of `quality`: dimension, check and verdict."""
    same = {"release_id": "s-2009-r2", "value": 0.0, "threshold": 0.0, "detail": "1 < 2 & more"}
    told = [
        {**same, "dimension": d, "check_id": c, "scope": f"scope {n}", "verdict": v} for n, (d, c, v) in enumerate(rows)
    ]
    return conform("quality", pd.DataFrame(told))


def test_indicators_stand_under_their_dimension_with_a_value_or_a_reason() -> None:
    report = quality.report(views.view(views.tables(), indicators=INDICATORS))
    assert [section["title"] for section in report] == ["Accuracy and reliability", "Coherence and comparability"]
    used, response = report[0]["indicators"]
    assert used["values"] == [{"scope": "Kazakhstan", "value": 0.75}, {"scope": "All", "value": 0.9}]
    assert response["values"] == []
    assert response["absent"].startswith("not known: deliveries hold completed questionnaires")
    assert report[1]["indicators"][0]["values"] == [{"scope": "", "value": 1.0}]


def test_the_page_is_in_both_languages() -> None:
    given = views.tables()
    english = views.html(views.view(given, indicators=INDICATORS), "quality")
    russian = views.html(views.view(given, "ru", indicators=INDICATORS), "quality")
    assert "75.0%" in english and "Response of the families asked" in english
    assert "75,0\u00a0%" in russian and "Доля ответивших семей" in russian
    assert "Response of the families asked" not in russian


def test_scopes_are_named_as_far_as_they_are_codes() -> None:
    seen = views.view(views.tables())
    assert quality.scope(seen, "design regional") == "design Region"
    assert quality.scope(seen, "KZ relatives_missing") == "Kazakhstan relatives_missing"
    assert quality.scope(seen, "KZ-15") == "Aktobe"
    assert quality.scope(seen, "coherence") == "Parts add up"


def test_within_a_dimension_what_did_not_pass_comes_first() -> None:
    rows = checks(
        ("coherence", "women_and_men_make_all", "passed"),
        ("coherence", "regions_less_nation", "noted"),
        ("accounting", "a_check_of_ones_own", "refused"),
        ("accounting", "every_load_is_accounted_for", "passed"),
    )
    groups = quality.checks(views.view(views.tables(quality=rows)))
    assert [(group["title"], [row["name"] for row in group["rows"]]) for group in groups] == [
        ("Every row is accounted for", ["a_check_of_ones_own", "Rows of every file are stored as they were counted"]),
        ("Parts add up", ["Regions less country, for methods that promise no sum", "Women and men make both sexes"]),
    ]
    assert "1 &lt; 2 &amp; more" in views.html(views.view(views.tables(quality=rows)), "quality")


def test_expectations_show_what_was_found_and_escape_it() -> None:
    counted = replace(FINDING, counts={"element_count": 1200, "unexpected_count": 3})
    failed = replace(FINDING, success=False, error="e<r>r")
    suites = [Validation("loads", "files", "SELECT 1 < 2", 1, (counted, failed))]
    for language, words in (
        ("en", ("1 of 2", "3 of 1,200", "not met")),
        ("ru", ("1 из 2", "3 из 1\u00a0200", "не выполнено")),
    ):
        text = views.html(views.view(views.tables(), language, validations=suites), "expectations")
        assert all(word in text for word in words)
        assert "why &lt;it&gt; must" in text
        assert "e&lt;r&gt;r" in text
        assert "SELECT 1 &lt; 2" in text


def test_a_release_without_suites_says_so() -> None:
    assert "No suite was run." in views.html(views.view(views.tables()), "expectations")


def test_the_page_about_quality_links_to_the_expectations_and_to_what_programs_read() -> None:
    text = views.html(views.view(views.tables(), "ru"), "quality")
    assert 'href="expectations.html"' in text
    assert 'href="../../quality_report.json"' in text  # a Russian page lies one folder deeper
