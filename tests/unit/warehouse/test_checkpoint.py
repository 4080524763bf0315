"""Expectation suites: the files are well formed, pass on a sound survey, see what is broken, and tell no answer."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import yaml

from flows import direct
from schemas import declaration, instrument
from schemas.declaration import Declaration
from schemas.expectation import Validation
from tasks import expect
from tests import small_survey
from warehouse import build, checkpoint, results
from warehouse.build import Warehouse
from warehouse.home import CHECKOUT, Home

pytestmark = pytest.mark.usefixtures("all_suites")
SECRET = 987
"""A number of relatives that no other row has, and no bound."""


@dataclass(frozen=True)
class Night:
    """A survey after its night: the data folder, the declaration, and the result tables."""

    home: Home
    declaration: Declaration
    tables: dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("night")
    small_survey.write(folder / "surveys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        chosen = declaration.load(small_survey.ID)
        outcome = direct.run(chosen, Home(folder / "home"), logging.getLogger("test").info)
        assert outcome.release is not None
        names = ("comparisons", "estimates", "fieldwork", "regions", "reproduction", "sensitivity")
        tables = {name: results.read(outcome.release.database, name) for name in names}
        yield Night(Home(folder / "home"), chosen, tables)


def validate(night: Night, *changes: str, **tables: pd.DataFrame) -> dict[str, Validation]:
    """Run the suites after changing the warehouse by SQL, or a result table; the changes are undone."""
    with build.write(night.home, instrument.find("family_survey")) as warehouse:
        warehouse.execute("BEGIN TRANSACTION")
        for change in changes:
            warehouse.execute(change)
        told = expect.expect({**night.tables, **tables}, night.declaration, warehouse)
        warehouse.execute("ROLLBACK")
    return {validation.suite: validation for validation in told}


def unmet(validation: Validation) -> set[str]:
    return {str(f.kwargs.get("column", f.kwargs.get("column_A"))) for f in validation.unmet("critical", "warning")}


def test_every_suite_has_a_query_and_every_expectation_a_reason() -> None:
    files = {path.stem for path in checkpoint.SUITES.glob("*.yaml")}
    assert files == {path.stem for path in checkpoint.SUITES.glob("*.sql")}
    found = checkpoint.suites("family_survey")
    assert {suite["name"] for suite in found} == files
    for suite in found:
        for item in suite["expectations"]:
            assert list(item["meta"]) == ["why"], item
            assert len(item["meta"]["why"]) > 10
            assert item.get("severity", "critical") in ("critical", "warning", "info")


def test_a_suite_of_another_instrument_is_left_out() -> None:
    names = {suite["name"] for suite in checkpoint.suites("another_survey")}
    assert "interviews" not in names
    assert "loads" in names


def test_a_sound_survey_meets_every_expectation(night: Night) -> None:
    told = validate(night)
    assert {name: unmet(validation) for name, validation in told.items()} == {name: set() for name in told}
    assert [told["loads"].rows, told["interviews"].rows, told["regions"].rows] == [2, 2, 4]  # tests/small_survey.py
    assert not any(finding.error for validation in told.values() for finding in validation.findings)


BROKEN = [
    ("loads", "share_quarantined", "UPDATE loads SET rows_accepted = 10, rows_quarantined = 20"),
    ("loads", "country", "UPDATE loads SET country = 'XX' WHERE country = 'KG'"),
    ("interviews", "interviews", "DELETE FROM interviews WHERE source_row = (SELECT min(source_row) FROM interviews)"),
    ("interviews", "without_relatives", "UPDATE interviews SET relatives = NULL WHERE questionnaire_id = 'KZ-001'"),
    ("interviews", "outside_fieldwork", "UPDATE interviews SET interview_date = '2010-01-01' WHERE country = 'KG'"),
    ("interviews", "edited_upwards", "UPDATE interviews SET relatives = 29 WHERE questionnaire_id = 'KZ-001'"),
    ("interviews", "mean_relatives", f"UPDATE interviews SET relatives = {SECRET}, relatives_raw = {SECRET}"),
    ("interviews", "answered_what_was_not_asked", "UPDATE interviews SET migrant_abroad = 'no'"),
    ("psu_totals", "respondents", "UPDATE psu_totals SET n_respondents = n_respondents + 1"),
    ("psu_totals", "repeated", "UPDATE psu_totals SET region = 'KZ-15', stratum = 'KZ-15', psu = 'x'"),
    ("psu_totals", "more_families_with_cases_than_migrants", "UPDATE psu_totals SET migrant_any = 0"),
]


@pytest.mark.parametrize(("suite", "column", "change"), BROKEN, ids=[f"{s} {c}" for s, c, _ in BROKEN])
def test_what_is_broken_is_seen_and_no_answer_is_told(night: Night, suite: str, column: str, change: str) -> None:
    told = validate(night, change)
    assert column in unmet(told[suite])
    text = json.dumps([validation.as_record() for validation in told.values()])
    assert str(SECRET) not in text
    assert "KZ-001" not in text


def test_published_numbers_that_cannot_be_are_seen(night: Night) -> None:
    estimates = night.tables["estimates"]
    share = estimates["indicator"].str.startswith("share")
    broken = estimates.assign(
        estimate=estimates["estimate"].mask(share, 1.5),
        ci_low=estimates["ci_high"].where(~share, 2.0),
        ci_high=estimates["ci_low"].where(~share, 1.0),
        method=estimates["method"].replace({"poisson": "another"}),
    )
    seen = unmet(validate(night, estimates=broken)["estimates"])
    assert {"share_above_one", "limits_reversed", "method"} <= seen
    regions = night.tables["regions"].assign(population_thousands=450_000.0)  # persons instead of thousands
    assert unmet(validate(night, regions=regions)["regions"]) == {"population_thousands"}


def test_a_summary_that_points_at_interviewers_is_seen(night: Night) -> None:
    """Three interviewers a country: one flagged is one of three, three flagged are all."""
    whole = night.tables["fieldwork"]
    share = whole["value"].mask(whole["unit"] == "share", 1.5)
    for flagged, seen in ((1, {"so_few_told", "all_but_so_few_told"}), (3, {"all_but_so_few_told"})):
        told = validate(night, fieldwork=whole.assign(n_flagged=flagged))["fieldwork"]
        assert unmet(told) == seen
    told = validate(night, fieldwork=whole.assign(conf_status="F", value=share))["fieldwork"]
    assert unmet(told) == {"hidden_but_free", "out_of_range"}


def write_suite(folder: Path, query: str, column: str) -> None:
    kwargs = {"column": column, "value_set": [0]}
    item = {"type": "expect_column_values_to_be_in_set", "kwargs": kwargs, "meta": {"why": "a test"}}
    suite = {"name": "loads", "meta": {"about": "a test"}, "expectations": [item]}
    (folder / "loads.yaml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    (folder / "loads.sql").write_text(query, encoding="utf-8")


def test_a_suite_that_names_a_column_its_query_does_not_give_is_not_met(
    night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_suite(tmp_path, "SELECT 0 AS there", "not_there")
    monkeypatch.setattr(checkpoint, "SUITES", tmp_path)
    (finding,) = validate(night)["loads"].findings
    assert not finding.success
    assert finding.error == 'Error: The column "not_there" in BatchData does not exist.'


def test_a_query_that_is_no_summary_is_an_error(night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_suite(tmp_path, "SELECT 0 AS n FROM range(1001)", "n")
    monkeypatch.setattr(checkpoint, "SUITES", tmp_path)
    with pytest.raises(AssertionError, match="gives 1,001 rows, more than 1,000"):
        validate(night)


def test_loading_is_lean_and_nothing_is_looked_up(tmp_path: Path) -> None:
    """No network name is looked up, no file is left behind, and what the suites do not use is not loaded."""
    call = """
