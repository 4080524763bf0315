"""Whole nights one after the other: what a changed answer revises, what a reason opens, what a withdrawal leaves."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pandas as pd
import yaml

from flows import direct
from flows.night import Outcome
from schemas import declaration
from schemas.reason import Reason, ReasonCode
from schemas.result_tables import tables
from tasks.withdraw import withdraw
from tests import small_survey
from warehouse import integrity, results
from warehouse.home import Home

KEY = [name for name in tables()["estimates"].key if name != "release_id"]
Cells = dict[tuple[str, ...], dict[str, str]]


def run(home: Home, reason: Reason | None = None) -> Outcome:
    return direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info, reason)


def declare(survey: Path, **keys: object) -> None:
    path = survey / "survey.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**content, **keys}, allow_unicode=True), encoding="utf-8")


def published(home: Home, number: int, table: str) -> list[dict[str, str]]:
    """Read a release's own rows of a table from its Parquet copy, as text."""
    name = f"{small_survey.ID}-2009-r{number}"
    frame = pd.read_parquet(home.releases / name / "tables" / f"{table}.parquet")
    own = frame[frame["release_id"] == name]
    rows: list[dict[str, str]] = own.astype(object).where(own.notna(), "").map(str).to_dict("records")
    return rows


def printed(home: Home, number: int) -> Cells:
    """Return the cells of a release: every column but its name and its status."""
    said = [name for name in tables()["estimates"].names if name not in ("release_id", "obs_status")]
    rows = published(home, number, "estimates")
    return {tuple(row[k] for k in KEY): {column: row[column] for column in said} for row in rows}


def revised(home: Home, number: int) -> Cells:
    return {tuple(row[k] for k in KEY): row for row in published(home, number, "revisions")}


def test_one_changed_answer_revises_exactly_the_cells_that_depend_on_it(survey: Path, home: Home) -> None:
    """One more man of interview KZ-000 was exploited at work inside the country, in the last three years.

    By what the indicators mean (docs/result-tables.md) this bears on labour and on all exploitation, inside and in
    both places, of that region (KZ-15), of Kazakhstan and of the group; not on abroad, on sexual exploitation, on the
    families or their size, nor on any other region or country. Only the method `design` lets regions of one country
    share something: their design effects, hence limits but no estimate.
    """
    declare(survey, methods={"pennington": {"cdf_decimals": 4}, "poisson": {}, "design": {}})
    run(home)
    answer = {"labour_inside_men_last_3_years": "3", "labour_inside_total_last_3_years": "3"}
    small_survey.change(survey / "raw" / "KZ.csv", 0, answer)
    assert run(home).is_new_release
    before, after, listed = printed(home, 1), printed(home, 2), revised(home, 2)

    differing = {cell for cell in before.keys() | after.keys() if before.get(cell) != after.get(cell)}
    assert set(listed) == differing  # both releases read again as text, cell by cell

    cells = [dict(zip(KEY, cell, strict=True)) | {"change": row["change"]} for cell, row in listed.items()]
    own = [cell for cell in cells if cell["region"] in ("KZ-15", "")]
    assert {(c["level"], c["country"], c["region"]) for c in own} == {
        ("regional", "KZ", "KZ-15"), ("national", "KZ", ""), ("group", "", ""),
    }  # fmt: skip
    borrowed = [cell for cell in cells if cell not in own]
    # The other region lends its design effect, which stands beside the study's methods where a sample shows no spread.
    assert {(c["region"], c["change"]) for c in borrowed} <= {("KZ-23", "uncertainty")}
    assert {c["method"] for c in borrowed} <= {"design", "pennington", "poisson"}
    estimates = [cell for cell in cells if cell["change"] == "revised"]
    assert {c["exploitation"] for c in estimates} == {"labour", "all"}
    assert {c["location"] for c in estimates} == {"inside", "both"}
    assert {c["indicator"] for c in estimates} <= {
        "victims", "victims_per_1000_families", "victims_per_1000_population", "share_women", "share_last_3_years",
    }  # fmt: skip
    for level in ("regional", "national", "group"):
        for method in ("pennington", "poisson", "design"):
            assert any(
                (c["level"], c["method"], c["indicator"], c["exploitation"], c["location"], c["sex"])
                == (level, method, "victims", "labour", "inside", "all")
                for c in estimates
            ), (level, method)


def test_final_numbers_wait_for_a_reason_which_gets_through(survey: Path, home: Home) -> None:
    declare(survey, freeze_date="2020-01-01")
    run(home)
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": "20"})
    for news in (True, False, False):
        refused = run(home)
        assert (refused.exit_code, refused.news) == (3, news)
        assert "--reason" in str(refused.errors[0])
    (candidate,) = home.candidates.iterdir()
    assert (candidate / "tables" / "revisions.parquet").exists()
    assert home.latest.resolve().name == "small_survey-2009-r1"
    outcome = run(home, Reason("the form said 20", ReasonCode.CORRECTION))
    assert outcome.is_new_release
    assert outcome.landed == ()  # the refused night had landed the file
    assert {row["reason_code"] for row in revised(home, 2).values()} == {"correction"}
    assert {row["reason"] for row in revised(home, 2).values()} == {"the form said 20"}
    assert run(home).exit_code == 0
    assert not run(home, Reason("once more")).news  # nothing is refused, so there is nothing to give a reason for


def test_a_night_after_a_withdrawal_does_not_publish_the_same_again(survey: Path, home: Home) -> None:
    run(home)
    whole = (survey / "raw" / "KZ.csv").read_bytes()
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": "20"})
    run(home)
    withdraw(home, "latest", "a swapped delivery")
    for news in (True, False):
        outcome = run(home)
        assert (outcome.exit_code, outcome.news) == (3, news)
        assert "a swapped delivery" in str(outcome.errors[0])
    assert home.latest.resolve().name == "small_survey-2009-r1"
    (survey / "raw" / "KZ.csv").write_bytes(whole)
    restored = run(home)
    assert (restored.exit_code, restored.is_new_release) == (0, False)
    assert restored.release is not None
    assert restored.release.release_id == "small_survey-2009-r1"
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": "19"})
    assert run(home).is_new_release
    rows = results.read(home.latest / "results.duckdb", "releases").set_index("release_id")
    assert list(rows["status"]) == ["provisional", "withdrawn", "provisional"]
    assert rows.loc["small_survey-2009-r2", "replaced_by"] == "small_survey-2009-r3"
    assert {row["previous_release_id"] for row in revised(home, 3).values()} == {"small_survey-2009-r1"}
    assert integrity.check(home) == []


def test_without_any_release_in_force_the_next_one_needs_a_reason(survey: Path, home: Home) -> None:
    run(home)
    withdraw(home, "r1", "all of it is wrong", force=True)
    assert not home.latest.exists()
    assert run(home).exit_code == 3
    assert run(home, Reason("it is right")).is_new_release
    assert home.latest.resolve().name == "small_survey-2009-r2"
    assert json.loads((home.latest / "manifest.json").read_text(encoding="utf-8"))["reason"] == "it is right"
