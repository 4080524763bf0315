"""The commands about what was published, on three releases of the small survey: text, JSON, exit codes, messages."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from flows import direct
from flows.cli import app
from schemas import declaration
from schemas.errors import KinscaleError
from schemas.reason import Reason
from tests import small_survey
from tests.integration.command_line import kinscale
from warehouse import release as folders
from warehouse.home import Home

R1, R2, R3 = (f"small_survey-2009-r{number}" for number in (1, 2, 3))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One interview says 6, then 20, then 12 relatives; the third release was given a reason."""
    folder = tmp_path_factory.mktemp("published")
    survey = small_survey.write(folder / "surveys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        for relatives, reason in (("6", None), ("20", None), ("12", Reason("the form says 12"))):
            small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": relatives})
            chosen = declaration.load(small_survey.ID)
            assert direct.run(chosen, Home(folder / "home"), logging.getLogger("test").info, reason).is_new_release
        yield folder / "home"


@pytest.fixture
def place(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path / "home", symlinks=True)
    return tmp_path / "home"


def call(place: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--home", str(place)], env={"COLUMNS": "200", "NO_COLOR": "1"})


def told(place: Path, *arguments: str) -> Any:
    done = call(place, *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def message(place: Path, *arguments: str) -> str:
    """Return the message of a command that fails as kinscale does (exit code 1)."""
    done = call(place, *arguments)
    assert isinstance(done.exception, KinscaleError)
    assert done.exception.exit_code == 1
    return str(done.exception)


def test_releases_are_listed_with_the_one_in_force_marked(published: Path) -> None:
    header, *lines = call(published, "releases").stdout.splitlines()
    assert header.split() == ["release", "published", "status", "why"]
    assert [line.split()[0] for line in lines] == [R1, R2, "*"]
    assert lines[2].split()[:2] == ["*", R3]
    assert lines[2].endswith("the form says 12")
    rows = told(published, "releases")
    assert [(row["release_id"], row["in_force"], row["status"]) for row in rows] == [
        (R1, False, "provisional"),
        (R2, False, "provisional"),
        (R3, True, "provisional"),
    ]
    assert [row["supersedes"] for row in rows] == [None, R1, R2]


def test_show_tells_what_a_release_was_made_from(published: Path) -> None:
    row = told(published, "show", "r2")
    assert row["release_id"] == R2
    assert [item["uri"] for item in row["inputs"]] == ["raw/KG.csv", "raw/KZ.csv"]
    assert row["revised"]["revised"] > 0
    assert row["reason_code"] == "new_data"
    text = call(published, "show", "latest").stdout
    assert R3 in text
    assert "the form says 12" in text
    assert ["raw/KZ.csv", "30"] in [line.split()[:2] for line in text.splitlines()]


def test_diff_counts_and_lists_the_cells_and_writes_a_page(published: Path, tmp_path: Path) -> None:
    page = tmp_path / "changes.html"
    found = told(published, "diff", "r1", "r2", "--page", str(page))
    assert (found["before"], found["after"]) == (R1, R2)
    assert sum(n for kind, n in found["counts"].items() if kind != "beyond_their_limits") == len(found["cells"])
    assert {cell["country"] for cell in found["cells"]} == {"KZ", None}
    assert R1 in page.read_text(encoding="utf-8")
    text = call(published, "diff", "r1", "latest").stdout
    assert f"{R1} -> {R3}" in text
    assert "beyond their limits" in text
    assert call(published, "diff", "r2", "r2").stdout.splitlines()[1].startswith("added 0  removed 0  revised 0")


def test_asof_shows_what_stood_at_a_moment(place: Path) -> None:
    releases = folders.published(Home(place), small_survey.ID)
    when = f"{releases[2].published_at:%Y-%m-%dT%H:%M:%S}"
    (row,) = told(place, "asof", when)
    assert row["release_id"] == R3
    assert [total["country"] for total in row["national"]] == ["KG", "KZ", None]
    assert all(total["ci_low"] <= total["estimate"] <= total["ci_high"] for total in row["national"])
    assert R3 in call(place, "asof", "2999-01-01").stdout
    assert "no release was in force at 2009-01-01" in message(place, "asof", "2009-01-01")
    assert told(place, "asof", "2009-01-01") == []
    assert call(place, "asof", "yesterday").exit_code == 2


def test_a_moment_with_a_zone_is_turned_into_utc(place: Path) -> None:
    moment = folders.published(Home(place), small_survey.ID)[0].published_at
    before = folders.published(Home(place), small_survey.ID)[0].published_at.replace(year=moment.year - 1)
    assert told(place, "asof", f"{before:%Y-%m-%dT%H:%M:%S}+05:00") == []


def test_a_withdrawn_release_resolves_and_points_to_its_replacement(place: Path) -> None:
    stone = told(place, "withdraw", "r3", "--reason", "the form says 21")
    assert (stone["release_id"], stone["replacement"]) == (R3, R2)
    shown = told(place, "show", "r3")
    assert (shown["status"], shown["withdrawal_reason"], shown["replaced_by"]) == ("withdrawn", "the form says 21", R2)
    assert (place / "releases" / R3 / "results.duckdb").exists()
    text = call(place, "releases").stdout
    assert f"the form says 21; use {R2}" in text
    assert ["*", R2] in [line.split()[:2] for line in text.splitlines()]
    assert told(place, "asof", "2999-01-01")[0]["release_id"] == R2
    assert call(place, "where").stdout.strip().endswith(R2)
    assert "was withdrawn on" in message(place, "withdraw", "r3", "--reason", "again")
    assert call(place, "verify", "--chain").exit_code == 0
    call(place, "withdraw", "r2", "--reason", "x")
    assert "--force" in message(place, "withdraw", "r1", "--reason", "x")
    assert "no latest" in call(place, "withdraw", "r1", "--reason", "x", "--force").stdout
    assert "what there was is withdrawn" in message(place, "where")
    assert "every one was withdrawn" in message(place, "show", "latest")


@pytest.mark.parametrize(
    "arguments", [("show", "r9"), ("diff", "r1", "r9"), ("verify", "r9"), ("withdraw", "r9", "--reason", "x")]
)
def test_an_unknown_name_lists_those_there_are(published: Path, arguments: tuple[str, ...]) -> None:
    text = message(published, *arguments)
    assert f"{R1}, {R2}, {R3}" in text


@pytest.mark.parametrize(
    "arguments", [("verify",), ("withdraw", "r1"), ("diff", "r1"), ("run", "--reason-code", "correction")]
)
def test_wrong_usage_is_code_2(published: Path, arguments: tuple[str, ...]) -> None:
    assert call(published, *arguments).exit_code == 2


@pytest.mark.parametrize("command", [("releases",), ("show", "r1"), ("verify", "--chain"), ("asof", "2999-01-01")])
def test_without_a_release_nothing_is_made_and_the_next_step_is_named(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert "./kinscale run" in message(tmp_path / "nothing", *command)
    assert not (tmp_path / "nothing").exists()


def test_a_changed_table_makes_verify_end_with_1_and_name_file_and_row(place: Path) -> None:
    """From the launcher, as a person calls it."""
    assert kinscale("verify", "--chain", "--home", str(place), cwd=place).returncode == 0
    path = place / "releases" / R2 / "tables" / "regions.parquet"
    path.chmod(0o644)
    frame = pd.read_parquet(path).replace({"region": {"KZ-15": "KZ-16"}})
    frame.to_parquet(path, index=False)
    done = kinscale("verify", "--chain", "--home", str(place), cwd=place)
    assert done.returncode == 1
    assert f"{R2}/tables/regions.parquet" in done.stdout
    assert "region=KZ-15: missing; results.duckdb has it" in done.stdout
    assert "region=KZ-16: added" in done.stdout
    faults = json.loads(kinscale("verify", "--chain", "--json", "--home", str(place), cwd=place).stdout)["faults"]
    assert [fault["file"] for fault in faults] == [f"{R2}/tables/regions.parquet"]


def test_a_manifest_that_cannot_be_read_is_named(place: Path) -> None:
    path = place / "releases" / R1 / "manifest.json"
    path.chmod(0o644)
    path.write_text("{", encoding="utf-8")
    assert call(place, "verify", "--chain").exit_code == 1
    text = message(place, "releases")
    assert str(path) in text
    assert "verify --chain" in text
