"""What commands look like on terminals of several widths and in a pipe: width, colour, whole numbers, limits."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest

from flows import direct
from schemas import declaration
from tests import on_terminal, small_survey
from tests.integration.command_line import kinscale
from warehouse.home import Home

TABLES = [
    ("releases",),
    ("show", "latest"),
    ("diff", "r1", "r2"),
    ("asof", "2999-01-01"),
    ("quarantine", "list", "--survey", small_survey.ID),
    ("sources", "--survey", small_survey.ID),
    ("deliveries", "list", "--survey", small_survey.ID),
    ("deliveries", "show", "KG.csv", "--survey", small_survey.ID),
    ("backfill", "list"),
    ("backfill", "plan", "--country", "KG"),
    ("lists", "lists.csv", "--replicates", "0"),
]
LONG_WORD = re.compile(r"\S{60,}")
"""A hash or a path, which is never broken and may stick out."""
each_table = pytest.mark.parametrize("command", TABLES, ids=" ".join)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small survey, a row in quarantine, two releases that differ, and lists of victims."""
    folder = tmp_path_factory.mktemp("terminal")
    survey = small_survey.write(folder / "surveys")
    small_survey.change(survey / "raw" / "KG.csv", 4, {"relatives": "12,5"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(folder / "surveys"))
        for relatives in ("9", "14"):
            small_survey.change(survey / "raw" / "KZ.csv", 2, {"relatives": relatives})
            night = direct.run(declaration.load(small_survey.ID), Home(folder / "home"), logging.getLogger("t").info)
            assert night.is_new_release
    rows = ["A,B,C,count", "1,0,0,50", "0,1,0,40", "0,0,1,30", "1,1,0,12", "1,0,1,9", "0,1,1,7", "1,1,1,3"]
    (folder / "lists.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


def settings(place: Path) -> dict[str, str]:
    return {"KINSCALE_SURVEYS": str(place / "surveys"), "KINSCALE_HOME": str(place / "home")}


def on(columns: int, place: Path, *command: str, term: str = "xterm-256color", **more: str) -> str:
    code, text = on_terminal.run(columns, *command, cwd=place, settings=settings(place) | more, term=term)
    assert code == 0, text
    return text


def piped(place: Path, *command: str, **more: str) -> str:
    done = kinscale(*command, cwd=place, settings=settings(place) | more)
    assert done.returncode == 0, done.stderr
    return done.stdout


@each_table
def test_nothing_sticks_out_of_80_columns(command: tuple[str, ...], place: Path) -> None:
    lines = on_terminal.plain(on(80, place, *command))
    assert [line for line in lines if len(line) > 80 and not LONG_WORD.search(line)] == []


@each_table
def test_a_pipe_gets_every_column_and_no_sign_for_colour(command: tuple[str, ...], place: Path) -> None:
    text = piped(place, *command, COLUMNS="40")
    assert "\x1b" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_a_difference_has_limits_beside_both_estimates_at_every_width(place: Path) -> None:
    cells = json.loads(piped(place, "diff", "r1", "r2", "--json"))["cells"][:40]
    assert cells
    whole = piped(place, "diff", "r1", "r2").splitlines()
    header = next(line for line in whole if line.startswith("cell"))
    assert header.split() == ["cell", "what", "before", "limits", "after", "limits", "change"]
    for columns in (120, 80, 50):
        text = " ".join(on_terminal.plain(on(columns, place, "diff", "r1", "r2")))
        numbers = set(re.findall(r"[\d,.]+(?: – [\d,.]+)?", text))
        for line in whole[whole.index(header) + 1 :][: len(cells)]:
            assert set(re.findall(r"[\d,.]+ – [\d,.]+", line)) <= numbers, (columns, line)


def test_a_narrow_terminal_says_which_columns_it_leaves_out(place: Path) -> None:
    command = ("quarantine", "list", "--survey", small_survey.ID)
    narrow = on_terminal.plain(on(60, place, *command))
    assert "Left out on 60 columns: 0-7, 8-30, 31-90, >90 days." in " ".join(narrow)
    assert "31-90" in piped(place, *command).splitlines()[0]
    assert "Left out" not in piped(place, *command)


def test_colour_shows_on_a_terminal_only_and_never_with_no_color(place: Path) -> None:
    command = ("quarantine", "list", "--survey", small_survey.ID, "--status", "all")
    assert on_terminal.COLOUR.search(on(120, place, *command))
    without = on(120, place, *command, NO_COLOR="1")
    assert "\x1b" not in without
    assert without == "\n".join(on_terminal.plain(on(120, place, *command))) + "\n"
    assert "\x1b" not in on(120, place, *command, term="dumb")
    assert on_terminal.COLOUR.search(on(120, place, *command, NO_COLOR="")), "an empty NO_COLOR asks for nothing"


@pytest.mark.parametrize("command", [("releases",), ("show", "r1"), ("diff", "r1", "r2"), ("asof", "2999-01-01")])
def test_json_is_the_same_on_a_terminal_and_in_a_pipe(command: tuple[str, ...], place: Path) -> None:
    shown = on(80, place, *command, "--json")
    assert shown == piped(place, *command, "--json")
    json.loads(shown)


def test_the_table_of_nations_is_whole_at_80_columns(place: Path, tmp_path: Path) -> None:
    command = ("run", "--direct", "--survey", small_survey.ID, "--home", str(tmp_path / "home"))
    lines = on_terminal.plain(on(80, place, *command))
    header = next(line for line in lines if line.startswith("country") and "estimate" in line)
    assert header.split()[:5] == ["country", "where", "estimate", "limits", "reliability"]
    rows = lines[lines.index(header) + 1 :][:4]
    assert all(re.search(r"[\d,]+ +[\d,]+ – [\d,]+ ", row) or "hidden" in row for row in rows), rows
