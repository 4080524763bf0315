"""Every instrument has its table, which the queries about deliveries can read, beside those of the others."""

from __future__ import annotations

import pandas as pd
import pytest

from schemas import instrument
from schemas.batch import Load
from warehouse import accounting, build, delivery_profile, records
from warehouse.home import Home

DECLARED = [name for name in instrument.names() if name not in instrument.MODULES]
LOAD = Load("load", "survey", "KG", "file:///a.csv", "a.csv", "0" * 64, 1)


@pytest.mark.parametrize("name", instrument.names())
def test_its_columns_can_be_asked_for_by_name(name: str, home: Home) -> None:
    """A column that is a word of SQL would stop the first delivery, and not the declaration."""
    kind = instrument.find(name)
    with build.write(home, kind) as warehouse:
        found = delivery_profile.of_loads(warehouse, [LOAD], kind)
        assert found["load"].keys() == {"size"}
        held = warehouse.rows(f"SELECT {', '.join(kind.COLUMNS)} FROM interviews")
    assert held == []


@pytest.mark.parametrize("name", DECLARED)
def test_no_record_is_an_empty_frame_of_its_types(name: str, home: Home) -> None:
    kind = instrument.find(name)
    with build.write(home, kind) as warehouse:
        frame = records.read(warehouse, "survey", kind)
    assert list(frame.columns) == list(kind.COLUMNS)
    assert {str(frame[column].dtype) for column in kind.WHOLE_NUMBERS} <= {"Int64"}


def test_records_of_two_instruments_lie_side_by_side_and_both_are_accounted_for(home: Home) -> None:
    roster, grants = instrument.find("roster"), instrument.find("grants")
    cells = {"load_id": "lost", "survey_id": "s", "source_row": 1, "questionnaire_id": "1", "country": "KG"}
    row = pd.DataFrame([cells])
    for kind in (roster, grants):
        with build.write(home, kind) as warehouse:
            warehouse.insert("interviews", row)
            assert len(records.read(warehouse, "s", kind)) == 1
    with build.write(home, instrument.find("family_survey")) as warehouse:
        assert warehouse.rows("SELECT count(*) AS n FROM interviews") == [{"n": 0}]
        assert [fault.what for fault in accounting.faults(warehouse)] == ["2 interviews are of no load"]
