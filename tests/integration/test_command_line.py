"""Every command from another working directory: what it prints, its exit code, what it says when it cannot."""

from __future__ import annotations

import json
import logging
import subprocess
from pathlib import Path

import pytest

from flows import direct
from schemas import declaration
from tests import small_survey
from tests.integration.command_line import kinscale
from warehouse.home import Home

COMMANDS = [
    (),
    ("run",),
    ("sql",),
    ("where",),
    ("sources",),
    ("sample",),
    ("test",),
    ("lists",),
    ("benchmark",),
    ("releases",),
    ("show",),
    ("diff",),
    ("verify",),
    ("asof",),
    ("withdraw",),
    ("quarantine",),
    ("quarantine", "list"),
    ("quarantine", "show"),
    ("quarantine", "waive"),
    ("quarantine", "replay"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small survey, one bad row in it, and a release of it."""
    folder = tmp_path_factory.mktemp("place")
    survey = small_survey.write(folder / "surveys")
    small_survey.change(survey / "raw" / "KG.csv", 4, {"relatives": "12,5"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        outcome = direct.run(declaration.load(small_survey.ID), Home(folder / "home"), logging.getLogger("test").info)
    assert outcome.is_new_release
    return folder


def call(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = {"KINSCALE_SURVEYS": str(place / "surveys"), "KINSCALE_HOME": str(place / "home")}
    return kinscale(*arguments, cwd=place, settings=settings)


def test_run_prints_results_on_standard_output_and_progress_on_standard_error(place: Path, tmp_path: Path) -> None:
    done = call(place, "run", "--direct", "--survey", small_survey.ID, "--home", str(tmp_path / "other"))
    assert done.returncode == 0, done.stderr
    assert "listing 2 sources" in done.stderr
    assert "listing" not in done.stdout
    assert f"DuckDB   {tmp_path}/other/releases/small_survey-2009-r1/results.duckdb" in done.stdout
    assert "relatives_integer 1" in done.stdout
    assert "Traceback" not in done.stderr
    again = call(place, "run", "--direct", "--survey", small_survey.ID, "--home", str(tmp_path / "other"))
    assert again.returncode == 0
    assert again.stdout.startswith("Nothing new")


def test_where_and_sql_find_the_latest_release(place: Path) -> None:
    folder = Path(call(place, "where").stdout.strip())
    assert folder == (place / "home" / "releases" / "small_survey-2009-r1").resolve()
    drawn = call(place, "sql", "SELECT count(DISTINCT country) AS nations FROM national_estimates")
    assert drawn.returncode == 0
    assert "nations" in drawn.stdout
    told = call(place, "sql", "SELECT country, n_respondents FROM national_estimates GROUP BY ALL", "--json")
    assert sorted(map(tuple, (row.values() for row in json.loads(told.stdout)))) == [("KG", 29), ("KZ", 30)]


@pytest.mark.parametrize(
    ("query", "words"), [("SELECT nothing FROM estimates", "nothing"), ("DROP TABLE estimates", "read-only")]
)
def test_a_query_that_fails_says_why_in_duckdbs_words(place: Path, query: str, words: str) -> None:
    done = call(place, "sql", query)
    assert done.returncode == 1
    assert words in done.stderr
    assert "SHOW TABLES" in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_sources_as_lines_and_as_json(place: Path) -> None:
    header, *lines = call(place, "sources", "--survey", small_survey.ID).stdout.splitlines()
    assert header.split() == ["country", "path", "read", "as", "credentials"]
    assert [line.split()[:2] for line in lines] == [["KZ", "raw/KZ.csv"], ["KG", "raw/KG.csv"]]
    rows = json.loads(call(place, "sources", "--survey", small_survey.ID, "--json").stdout)
    assert [(row["country"], row["format"]) for row in rows] == [("KZ", "csv"), ("KG", "csv")]


def test_a_refused_row_is_listed_and_shown_by_the_name_it_is_listed_under(place: Path) -> None:
    listed = json.loads(call(place, "quarantine", "list", "--survey", small_survey.ID, "--json").stdout)
    assert [(row["file"], row["rule"], row["rows"]) for row in listed] == [("KG.csv", "relatives_integer", 1)]
    assert listed[0]["example"] in call(place, "quarantine", "list", "--survey", small_survey.ID).stdout
    shown = call(place, "quarantine", "show", listed[0]["example"])
    assert shown.returncode == 0
    assert (
        'KG.csv, row 6, column relatives: "12,5" is not a whole number' in shown.stdout
    )  # interview 4, below a header
    assert 'expect: "12,5"' in shown.stdout  # the correction to fill in
    missing = call(place, "quarantine", "show", "0000-1")
    assert missing.returncode == 1
    assert "quarantine list" in missing.stderr


def test_a_sample_is_written_where_it_is_asked_for(place: Path, tmp_path: Path) -> None:
    done = call(place, "sample", "central_asia_2009", "--to", str(tmp_path / "raw"))
    assert done.returncode == 0, done.stderr
    written = [Path(line) for line in done.stdout.splitlines()]
    assert {path.suffix for path in written} >= {".csv", ".xlsx", ".dta", ".sav"}
    assert all(path.stat().st_size for path in written)


@pytest.mark.parametrize("command", [("run",), ("sources",), ("quarantine", "list")], ids=" ".join)
def test_an_unknown_survey_names_those_there_are(place: Path, command: tuple[str, ...]) -> None:
    done = call(place, *command, "--survey", "central_asia")
    assert done.returncode == 1
    assert "declaration_error" in done.stderr
    assert small_survey.ID in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [("where",), ("sql", "SELECT 1")])
def test_without_a_release_the_next_step_is_named(place: Path, tmp_path: Path, command: tuple[str, ...]) -> None:
    done = call(place, *command, "--home", str(tmp_path / "empty"))
    assert done.returncode == 1
    assert "there is no release yet" in done.stderr
    assert "./kinscale run" in done.stderr
    assert not (tmp_path / "empty").exists()  # looking makes nothing


def test_a_wrong_option_is_wrong_usage(place: Path) -> None:
    done = call(place, "run", "--surveys", "x")
    assert done.returncode == 2
    assert "--survey" in done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(c) or "kinscale" for c in COMMANDS])
def test_help_shows_an_example(command: tuple[str, ...]) -> None:
    """In this process: the text is the same, and ten processes would take ten seconds."""
    from typer.testing import CliRunner

    from flows.cli import app

    done = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "160", "NO_COLOR": "1"})
    assert done.exit_code == 0
    groups = [(), ("quarantine",)]
    assert "Usage:" in done.stdout
    if command not in groups:
        assert f"Example: ./kinscale {' '.join(command)}" in done.stdout or "$(./kinscale where)" in done.stdout
