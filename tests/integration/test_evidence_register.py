"""A night of the register of published figures: its tables, what it refuses, and that a restriction is never lost."""

from __future__ import annotations

import csv
import gzip
import logging
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import yaml

from flows import direct
from schemas import declaration
from schemas.survey_folders import CHECKOUT
from warehouse.home import Home

SURVEY = "kyrgyzstan_evidence_2007_2021"
FILE = "KG_evidence_2007_2021.csv"
SAY = logging.getLogger("test").info
SENTINELS = {"child_labour_sample": "50613", "child_labour_migrants": "27317"}
"""Numbers that stand for those that may not be cited: nothing else in a release has their digits."""
FOUND: dict[str, dict[str, float | None]] = {
    "a1": {"a1_roster_serials": -2, "a1_interviews_implied": 5},
    "a2": {"a2_roster_duplicates": -3},
    "a3": {"a3_named_actors": -8},
    "a4": {"a4_community_leaders": 3, "a4_judge": 1, "a4_school_director": 1, "a4_media": 10, "a4_crisis_centre": 2,
           "a4_local_government": 3, "a4_international_ngo": 1},
    "a5": {"a5_citations_by_region": 35.1, "a5_talas": -0.4, "a5_minors_affairs": 16, "a5_justice": 8},
    "a6": {"a6_shelter_case": -1},
    "a7": {"a7_street_origins": 1},
    "a8": {"a8_unemployment_growth": 21.2, "a8_unemployment_rate": 493700, "a8_survey_to_register": -0.1,
           "a8_reference_dates": 1},
    "a9": {"a9_iom_base": 87},
    "a10": {"a10_article_kidnapping": 100, "a10_article_124": 1, "a10_court_cases": -1},
    "a11": {"a11_kidnappings": 33},
    "a12": {"a12_cases": 26},
    "a13": {"a13_attribution": 1, "a13_report_dates": -731},
    "a14": {"a14_permanent_russia": 9500, "a14_russia_registered": -185500, "a14_kazakhstan_registered": -28300,
            "a14_citizens_abroad": -20000, "a14_flow_and_stock": 166000},
    "a15": {"a15_som_per_dollar": -2.7},
    "a16": {"a16_independence": -1461},
    "a17": {"a17_sexual_exploitation": 2},
    "a18": {"a18_age_of_victims": 1, "a18_overcrowding": -33},
    "a19": {"a19_newspaper": 89, "a19_plantations": 1},
    "a20": {"a20_child_rights": -3287, "a20_migration_c97": 23, "a20_c97_organisation": 1, "a20_traffic_1950": 16,
            "a20_palermo": -30, "a20_women": -41, "a20_truncated": 1, "a20_form": 1},
    "a21": {"a21_bibliography_serials": -3, "a21_council": 2},
    "a22": {"a22_missing_base": -20, "a22_assumed_base": 5, "a22_poverty": -1},
    "a23": {"a23_punished_age": -1},
    "a24": {"a24_hypothesis_1": 1},
    "a25": {"a25_do_not_cite": None},
    "b1": {"b1_outcomes": 0},
    "b2": {"b2_units": 331},
    "b3": {"b3_months": -1, "b3_years": -1, "b3_annual": -3},
    "b4": {"b4_reasons": -2},
    "b5": {"b5_requalification": 1},
    "b6": {"b6_register_name": 1, "b6_frame": -1, "b6_interviews": -1},
    "b7": {"b7_majority": -2},
}  # fmt: skip
"""Item of the survey's README, the rules that find it, and the difference each finds: by hand from the documents'
numbers, such as 122 - 124, 500/14 - 500/13, days from 20 November 1998 back to the same day of 1989."""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The release of a night over the register, with sentinels in place of what may not be cited."""
    folder = tmp_path_factory.mktemp("evidence")
    shutil.copytree(CHECKOUT / "surveys" / SURVEY, folder / "surveys" / SURVEY)
    raw = folder / "surveys" / SURVEY / "raw" / FILE
    with raw.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    for row in rows:
        if row["questionnaire_id"] in SENTINELS:
            row["value"] = SENTINELS[row["questionnaire_id"]]
            row |= {"denominator": SENTINELS["child_labour_sample"], "note": f"of {SENTINELS['child_labour_sample']}"}
    with raw.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    raw.with_name(f"{FILE}.source.yaml").unlink()  # it tells the hash of the file as it was
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        home = Home(folder / "home")
        outcome = direct.run(declaration.load(SURVEY), home, SAY)
    assert outcome.release is not None
    yield home.releases / outcome.release.release_id


@pytest.fixture(scope="module")
def tables(release: Path) -> dict[str, pd.DataFrame]:
    with duckdb.connect(str(release / "results.duckdb"), read_only=True) as connection:
        names = [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {name: connection.execute(f'FROM "{name}"').df() for name in names}


def test_every_figure_is_published_and_every_printed_number_matches(tables: dict[str, pd.DataFrame]) -> None:
    assert len(tables["evidence"]) == 297
    assert set(tables["reproduction"]["verdict"]) == {"match"} and len(tables["reproduction"]) == 130


def contents(path: Path) -> Iterator[bytes]:
    """Yield what a file holds, unpacked where it is packed."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name) for name in packed.namelist())
    else:
        content = path.read_bytes()
        yield gzip.decompress(content) if path.suffix == ".gz" else content


