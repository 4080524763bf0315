"""Gates on whole nights: what a release holds about its quality, and what a refusal leaves."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
import yaml

from flows import direct
from flows.night import Outcome
from schemas import declaration
from tests import small_survey
from warehouse import checkpoint, results
from warehouse.home import Home


def run(home: Home) -> Outcome:
    return direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info)


@pytest.mark.usefixtures("all_suites", "all_pages")
def test_a_release_holds_its_quality_report_and_what_the_suites_found(survey: Path, home: Home) -> None:
    outcome = run(home)
    assert outcome.release is not None
    folder = outcome.release.folder
    suites = json.loads((folder / "expectations.json").read_text(encoding="utf-8"))["suites"]
    assert {suite["suite"] for suite in suites} == {path.stem for path in checkpoint.SUITES.glob("*.yaml")}
    assert all(suite["success"] for suite in suites)
    told = json.loads((folder / "quality_report.json").read_text(encoding="utf-8"))
    delivered = [x for x in told["indicators"] if (x["indicator"], x["scope"]) == ("questionnaires_delivered", "all")]
    assert [x["value"] for x in delivered] == [60]  # tests/small_survey.py: twice thirty
    quality = results.read(outcome.release.database, "quality", dimension="expectations")
    assert set(quality["verdict"]) == {"passed"}
    index = (folder / "report" / "index.html").read_text(encoding="utf-8")
    assert 'href="quality.html"' in index
    assert 'href="expectations.html"' in (folder / "report" / "quality.html").read_text(encoding="utf-8")
    named = {item["name"] for item in outcome.release.manifest["files"]}
    assert {"report/quality.html", "report/expectations.html", "quality_report.json", "expectations.json"} <= named


def impossible(folder: Path, severity: str) -> None:
    """Write a suite that no delivery meets."""
    item = {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "rows_read", "max_value": 29},  # tests/small_survey.py: thirty rows a file
        "severity": severity,
        "meta": {"why": "files of this test must be short"},
    }
    suite = {"name": "loads", "meta": {"about": "Files"}, "expectations": [item]}
    (folder / "loads.yaml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    (folder / "loads.sql").write_text("SELECT rows_read FROM loads WHERE survey_id = $survey", encoding="utf-8")


@pytest.mark.usefixtures("all_pages")
def test_a_critical_expectation_that_is_not_met_leaves_a_candidate(
    survey: Path, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impossible(tmp_path, "critical")
    monkeypatch.setattr(checkpoint, "SUITES", tmp_path)
    outcome = run(home)
    assert (outcome.exit_code, outcome.release) == (3, None)
    assert "loads (2 rows): 0 of 1 expectations met" in str(outcome.errors[0])
    assert not home.latest.exists()
    (candidate,) = home.candidates.iterdir()
    page = (candidate / "report" / "expectations.html").read_text(encoding="utf-8")
    assert "not met" in page
    assert "2 of 2" in page  # both files are unexpected


def test_a_warning_is_noted_and_the_release_goes_out(
    survey: Path, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impossible(tmp_path, "warning")
    monkeypatch.setattr(checkpoint, "SUITES", tmp_path)
    outcome = run(home)
    assert outcome.exit_code == 0
    assert outcome.release is not None
    quality = results.read(outcome.release.database, "quality", dimension="expectations")
    assert quality[["check_id", "value", "verdict"]].to_dict("records") == [
        {"check_id": "loads", "value": 1.0, "verdict": "noted"}
    ]


def test_numbers_that_double_are_refused_until_the_survey_allows_it(survey: Path, home: Home) -> None:
    first = run(home)
    assert first.exit_code == 0
    path = survey / "population.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",900,", ",1800,").replace(",450,", ",900,"), encoding="utf-8")
    refused = run(home)
    assert refused.exit_code == 3
    assert "no_number_moved_too_far" in str(refused.errors[0])
    assert home.latest.resolve() == first.release.folder if first.release else False
    plan = survey / "survey.yaml"
    plan.write_text(plan.read_text(encoding="utf-8") + "plausibility: {largest_change: 1.5}\n", encoding="utf-8")
    allowed = run(home)
    assert (allowed.exit_code, allowed.is_new_release) == (0, True)


def test_a_night_with_validation_switched_off_does_not_begin(
    survey: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from schemas.errors import EnvironmentUnsafe

    monkeypatch.setenv("PANDERA_VALIDATION_ENABLED", "False")
    with pytest.raises(EnvironmentUnsafe):
        run(home)
    assert not home.root.exists()