import socket, sys
asked = []
socket.getaddrinfo = lambda *a, **k: asked.append(a) or []
socket.socket.connect = lambda *a: asked.append(a)
import duckdb, pandas as pd
from schemas import instrument
from warehouse import checkpoint
from warehouse.build import Warehouse
warehouse = Warehouse(duckdb.connect())
tables = {"regions": pd.DataFrame({"country": ["KZ"], "region": ["KZ-15"], "surveyed": ["yes"],
    "population_thousands": [1.0], "grade": ["A"]})}
checkpoint.suites = lambda *of, real=checkpoint.suites: [s for s in real(*of) if s["name"] == "regions"]
(told,) = checkpoint.run(warehouse, tables, instrument.find("family_survey"), {"countries": ["KZ"]})
print(all(f.success for f in told.findings), asked, sorted(set(sys.modules) & {"altair", "scipy.stats", "posthog"}))
"""
    settings = {**os.environ, "PYTHONPATH": str(CHECKOUT), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", call], env=settings, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "True [] []", done.stderr
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_a_warehouse_without_news_does_not_load_great_expectations(night: Night) -> None:
    call = "import sys; from flows import direct; direct.steps(); print('great_expectations' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", call], cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "False"


def test_results_and_warehouse_are_left_as_they_were(night: Night) -> None:
    validate(night)
    with build.read(night.home) as warehouse:
        assert isinstance(warehouse, Warehouse)
        names = {row["name"] for row in warehouse.rows("SELECT table_name AS name FROM duckdb_tables()")}
        views = {
            row["name"] for row in warehouse.rows("SELECT view_name AS name FROM duckdb_views() WHERE NOT internal")
        }
    assert "estimates" not in names | views
