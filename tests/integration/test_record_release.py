"""A night of a survey of records, run as it ships: what its release, its terminal and its commands say of it."""

from __future__ import annotations

import gzip
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from pysdmx.io import read_sdmx
from pysdmx.model import Codelist

from flows import direct, main_numbers, terminal
from flows.night import Outcome
from reports.site import explorer
from schemas import declaration
from warehouse.home import Home

SURVEY = "kyrgyzstan_ngo_capacity_2003"
LAWS = {"count": 16, "base": 36, "share": 16 / 36}
"""Organisations that can name laws, as the study prints them: 16 of 36."""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    home = Home(tmp_path_factory.mktemp("records") / "home")
    yield direct.run(declaration.load(SURVEY), home, logging.getLogger("test").info)


@pytest.fixture(scope="module")
def folder(outcome: Outcome) -> Path:
    assert outcome.release is not None
    return outcome.release.folder


def test_the_terminal_shows_indicators_with_limits_and_no_table_of_countries(
    outcome: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.show(outcome)
    told = capsys.readouterr().out
    assert "People exploited per year" not in told
    assert "Printed numbers in the text" not in told
    line = next(line for line in told.splitlines() if line.startswith("Can name laws"))
    assert re.split(r"  +", line.strip())[1:] == ["44.4%", "29.5% – 60.4%", "36"]  # Wilson's of 16 of 36, by hand
    assert "Organisations that answered" in told


def test_an_outcome_without_a_look_at_the_survey_shows_no_indicators(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show(Outcome("s", news=True))
    assert "Main numbers" not in capsys.readouterr().out
    assert main_numbers.INDICATORS[0].name == "question"


def test_the_site_has_its_pages_in_both_languages_and_says_the_printed_number(folder: Path) -> None:
    expected = {"index", "reproduction", "quality", "expectations", "methods", "revisions", "downloads", "dictionary"}
    for below in (folder / "report", folder / "report/ru"):
        assert {path.stem for path in below.glob("*.html")} == expected
    text = (folder / "report/index.html").read_text(encoding="utf-8")
    row = text.split('id="about-can_name_laws"')[1].split("</table>")[0]
    assert "<td>44.4%</td>" in row and "<td>16</td><td>36</td>" in row
    assert "44,4\u00a0%" in (folder / "report/ru/index.html").read_text(encoding="utf-8")


def test_what_makes_no_sense_for_records_says_why_it_is_absent(folder: Path) -> None:
    report = json.loads((folder / "quality_report.json").read_text(encoding="utf-8"))["indicators"]
    known = {line["indicator"]: line for line in report}
    for name in ("cv_median", "reliable_publish", "populations_official", "largest_regional_gap"):
        assert known[name]["value"] is None
        assert known[name]["note"].startswith("does not apply"), name
    assert known["questionnaires_delivered"]["label"] == "Records delivered"
    assert known["tables_published"]["value"] == len(list((folder / "tables").glob("*.parquet")))


def test_sdmx_is_valid_and_names_the_indicators(folder: Path) -> None:
    message = read_sdmx(folder / "sdmx/structure.xml", validate=True)
    lists = {one.id: one for one in message.structures or () if isinstance(one, Codelist)}
    names = {code.id: code.name for code in lists["CL_INDICATOR"]}
    assert names["funds_received-none"] == "Funds received for this work: None could be raised"
    assert names["can_name_laws"] == "Can name laws"
    lines = gzip.decompress((folder / "sdmx/estimates.csv.gz").read_bytes()).decode().splitlines()
    column = lines[0].split(",").index("INDICATOR")
    assert {line.split(",")[column] for line in lines[1:]} == set(names)


def test_what_refers_to_another_table_stands_in_it(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    read = {one["name"]: pd.read_csv(folder / one["path"], keep_default_na=False) for one in package["resources"]}
    checked = 0
    for resource in package["resources"]:
        for key in resource["schema"].get("foreignKeys", ()):
            [field], other = key["fields"], key["reference"]
            values = set(read[resource["name"]][field]) - {""}
            assert values <= set(read[other["resource"]][other["fields"][0]]), (resource["name"], field)
            checked += len(values)
    assert checked > 5


@pytest.mark.parametrize("query", explorer.queries("en", of_records=True), ids=lambda query: query["title"])
def test_examples_of_the_sql_page_run_on_records(query: dict[str, str], folder: Path) -> None:
    connection = duckdb.connect(str(folder / "results.duckdb"), read_only=True)
    try:
        assert connection.execute(query["sql"]).fetchall()
    finally:
        connection.close()


def test_a_cell_is_found_whichever_method_it_has(folder: Path) -> None:
    connection = duckdb.connect(str(folder / "results.duckdb"), read_only=True)
    try:
        query = "SELECT estimate, n_respondents, visibility FROM cell('KG', indicator := ?, location := 'all')"
        assert connection.execute(query, ["can_name_laws"]).fetchall() == [(pytest.approx(LAWS["share"]), 36, "shown")]
        assert connection.execute(query, ["questionnaires"]).fetchall() == [(36.0, 36, "shown")]
    finally:
        connection.close()
