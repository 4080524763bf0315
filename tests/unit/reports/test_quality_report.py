"""The quality report: each value against small tables, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from reports import quality_report
from reports.quality_report import Indicator
from schemas import declaration
from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.expectation import Finding, Validation
from schemas.result_tables import conform, dictionary, tables
from tests import small_survey

RELEASE = "small_survey-2009-r2"
FINDING = Finding("expect_column_max_to_be_between", {"column": "a", "max_value": 1}, "why <it> must", "warning", True)


def load(country: str, **changes: object) -> Load:
    fixed = {"load_id": country, "survey_id": "small_survey", "country": country, "uri": country, "file": country}
    counts = {"sha256": "0" * 64, "bytes": 10, "rows_read": 40, "rows_accepted": 30, "rows_quarantined": 10}
    return Load(**{**fixed, **counts, **changes})  # type: ignore[arg-type]


LOADS = [
    load("KZ", reasons={"relatives_missing": 6, "row_damaged": 4}, edits={"sex_total_mismatch": 3}),
    load("KG", rows_read=60, rows_accepted=60, rows_quarantined=0),
]


def cell(release_id: str, level: str, estimate: float | None, cv: float | None, **more: object) -> dict[str, object]:
    verdict = "publish" if cv is not None and cv <= 0.3 else "suppress"
    fixed = {"survey_id": "small_survey", "wave": "2009", "exploitation": "all", "location": "both", "sex": "all"}
    rest = {"period": "annual", "unit": "persons", "obs_status": "A", "conf_status": "F", "confidence": 0.95}
    number = {"release_id": release_id, "level": level, "estimate": estimate, "cv": cv, "reliability": verdict}
    return {**fixed, **rest, "indicator": "victims", "method": "pennington", **number, **more}


ESTIMATES = [
    cell("small_survey-2009-r1", "national", 1.0, 0.9, country="KZ"),  # an earlier release does not count
    cell(RELEASE, "national", 100.0, 0.1, country="KZ"),
    cell(RELEASE, "regional", 50.0, 0.2, country="KZ", region="KZ-15"),
    cell(RELEASE, "regional", 70.0, 0.4, country="KZ", region="KZ-23"),
    cell(RELEASE, "regional", None, None, country="KG", region="KG-B", conf_status="C"),
    cell(RELEASE, "regional", 10.0, 0.6, country="KZ", region="KZ-99"),
    cell(RELEASE, "national", 8.0, None, country="KZ", indicator="family_size", n_respondents=30),
    cell(RELEASE, "regional", 8.0, None, country="KZ", region="KZ-15", indicator="family_size", n_respondents=20),
]


def content() -> dict[str, pd.DataFrame]:
    region = {"survey_id": "small_survey", "name_en": "x", "name_ru": "x"}
    change = {
        "change": "revised",
        "survey_id": "small_survey",
        "wave": "2009",
        "level": "national",
        "method": "pennington",
    }
    change |= {"period": "annual", "previous_release_id": "r0"}
    victims = {"indicator": "victims", "exploitation": "all", "location": "both", "sex": "all", "reason_code": "method"}
    quality = {"release_id": RELEASE, "dimension": "coherence", "check_id": "a", "verdict": "passed"}
    release = {"survey_id": "small_survey", "reference_period": "2009", "status": "provisional", "content_sha256": "0"}
    printed = {"survey_id": "small_survey", "source": "s", "source_table": "t", "indicator": "victims"}
    rows: dict[str, list[dict[str, object]]] = {
        "estimates": ESTIMATES,
        "regions": [
            {**region, "country": "KZ", "region": "KZ-15", "surveyed": "yes", "grade": "A"},
            {**region, "country": "KZ", "region": "KZ-23", "surveyed": "yes", "grade": "B"},
            {**region, "country": "KZ", "region": "KZ-31", "surveyed": "no"},
        ],
        "revisions": [
            {**change, **victims, "release_id": RELEASE, "country": "KG", "relative_change": -0.2},
            {**change, **victims, "release_id": RELEASE, "country": "KZ", "relative_change": 0.4},
            {**change, **victims, "release_id": "r1", "country": "KZ", "relative_change": 9.0},
        ],
        "releases": [
            {**release, "release_id": "small_survey-2009-r1", "published_at": "2009-12-10"},
            {**release, "release_id": RELEASE, "published_at": "2010-01-09"},
        ],
        "quality": [
            {**quality, "scope": "x"},
            {**quality, "scope": "y"},
            {**quality, "scope": "z", "verdict": "noted"},
        ],
        "reproduction": [
            {**printed, "source_cell": "1", "verdict": "match"},
            {**printed, "source_cell": "2", "verdict": "rounding"},
        ],
    }  # fmt: skip
    names = {name: table.names for name, table in tables().items()}
    out = {name: conform(name, pd.DataFrame(given).reindex(columns=names[name])) for name, given in rows.items()}
    return {**out, "dictionary": dictionary()}


@pytest.fixture
def chosen(survey: Path) -> Declaration:
    quotas = "country,region,planned,source\nKZ,,40,plan\nKZ,KZ-15,20,plan\nKG,KG-B,10,plan\n"
    (survey / "quotas.csv").write_text(quotas, encoding="utf-8")
    return declaration.load(small_survey.ID)


def report(chosen: Declaration) -> list[Indicator]:
    suites = [Validation("loads", "files", "SELECT 1", 1, (FINDING, FINDING, FINDING, replace(FINDING, success=False)))]
    return quality_report.quality_report(content(), chosen, LOADS, suites)


EXPECTED = {
    ("cells_with_number", "regional"): 0.8,  # four of five
    ("cells_hidden", "all"): 1,
    ("regions_surveyed", "KZ"): 0.666667,
    ("questionnaires_delivered", "all"): 100,
    ("questionnaires_used", "KZ"): 0.75,
    ("questionnaires_used", "all"): 0.9,
    ("excluded", "KZ relatives_missing"): 6,
    ("excluded", "KZ row_damaged"): 4,
    ("edited", "KZ sex_total_mismatch"): 3,
    ("quota_met", "KZ"): 0.75,  # 30 of 40
    ("quota_met", "KZ-15"): 1,
    ("quota_met", "KG-B"): 0,  # planned, and none held
    ("cv_lower_quartile", "pennington regional"): 0.3,  # of 0.2, 0.4 and 0.6
    ("cv_median", "pennington regional"): 0.4,
    ("cv_upper_quartile", "pennington regional"): 0.5,
    ("cv_within_bound", "pennington regional"): 0.333333,
    ("reliable_publish", "pennington regional"): 0.333333,
    ("reliable_suppress", "pennington regional"): 0.666667,
    ("numbers_revised", "method"): 2,
    ("mean_absolute_revision", "method"): 0.3,
    ("days_to_first_release", "all"): 10,  # fieldwork of the small survey ends on 30 November 2009
    ("days_to_this_release", "all"): 40,
    ("columns_described", "all"): 1,
    ("checks_passed", "coherence"): 2,
    ("checks_noted", "coherence"): 1,
    ("expectations_met", "loads"): 0.75,
    ("printed_numbers_met", "all"): 0.5,
    ("populations_official", "all"): 0.5,
    ("waves", "all"): 1,
}


def test_each_value_is_what_the_tables_say(chosen: Declaration) -> None:
    seen = {(line.indicator, line.scope): line.value for line in report(chosen)}
    assert {key: seen.get(key) for key in EXPECTED} == pytest.approx(EXPECTED)


def test_every_indicator_of_every_dimension_is_there_with_a_value_or_a_reason(chosen: Declaration) -> None:
    lines = report(chosen)
    dimensions = quality_report.dimensions()
    assert list(dict.fromkeys(line.dimension for line in lines)) == list(dimensions)
    assert len(dimensions) == 5  # the ESS has five
    for name, dimension in dimensions.items():
        assert {line.indicator for line in lines if line.dimension == name} == set(dimension["indicators"])
    silent = {line.indicator: line.note for line in lines if line.value is None}
    assert all(silent.values())
    assert {"unit_response", "punctuality", "checks_refused"} <= set(silent)


def test_without_quotas_the_report_says_so(survey: Path) -> None:
    lines = [line for line in report(declaration.load(small_survey.ID)) if line.indicator == "quota_met"]
    assert [(line.value, line.note) for line in lines] == [
        (None, "not known: the survey declares no quotas (quotas.csv)")
    ]


def test_the_gap_of_regions_is_not_told_when_one_is_hidden(chosen: Declaration) -> None:
    lines = {line.scope: line.value for line in report(chosen) if line.indicator == "largest_regional_gap"}
    assert lines == {"all": None}
    shown = content()
    shown["estimates"] = shown["estimates"][shown["estimates"]["conf_status"] == "F"]
    told = quality_report.quality_report(shown, chosen, LOADS, [])
    (line,) = [line for line in told if line.indicator == "largest_regional_gap"]
    assert (line.scope, line.value) == ("pennington", pytest.approx(0.3))  # 50 + 70 + 10 over 100, less one
