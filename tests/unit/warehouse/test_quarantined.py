"""Refused rows: counted by file and rule, shown one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from schemas import family_survey
from schemas.errors import KinscaleError
from warehouse import build, quarantined
from warehouse.home import Home

NOW = datetime.now(UTC).replace(tzinfo=None)


@pytest.fixture
def refused(home: Home) -> Home:
    row = {
        "load_id": "3f2a99",
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
    }
    rows = [
        row,
        {**row, "source_row": 9, "also": ""},
        {**row, "rule": "country", "source_row": 7, "opened_at": NOW},
        {**row, "source_row": 8, "status": "waived"},
        {**row, "survey_id": "other"},
    ]
    with build.write(home, family_survey) as warehouse:
        warehouse.insert("quarantine", pd.DataFrame(rows))
    return home


def test_open_rows_are_counted_by_rule_oldest_first(refused: Home) -> None:
    counted = quarantined.counts(refused, "s")
    assert [(c["rule"], c["rows"], c["days"]) for c in counted] == [("relatives_integer", 2, 3), ("country", 1, 0)]
    assert counted[1]["example"] == "3f2a-7"


def test_a_row_is_shown_with_reason_other_rules_and_cells(refused: Home) -> None:
    with build.write(refused, family_survey) as warehouse:
        warehouse.execute("DELETE FROM quarantine WHERE survey_id = 'other'")
    assert list(quarantined.show(refused, "3f2a-214")) == [
        'KG.csv, row 214, column relatives: "12,5" is not a whole number',
        "Rule relatives_integer; also region_missing",
        'As delivered: {"кол-во": "12,5"}',
    ]
    assert list(quarantined.show(refused, "3f2a-9"))[1] == "Rule relatives_integer"


def test_a_name_of_no_row_says_where_the_names_are(refused: Home) -> None:
    with pytest.raises(KinscaleError, match="quarantine list"):
        list(quarantined.show(refused, "0000-1"))


def test_without_a_warehouse_nothing_is_refused(home: Home) -> None:
    assert quarantined.counts(home, "s") == []
    with pytest.raises(KinscaleError):
        list(quarantined.show(home, "3f2a-214"))
