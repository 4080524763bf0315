"""The profile of a file whose rows are not committed yet, in little memory, and of several files at once.

Expected follows by hand from the rows as they are written below.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas import family_survey
from schemas.batch import Load
from warehouse import build, delivery_profile
from warehouse.delivery_profile import CONTENT, Profile
from warehouse.home import Home
from warehouse.landing import ROW_GROUP

GROUPS = 2
ROWS = GROUPS * ROW_GROUP


def load_of(name: str, rows: int) -> Load:
    place = {"country": "KZ", "uri": f"raw/{name}.csv", "file": f"{name}.csv", "sha256": "a" * 64, "bytes": 100}
    return Load(load_id=name, survey_id="one", rows_read=rows, rows_accepted=rows, **place)  # type: ignore[arg-type]


def write(warehouse: build.Warehouse, load: str, first: int, rows: int, step: int = 1) -> None:
    """Write interviews that follow from their number; every second one has a migrant abroad, every fourth a case."""
    counts = [column for column in family_survey.COUNTS if column != "sexual_abroad_earlier"]
    asked = ", ".join(f"CASE WHEN n % 2 = 0 THEN 0 END AS {column}" for column in counts)
    warehouse.execute(
        f"""INSERT INTO interviews BY NAME
            SELECT '{load}' AS load_id, 'one' AS survey_id, n AS source_row,
                   format('KZ-{{:07d}}', n) AS questionnaire_id,
                   'KZ' AS country, if(n % 2 = 0, 'KZ-15', 'KZ-23') AS region, 'rural' AS settlement_type,
                   DATE '2009-10-01' + (n % 28)::INTEGER AS interview_date, 8 + n % 2 AS relatives,
                   if(n % 2 = 0, 'yes', 'no') AS migrant_abroad, 'no' AS migrant_inside,
                   CASE WHEN n % 2 = 0 THEN (n % 4 = 0)::INTEGER END AS sexual_abroad_earlier, {asked}
            FROM (SELECT {first} + range * {step} AS n FROM range({rows}))"""
    )


def test_a_long_file_is_profiled_before_its_rows_are_committed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINSCALE_MEMORY", "96MB")  # all rows with all their cells in one hash table take more
    monkeypatch.setenv("KINSCALE_THREADS", "2")
    with build.write(home, family_survey) as warehouse, warehouse.transaction():
        for group in range(GROUPS):
            write(warehouse, "long", group * ROW_GROUP, ROW_GROUP)
        (profile,) = delivery_profile.of_loads(warehouse, [load_of("long", ROWS)], family_survey).values()
    assert profile["size"] == {"bytes": 100, "read": ROWS, "accepted": ROWS, "quarantined": 0, "questionnaires": ROWS}
    assert profile["day"] == {"first": 14_518, "last": 14_545}  # 1 October 2009 is day 14,518 since 1970
    assert profile["relatives"] == {"mean": 8.5}
    assert profile["cases"] == {"some": ROWS / 4, "none": ROWS * 3 / 4}
    assert profile["region"] == {"KZ-15": ROWS / 2, "KZ-23": ROWS / 2}
    assert profile["migrant_abroad"] == {"yes": ROWS / 2, "no": ROWS / 2}
    assert profile["settlement_type"] == {"rural": ROWS}
    assert profile["sexual_abroad_earlier"] == {"missing": ROWS / 2, "given": ROWS / 2}
    assert [*profile[CONTENT].values()] == [ROWS]


def profiles(home: Home, order: int) -> dict[str, Profile]:
    """Profile two files of three in one statement; order: 1 as they are, -1 from their last row to the first."""
    with build.write(home, family_survey) as warehouse, warehouse.transaction():
        for name, first, rows in (("one", 0, 10), ("other", 100, 6), ("third", 0, 10)):
            write(warehouse, name, first if order > 0 else first + rows - 1, rows, order)
        return delivery_profile.of_loads(warehouse, [load_of("other", 6), load_of("one", 10)], family_survey)


def test_each_file_has_its_own_profile_whatever_the_order_of_its_rows(home: Home, tmp_path: Path) -> None:
    found = profiles(home, 1)
    assert {name: profile["size"]["questionnaires"] for name, profile in found.items()} == {"one": 10, "other": 6}
    assert {name: profile["cases"]["some"] for name, profile in found.items()} == {"one": 3, "other": 2}
    assert found["one"][CONTENT] != found["other"][CONTENT]
    assert profiles(Home(tmp_path / "turned"), -1) == found