def test_numbers_under_restriction_are_in_no_published_file(release: Path, tables: dict[str, pd.DataFrame]) -> None:
    forbidden = re.compile("|".join(SENTINELS.values()))
    for name, table in tables.items():
        assert not forbidden.search(table.to_csv()), name
    for path in (path for path in release.rglob("*") if path.is_file()):
        for content in contents(path):
            assert not forbidden.search(content.decode("utf-8", errors="ignore")), path.relative_to(release)
    hidden = tables["evidence"].set_index("figure").loc[list(SENTINELS)]
    assert (release / "workbook.xlsx").exists() and (release / "report" / "index.html").exists()
    assert hidden[["value", "base", "share", "ci_low", "ci_high", "note"]].isna().all(axis=None)
    assert set(hidden["limits"]) == {"withheld"}


def test_sums_across_measures_are_refused(tables: dict[str, pd.DataFrame]) -> None:
    derived = tables["evidence_derived"].set_index("derivation")
    refused = derived[derived["verdict"] == "refused"]["refusal"].to_dict()
    assert refused == {
        "interview_footnotes_twice": "within",
        "kidnappings_of_two_sources": "measure_type",
        "cases_2004_2006": "measure_type",
        "investigations_2005_2006": "period",
        "permanent_in_russia_twice": "period",
        "emigrants_and_workers": "measure_type",
        "unemployed_of_two_sources": "measure_type",
        "victims_known": "definition_id",
        "minors_of_two_ages": "age_basis",
        "helped_in_all": "claimed_only",
        "origin_total": "above_hundred",
        "outcomes_2018_2020": "measure_type",
        "children_and_adults": "do_not_cite",
        "prosecutions_2005_2006": "missing",
        "cases_change": "measure_type",
        "victims_known_bounds": "period",
    }
    assert derived.loc[list(refused), ["estimate", "low", "high"]].isna().all(axis=None)
    made = {"roster_total": 122, "crimes_2001_2003": 61, "registered_in_russia": 64500, "citizens_by_embassies": 330000}
    assert derived.loc[list(made), "estimate"].to_dict() == made
    assert derived.loc["network_organisations", ["low", "high"]].tolist() == [31, 62]


def test_the_age_rule_and_both_bases(tables: dict[str, pd.DataFrame]) -> None:
    """13 % and 31 % of more than 600: 78 and 186 of 600, 18 points, 2.38 times; Wilson at 600."""
    row = tables["evidence_age_bases"].iloc[0]
    limits = row[["recruitment_low", "recruitment_high", "identification_low", "identification_high"]]
    assert [round(float(number), 1) for number in limits] == [27.4, 34.8, 10.5, 15.9]
    numbers = row[["n_recruitment", "n_identification", "n_grown_up", "points"]]
    assert numbers.tolist() == [186, 78, 108, 18]
    assert round(row["ratio"], 2) == 2.38 and row["verdict"] == "holds"


def test_every_inconsistency_is_found_by_a_rule(tables: dict[str, pd.DataFrame]) -> None:
    findings = tables["findings"].set_index("finding")
    assert len([item for item in FOUND if item.startswith("a")]) == 25
    assert len([item for item in FOUND if item.startswith("b")]) == 7
    for rules in FOUND.values():
        for rule, difference in rules.items():
            assert findings.loc[rule, "verdict"] in ("differs", "undecidable"), rule
            found = findings.loc[rule, "difference"]
            assert pd.isna(found) if difference is None else found == pytest.approx(difference, abs=0.06), rule
    named = {rule for rules in FOUND.values() for rule in rules}
    assert named == set(findings.index[findings["verdict"] != "holds"]), "no rule finds what nobody looked for"


def test_the_readme_names_the_rules_of_every_item() -> None:
    text = (CHECKOUT / "surveys" / SURVEY / "README.md").read_text(encoding="utf-8")
    for part, letter in (text.partition("| study of 2021 |")[0], "a"), (text.partition("| study of 2021 |")[2], "b"):
        for line in re.findall(r"^\| (\d+)\..*$", part, re.MULTILINE):
            row = next(row for row in part.splitlines() if row.startswith(f"| {line}."))
            assert set(re.findall(rf"`({letter}\d+_\w+)`", row)) == set(FOUND[f"{letter}{line}"])
    declared = yaml.safe_load((CHECKOUT / "surveys" / SURVEY / "reconciliations.yaml").read_text(encoding="utf-8"))
    assert {rule for rules in FOUND.values() for rule in rules} <= {rule["id"] for rule in declared}
