"""Refused rows: counted by file and rule with their age, found by name, with the history of their interview."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from schemas import family_survey
from schemas.batch import Load
from schemas.errors import KinscaleError
from warehouse import accounting, build, loads, quarantined
from warehouse.build import Warehouse
from warehouse.home import CHECKOUT, Home

NOW = datetime(2027, 3, 1, 12)
ROW = {
    "load_id": "3f2a99c1d0d0d0d0",
    "survey_id": "s",
    "country": "KG",
    "file": "KG.csv",
    "source_row": 214,
    "rule": "relatives_integer",
    "column_name": "relatives",
    "value": "12,5",
    "message": '"12,5" is not a whole number',
    "also": "region_missing",
    "raw_row": '{"кол-во": "12,5"}',
    "status": "open",
    "opened_at": NOW - timedelta(days=3),
    "questionnaire_id": "KG-1",
}


def aged(days: int, source_row: int, **changes: Any) -> dict[str, Any]:
    return {**ROW, "source_row": source_row, "opened_at": NOW - timedelta(days=days), **changes}


@pytest.fixture
def refused(home: Home) -> Home:
    rows = [
        ROW,
        *(aged(days, days + 1000) for days in (0, 7, 8, 30, 31, 90, 91, 400)),
        aged(0, 7, rule="country"),
        aged(0, 8, status="waived"),
        aged(0, 9, survey_id="other"),
    ]
    with build.write(home, family_survey) as warehouse:
        warehouse.insert("quarantine", pd.DataFrame(rows))
    return home


def test_open_rows_are_counted_by_rule_with_their_age(refused: Home) -> None:
    first, second = quarantined.counts(refused, "s", now=NOW)
    assert (first["rule"], first["rows"], first["days"]) == ("relatives_integer", 9, 400)
    # 0, 3 and 7 days; 8 and 30; 31 and 90; 91 and 400.
    assert [first[key] for key in quarantined.AGES] == [3, 2, 2, 2]
    assert (second["rule"], second["rows"], second["example"]) == ("country", 1, "3f2a99c1-7")


def test_counts_are_narrowed_by_status_rule_and_country(refused: Home) -> None:
    def rows(**wanted: str) -> int:
        return sum(row["rows"] for row in quarantined.counts(refused, "s", now=NOW, **wanted))

    assert rows() == 10
    assert rows(status="all") == 11
    assert rows(status="waived") == 1
    assert rows(rule="country") == 1
    assert rows(country="KG") == 10
    assert rows(country="KZ") == 0


def test_sums_by_rule_hold_every_row_once(refused: Home) -> None:
    rows = [{**row, "file": file} for row in quarantined.counts(refused, "s", now=NOW) for file in "ab"]
    sums = quarantined.by_rule(rows)
    assert [(total["rule"], total["rows"], total["days"]) for total in sums] == [
        ("relatives_integer", 18, 400),
        ("country", 2, 0),
    ]


@pytest.mark.parametrize("name", ["3f2a-214", "3f2a99c1-214", "3f2a99c1d0d0d0d0-214"])
def test_a_row_is_found_by_any_beginning_of_its_load(refused: Home, name: str) -> None:
    assert [row["message"] for row in quarantined.find(refused, name)] == [ROW["message"]]


@pytest.mark.parametrize("name", ["0000-1", "nonsense", "3f2a-", "%-214", "3f2a-99"])
def test_a_name_of_no_row_says_where_the_names_are(refused: Home, name: str) -> None:
    with pytest.raises(KinscaleError, match="quarantine list"):
        quarantined.find(refused, name)


def test_a_name_that_two_rows_have_asks_for_all_of_it(refused: Home) -> None:
    with build.write(refused, family_survey) as warehouse:
        warehouse.insert("quarantine", pd.DataFrame([{**ROW, "load_id": "3f2a99c1ffffffff"}]))
    with pytest.raises(KinscaleError, match="3f2a99c1ffffffff-214"):
        quarantined.find_live(refused, "3f2a99c1-214")
    assert quarantined.find_live(refused, "3f2a99c1ff-214")["load_id"] == "3f2a99c1ffffffff"


def test_about_a_closed_row_nothing_can_be_decided(refused: Home) -> None:
    with pytest.raises(KinscaleError, match="is closed: waived"):
        quarantined.find_live(refused, "3f2a-8")


def test_without_a_warehouse_nothing_is_refused(home: Home) -> None:
    assert quarantined.counts(home, "s") == []
    with pytest.raises(KinscaleError):
        quarantined.find(home, "3f2a-214")


def test_a_warehouse_of_earlier_code_is_read_as_it_is(refused: Home) -> None:
    """Its table has none of the columns about the life of a row."""
    with build.write(refused, family_survey) as warehouse:
        for column in ("questionnaire_id", "closed_at", "closed_by", "how"):
            warehouse.execute(f"ALTER TABLE quarantine DROP COLUMN {column}")
    assert sum(row["rows"] for row in quarantined.counts(refused, "s")) == 10
    (row,) = quarantined.find(refused, "3f2a-214")
    assert quarantined.history(refused, row) == [row]


@pytest.fixture
def landed(home: Home, tmp_path: Path) -> Home:
    """One load in force of three rows, one of them refused."""
    about = {"survey_id": "s", "country": "KG", "uri": "raw/KG.csv", "file": "KG.csv", "sha256": "0", "bytes": 1}
    load = Load(load_id="a", rows_read=3, rows_accepted=2, rows_quarantined=1, **about)  # type: ignore[arg-type]
    with build.write(home, family_survey) as warehouse:
        loads._insert_loads(warehouse, [load])
        warehouse.insert("quarantine", pd.DataFrame([{**ROW, "load_id": "a"}]))
        for row in (2, 3):
            warehouse.execute(
                "INSERT INTO interviews (load_id, survey_id, country, source_row) VALUES ('a', 's', 'KG', $row)",
                row=row,
            )
        assert accounting.faults(warehouse) == []
        assert accounting.loads_proven(warehouse, "s") == 1
    return home


FAULTS: list[tuple[str, str]] = [
    ("DELETE FROM interviews WHERE source_row = 2", "2 rows were accepted, 1 interviews are stored"),
    ("DELETE FROM quarantine", "1 rows were quarantined, 0 are stored"),
    ("INSERT INTO quarantine SELECT * FROM quarantine", "1 rows were quarantined, 2 are stored"),
    ("INSERT INTO interviews SELECT * REPLACE ('b' AS load_id) FROM interviews", "2 interviews are of no load"),
    ("INSERT INTO quarantine SELECT * REPLACE ('b' AS load_id) FROM quarantine", "1 refused rows are of no load"),
    ("UPDATE loads SET status = 'replaced'", "it is replaced, and 2 interviews of it are stored"),
    ("UPDATE loads SET status = 'replaced'", "1 refused rows of a replaced load are still open"),
    (
        "INSERT INTO loads SELECT * REPLACE ('b' AS load_id, 0 AS rows_read, 0 AS rows_accepted, 0 AS rows_quarantined)"
        " FROM loads",
        "2 versions of one file are in force",
    ),
]


@pytest.mark.parametrize(("damage", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_every_kind_of_loss_is_seen_by_the_accounts(landed: Home, damage: str, words: str) -> None:
    with build.write(landed, family_survey) as warehouse:
        warehouse.execute(damage)
        assert words in [fault.what for fault in accounting.faults(warehouse)]
        assert accounting.faults(warehouse, "other") == []


def replaced_before_rows_were_kept(warehouse: Warehouse) -> None:
    warehouse.execute("UPDATE loads SET status = 'replaced'")
    warehouse.execute("DELETE FROM interviews")
    warehouse.execute("DELETE FROM quarantine")


def replaced_since(warehouse: Warehouse) -> None:
    replaced_before_rows_were_kept(warehouse)
    warehouse.execute("INSERT INTO replacements VALUES ('s', 'a', 'b')")


@pytest.mark.parametrize(("change", "n"), [(replaced_before_rows_were_kept, 0), (replaced_since, 1)])
def test_rows_deleted_by_earlier_code_are_no_fault(landed: Home, change: Callable[[Warehouse], None], n: int) -> None:
    with build.write(landed, family_survey) as warehouse:
        change(warehouse)
        assert len(accounting.faults(warehouse)) == n


KILLED = """
import os, signal, sys
from pathlib import Path
from schemas import family_survey
from warehouse import build
from warehouse.home import CHECKOUT, Home
with build.write(Home(Path(sys.argv[1])), family_survey):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_tables_survive_a_kill_right_after_they_were_made(home: Home) -> None:
    """What was made is in the log of DuckDB only, and must be readable from there."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(home.root)], cwd=CHECKOUT, env=environment, timeout=60, check=False
    )
    assert done.returncode == -signal.SIGKILL
    with build.write(home, family_survey) as warehouse:
        assert warehouse.rows("SELECT * FROM loads") == []
