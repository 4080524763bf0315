"""Many small deliveries: lots, the order of the directory and the division into nights change nothing.

The interviews of `tests/small_survey.py`, ten times over, come in thirty files a country. Two numbers stand in two
files each: the earlier file of the listing holds them. Expected counts are arithmetic on its thirty interviews.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows import direct
from flows.night import Outcome
from schemas import batch, declaration
from tests import small_survey
from warehouse import build
from warehouse.home import CHECKOUT, Home

COPIES = 10
"""Each interview is delivered so often, under numbers of its own, so that 600 interviews are in 60 files."""
ROWS_OF_FILE = 10
FILES = 2 * small_survey.ROWS_PER_COUNTRY * COPIES // ROWS_OF_FILE
TWICE = {"KZ_04.csv": "KZ-0-000", "KG_20.csv": "KG-3-009"}
"""Files that bring, in their last row, the number of a row of an earlier file."""


def contents() -> dict[str, list[dict[str, str]]]:
    """Return the rows of each file, by its name."""
    files = {}
    for country in small_survey.REGIONS:
        rows = [
            {**row, "questionnaire_id": f"{country}-{copy}-{row['questionnaire_id'][3:]}"}
            for copy in range(COPIES)
            for row in small_survey.interviews(country)
        ]
        for number in range(len(rows) // ROWS_OF_FILE):
            files[f"{country}_{number:02d}.csv"] = rows[number * ROWS_OF_FILE : (number + 1) * ROWS_OF_FILE]
    for name, taken in TWICE.items():
        files[name][-1]["questionnaire_id"] = taken
    return files


class Place:
    """A survey's folder, and a data folder beside it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Declare the survey without a delivery."""
        self.survey = small_survey.write(folder / "surveys")
        for path in (self.survey / "raw").iterdir():
            path.unlink()
        content: dict[str, Any] = small_survey.declaration()
        for source in content["sources"]:
            source["path"] = f"raw/{source['country']}_*.csv"
        (self.survey / "survey.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        self.home = Home(folder / "home")
        self._monkeypatch = monkeypatch

    def deliver(self, names: list[str]) -> None:
        """Write files, in this order."""
        rows = contents()
        for name in names:
            small_survey.write_rows(self.survey / "raw" / name, rows[name])

    def night(self) -> Outcome:
        """Run one night in this process."""
        self._monkeypatch.setenv("KINSCALE_SURVEYS", str(self.survey.parent))
        return direct.run(declaration.load(small_survey.ID), self.home, logging.getLogger("test").info)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the build warehouse."""
        with build.read(self.home) as warehouse:
            assert warehouse is not None
            return [tuple(row.values()) for row in warehouse.rows(query)]

    def refused(self) -> list[tuple[Any, ...]]:
        """Return the open rows in quarantine: file, row, rule and questionnaire number."""
        return self.rows("SELECT file, source_row, rule, value FROM quarantine WHERE status = 'open' ORDER BY ALL")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Place]:
    return lambda name: Place(tmp_path / name, monkeypatch)


def content_hash(outcome: Outcome) -> str:
    assert outcome.release is not None
    return str(outcome.release.manifest["content_sha256"])


DENIED = [(name, ROWS_OF_FILE + 1, "duplicate_questionnaire", number) for name, number in sorted(TWICE.items())]


def check_accounts(at: Place, outcome: Outcome) -> None:
    """Assert that every file has a load of its own, and the warehouse the rows that its load says."""
    assert len(outcome.loads) == FILES
    held = at.rows(
        """SELECT loads.file, rows_read, rows_accepted, rows_quarantined,
                  (SELECT count(*) FROM interviews WHERE interviews.load_id = loads.load_id),
                  (SELECT count(*) FROM quarantine WHERE quarantine.load_id = loads.load_id)
           FROM loads WHERE status = 'landed' ORDER BY ALL"""
    )
    twice = {name: int(name in TWICE) for name in sorted(contents())}
    counts = {name: (ROWS_OF_FILE - denied, denied) for name, denied in twice.items()}
    assert held == [(name, ROWS_OF_FILE, *parts, *parts) for name, parts in counts.items()]
    assert at.refused() == DENIED


@pytest.mark.parametrize("size", [1, 7, 200])
def test_lots_and_the_order_in_which_files_were_made_change_nothing(
    place: Callable[[str], Place], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    names = sorted(contents())
    plain, shuffled = place("plain"), place("shuffled")
    plain.deliver(names)
    expected = plain.night()
    monkeypatch.setattr(batch, "FILES_OF_LOT", size)
    shuffled.deliver(names[::-1][::2] + names[::2])
    outcome = shuffled.night()
    check_accounts(plain, expected)
    check_accounts(shuffled, outcome)
    assert content_hash(outcome) == content_hash(expected)
    assert (shuffled.night().news, shuffled.night().exit_code) == (False, 0)


@pytest.mark.parametrize("second", [slice(0, 7), slice(1, None, 2), slice(0, 25), slice(34, 36)])
def test_two_nights_end_as_one(place: Callable[[str], Place], second: slice) -> None:
    names = sorted(contents())
    together, apart = place("together"), place("apart")
    together.deliver(names)
    expected = together.night()
    later = names[second]
    apart.deliver([name for name in names if name not in later])
    apart.night()
    apart.deliver(later)
    outcome = apart.night()
    check_accounts(apart, outcome)
    assert content_hash(outcome) == content_hash(expected)
    assert not apart.night().news


@pytest.mark.parametrize(
    ("moment", "function", "call"),
    [
        ("after", "warehouse.loads._insert_loads", 1),  # inside the transaction that lands a lot
        ("after", "tasks.land.land", 1),  # the files of one country are in, those of the other are not
        ("before", "warehouse.loads.contested", 1),  # two numbers are held by two files each
    ],
)
def test_a_night_that_is_killed_leaves_whole_files_and_is_made_good(
    place: Callable[[str], Place], moment: str, function: str, call: int
) -> None:
    names = sorted(contents())
    together, killed = place("together"), place("killed")
    together.deliver(names)
    expected = together.night()
    killed.deliver([*names[25:30], *names[34:]])  # those that hold the two numbers come later
    killed.night()
    killed.deliver([*names[:25], *names[30:34]])
    done = subprocess.run(
        [sys.executable, "-m", "tests.drills.killed_night", str(killed.home.root), moment, function, str(call)],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "KINSCALE_SURVEYS": str(killed.survey.parent)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    whole = """SELECT count(*) FROM loads WHERE status = 'landed' AND rows_accepted <>
               (SELECT count(*) FROM interviews WHERE interviews.load_id = loads.load_id)"""
    assert killed.rows(whole) == [(0,)]
    outcome = killed.night()
    check_accounts(killed, outcome)
    assert content_hash(outcome) == content_hash(expected)


def test_a_number_that_its_file_gives_up_goes_to_the_next(place: Callable[[str], Place]) -> None:
    at = place("one")
    at.deliver(sorted(contents()))
    at.night()
    first = at.survey / "raw" / "KZ_00.csv"
    small_survey.change(first, 0, {"questionnaire_id": "KZ-new"})
    outcome = at.night()
    assert at.refused() == [row for row in DENIED if row[0] != "KZ_04.csv"]
    assert {load.file for load in outcome.landed} == {"KZ_00.csv", "KZ_04.csv"}
    assert at.rows("SELECT count(*), count(DISTINCT questionnaire_id) FROM interviews") == [(599, 599)]
    assert not at.night().news


def test_a_file_that_cannot_be_read_is_refused_alone(place: Callable[[str], Place]) -> None:
    at = place("one")
    at.deliver(sorted(contents()))
    raw = at.survey / "raw"
    raw.joinpath("KZ_07.csv").write_bytes(b"PK\x03\x04 no table")
    text = raw.joinpath("KG_11.csv").read_text(encoding="utf-8")
    raw.joinpath("KG_11.csv").write_text(text.replace("relatives", "kin", 1), encoding="utf-8")
    text = raw.joinpath("KG_12.csv").read_text(encoding="utf-8")
    raw.joinpath("KG_12.csv").write_text(text.replace("KG;", "KZ;"), encoding="utf-8")
    outcome = at.night()
    assert [(error.code, error.where.file) for error in outcome.errors] == [
        ("format_damaged", "KZ_07.csv"),  # in the order of the listing, whose first source is that of Kazakhstan
        ("missing_column", "KG_11.csv"),
        ("wrong_country", "KG_12.csv"),
    ]
    assert len(outcome.loads) == FILES - 3
    assert at.rows("SELECT file FROM loads WHERE status = 'refused' ORDER BY file") == [
        ("KG_11.csv",),
        ("KG_12.csv",),
        ("KZ_07.csv",),
    ]


def test_a_file_that_brings_another_once_more_counts_once_whichever_came_first(place: Callable[[str], Place]) -> None:
    names = sorted(contents())
    at = place("one")
    at.deliver([name for name in names if name not in TWICE])
    again = at.survey / "raw" / "KZ_05b.csv"
    again.write_bytes((at.survey / "raw" / "KZ_05.csv").read_bytes())
    (at.survey / "raw" / "KZ_05.csv").unlink()
    assert at.night().exit_code == 0
    at.deliver(["KZ_05.csv"])  # stands before the file that brought its rows first
    outcome = at.night()
    assert outcome.errors == ()
    assert [(one.kind, one.file) for one in outcome.deliveries] == [("resent", "KZ_05.csv")]
    assert at.rows("SELECT count(*), count(DISTINCT questionnaire_id) FROM interviews") == [(580, 580)]
    (at.survey / "raw" / "KZ_05.csv").unlink()
    at.night()
    assert at.rows("SELECT count(*), count(DISTINCT questionnaire_id) FROM interviews") == [(580, 580)]
