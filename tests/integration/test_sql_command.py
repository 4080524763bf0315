"""`./kinscale sql` and `where` as programs and people call them: formats, files, releases, input, a terminal."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from flows import direct
from schemas import declaration
from tests import small_survey
from tests.integration.command_line import environment
from warehouse.home import CHECKOUT, Home

QUERY = "SELECT country, n_respondents FROM national_estimates WHERE method = 'poisson' GROUP BY ALL ORDER BY ALL"
ROWS = [{"country": "KG", "n_respondents": 30}, {"country": "KZ", "n_respondents": 30}]
"""Thirty interviews a country are in the small survey, see `small_survey`."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two releases of the small survey."""
    folder = tmp_path_factory.mktemp("place")
    survey = small_survey.write(folder / "surveys")
    say = logging.getLogger("test").info
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        for change in (None, {"relatives": "20"}):
            if change:
                small_survey.change(survey / "raw" / "KZ.csv", 0, change)
            outcome = direct.run(declaration.load(small_survey.ID), Home(folder / "home"), say)
            assert outcome.is_new_release
    return folder


def settings(place: Path) -> dict[str, str]:
    return environment(KINSCALE_HOME=str(place / "home"), XDG_STATE_HOME=str(place / "state"), PYTHONPATH=str(CHECKOUT))


def call(place: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-m", "flows.cli", *arguments]
    return subprocess.run(
        whole, cwd=place, env=settings(place), input=given, capture_output=True, text=True, timeout=60, check=False
    )


def test_formats_hold_the_same_rows(place: Path, tmp_path: Path) -> None:
    assert json.loads(call(place, "sql", QUERY, "--json").stdout) == ROWS
    told = call(place, "sql", QUERY, "--csv").stdout
    assert list(csv.DictReader(io.StringIO(told))) == [{name: str(v) for name, v in row.items()} for row in ROWS]
    file = tmp_path / "rates.parquet"
    done = call(place, "sql", QUERY, "--parquet", "--to", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert duckdb.read_parquet(str(file)).fetchall() == [tuple(row.values()) for row in ROWS]
    done = call(place, "sql", QUERY, "--csv", "--to", str(tmp_path / "rates.csv"))
    assert (tmp_path / "rates.csv").read_text(encoding="utf-8") == told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rates.csv", "rates.parquet"]


def test_statements_come_from_standard_input(place: Path) -> None:
    chosen = QUERY.replace("GROUP", "AND country = getvariable('place') GROUP")
    done = call(place, "sql", "--json", given=f"SET VARIABLE place = 'KG';\n{chosen};\n")
    assert json.loads(done.stdout) == ROWS[:1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "standard input"),
        ((QUERY, "--json", "--csv"), "one format"),
        ((QUERY, "--parquet"), "--to"),
        ((QUERY, "--to", "x.csv"), "--csv"),
        ((QUERY, "--csv", "--to", "home/releases/x.csv"), "never written"),
    ],
)
def test_wrong_usage_is_told(place: Path, arguments: tuple[str, ...], words: str) -> None:
    done = call(place, "sql", *arguments)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.replace("│", " ").split())
    assert done.stdout == ""


def test_a_file_that_is_there_stays_when_the_query_fails(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept.csv"
    file.write_text("as it was", encoding="utf-8")
    done = call(place, "sql", "SELECT error('no') FROM estimates", "--csv", "--to", str(file))
    assert done.returncode == 1
    assert "Invalid Input Error: no" in done.stderr
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("kept.csv", "as it was")]
    done = call(place, "sql", QUERY, "--csv", "--to", str(tmp_path / "nowhere" / "x.csv"))
    assert (done.returncode, "no such folder" in done.stderr) == (1, True)


def test_another_release_is_asked_and_found(place: Path) -> None:
    count = "SELECT count(DISTINCT release_id) AS n FROM estimates"
    assert json.loads(call(place, "sql", count, "--json").stdout) == [{"n": 2}]
    assert json.loads(call(place, "sql", count, "--json", "--release", "r1").stdout) == [{"n": 1}]
    assert call(place, "where", "--release", "r1").stdout.strip().endswith("small_survey-2009-r1")
    told = json.loads(call(place, "where", "--json").stdout)
    assert told["release_id"] == "small_survey-2009-r2"
    assert Path(told["database"]).is_file()
    assert Path(told["report"]).is_file()
    missing = call(place, "sql", count, "--release", "r7")
    assert missing.returncode == 1
    assert "small_survey-2009-r1, small_survey-2009-r2" in missing.stderr


def test_numbers_that_are_missing_are_pointed_out(place: Path) -> None:
    hidden = "FROM estimates WHERE estimate IS NULL"
    done = call(place, "sql", f"SELECT country, estimate {hidden}")
    assert done.returncode == 0
    assert "Ask for conf_status" in done.stderr
    assert call(place, "sql", f"SELECT country, estimate, conf_status {hidden}").stderr == ""


def test_a_reader_who_stops_reading_is_no_error(place: Path) -> None:
    piped = f"'{sys.executable}' -m flows.cli sql --csv 'FROM estimates, range(50)' | head -n 1"
    done = subprocess.run(
        ["sh", "-c", piped], cwd=place, env=settings(place), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.startswith("release_id,")
    assert "Traceback" not in done.stderr


def test_a_query_loads_no_heavy_library(place: Path) -> None:
    code = """
import sys
from flows.cli import app
app(["sql", "SELECT count(*) FROM compare('r1', 'r2')", "--csv"], standalone_mode=False)
heavy = {"pandas", "numpy", "pyarrow", "pandera", "prefect", "scipy", "prompt_toolkit", "great_expectations"}
print(sorted(heavy & sys.modules.keys()))
"""
    whole = [sys.executable, "-c", code]
    done = subprocess.run(whole, cwd=place, env=settings(place), capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_terminal_gets_a_prompt(place: Path) -> None:
    """Through a real pseudo-terminal: statements over two lines, an error, another release's macros, and the end."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "sql"],
        cwd=place,
        env={**settings(place), "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        seen = read_until(ours, "kinscale>")
        os.write(ours, b"SELECT 40\r+ 2 AS sum;\r")
        seen += read_until(ours, "42")
        os.write(ours, b"SELECT contry FROM estimates;\r")
        seen += read_until(ours, "Candidate bindings")
        os.write(ours, b".quit\r")
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert "small_survey-2009-r2, read-only" in seen
    assert (place / "state" / "kinscale" / "sql_history").stat().st_mode & 0o777 == 0o600


def read_until(terminal: int, words: str, seconds: float = 40) -> str:
    """Read what a terminal shows until it has shown some words."""
    end, seen = time.monotonic() + seconds, ""
    while words not in seen:
        assert time.monotonic() < end, seen
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 65536).decode("utf-8", "replace")
    return seen
