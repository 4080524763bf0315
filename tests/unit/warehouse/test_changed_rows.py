"""Two versions of a file are compared in shares as they are at once, whatever the order of their rows.

Expected is what was changed on purpose below.
"""

from __future__ import annotations

import random

import pytest

from schemas import family_survey
from schemas.batch import Load
from schemas.delivery_record import Changed
from warehouse import build, changed_rows, delivery_changes, loads
from warehouse.home import Home

ROWS = 3_000
SURVEY = "one_survey"


def _load(name: str, sha256: str) -> Load:
    return Load(load_id=name, survey_id=SURVEY, country="KZ", uri="raw/KZ.csv", file="KZ.csv", sha256=sha256, bytes=1)


def _interviews(warehouse: build.Warehouse, load: str, places: list[int], changed: int, fresh: int) -> None:
    """Write rows: the number of a questionnaire is that of its place. changed: every so manieth has another answer."""
    relatives = f"CASE WHEN number % {changed} = 0 THEN 20 ELSE 8 END" if changed else "8"
    numbers = ", ".join(f"({number}, {row})" for row, number in enumerate([*places, *range(10_000, 10_000 + fresh)]))
    warehouse.execute(
        f"""INSERT INTO interviews
                (load_id, survey_id, source_row, questionnaire_id, country, region, district, relatives)
            SELECT '{load}', '{SURVEY}', row, format('KZ-{{:05d}}', number), 'KZ', 'KZ-15',
                   CASE WHEN number = 77 AND '{load}' = 'new' THEN 'another' END, {relatives}
            FROM (VALUES {numbers}) AS v(number, row)"""
    )


@pytest.mark.parametrize(("numbers", "rows"), [(1 << 20, 1 << 16), (1_000, 700)])
def test_shares_leave_no_trace(numbers: int, rows: int, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed_rows, "NUMBERS_AT_ONCE", numbers)
    monkeypatch.setattr(changed_rows, "ROWS_AT_ONCE", rows)
    there = [number for number in range(ROWS) if number % 100 != 5]  # thirty are gone
    random.Random(7).shuffle(there)
    with build.write(home, family_survey) as warehouse, warehouse.transaction():
        _interviews(warehouse, "old", [*range(ROWS)], changed=0, fresh=0)
        replaced = {"new": _load("old", "a" * 64)}
        delivery_changes.keep_before(warehouse, replaced)
        warehouse.execute("DELETE FROM interviews")
        _interviews(warehouse, "new", there, changed=10, fresh=12)
        found = delivery_changes.inside(warehouse, replaced, family_survey)["new"]
        delivery_changes.forget_before(warehouse, replaced)
        left = warehouse.rows("SELECT table_name FROM duckdb_tables() WHERE temporary")
    firsts = [f"KZ-{number:05d}" for number in (0, 10, 20, 30, 40)]
    gone = tuple(f"KZ-{number:05d}" for number in (5, 105, 205, 305, 405))
    assert [change for change, _ in found] == [
        Changed("added", "", 12, tuple(f"KZ-{10_000 + number}" for number in range(5))),
        Changed("removed", "", 30, gone),
        Changed("questionnaires", "", 301, ()),  # every tenth of those that stay, none of which ends with 05; and 77
        Changed("cells", "district", 1, ("KZ-00077",)),
        Changed("cells", "relatives", 300, tuple(firsts)),
    ]
    examples = {change.column: told for change, told in found}
    assert examples["relatives"] == [[number, "8", "20"] for number in firsts]
    assert examples["district"] == [["KZ-00077"]]  # a place is not shown
    assert left == []


def test_rows_of_a_transaction_are_counted_by_load(home: Home) -> None:
    with build.write(home, family_survey) as warehouse, warehouse.transaction():
        _interviews(warehouse, "one", [*range(40)], changed=0, fresh=2)
        _interviews(warehouse, "other", [*range(50, 60)], changed=0, fresh=0)
        assert loads.rows_held(warehouse, ["one", "none"]) == {"one": (42, 0)}
