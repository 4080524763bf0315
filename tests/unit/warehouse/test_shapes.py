"""What is kept of accepted files, and which of them a new one is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from schemas import family_survey
from schemas.batch import Load
from schemas.drift import Difference, Form, Seen
from schemas.shape import LastAccepted, Shape
from warehouse import build, shapes
from warehouse.build import Warehouse
from warehouse.home import Home

NOTHING = pd.DataFrame()
ADDED = Difference("column_added", "телефон", "", "there", "taken in", 'ignore: ["телефон"]')


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with build.write(Home(tmp_path / "home"), family_survey) as opened:
        yield opened


def land(
    warehouse: Warehouse, name: str, day: int, *differences: Difference, status: str = "landed", since: str = ""
) -> None:
    """Put a load of a file that landed on a day of 2009, with a shape of one column of its name."""
    load = Load(name, "s", "KZ", f"raw/{name}", name, "0", 1, status=status)
    row = {**vars(load), "reasons": "{}", "edits": "{}", "loaded_at": pd.Timestamp(2009, 10, day)}
    warehouse.insert("loads", pd.DataFrame([row]))
    form = Form("raw/*.csv", Shape((name,)), differences, since)
    shapes.enter(warehouse, [(load, form)])


def last(warehouse: Warehouse, *uris: str, source: str = "raw/*.csv", survey: str = "s") -> LastAccepted:
    return shapes.last(warehouse, survey, "KZ", source, uris)


def test_a_file_is_compared_with_its_own_version_and_a_new_one_with_the_newest(warehouse: Warehouse) -> None:
    land(warehouse, "old.csv", 1)
    land(warehouse, "new.csv", 3)
    land(warehouse, "gone.csv", 5, status="replaced")
    found = last(warehouse, "raw/old.csv", "raw/other.csv")
    own, other = found.of("raw/old.csv"), found.of("raw/other.csv")
    assert own is not None
    assert own.told == "old.csv of 2009-10-01"
    assert own.shape.columns == ("old.csv",)
    assert other is not None
    assert other.told == "new.csv of 2009-10-03"
    assert last(warehouse, source="raw/others/*.csv").of("raw/old.csv") is None
    assert last(warehouse, survey="t").newest is None


def test_equal_differences_are_told_together_and_only_of_files_that_count(warehouse: Warehouse) -> None:
    land(warehouse, "a.csv", 1, ADDED, since="0.csv of 2009-09-30")
    land(warehouse, "b.csv", 2, ADDED)
    land(warehouse, "c.csv", 3, ADDED, status="replaced")
    assert shapes.differences(warehouse, "s") == [Seen("KZ", ADDED, 2, "a.csv", "0.csv of 2009-09-30")]
    assert shapes.differences(warehouse, "s", ["b.csv"]) == [Seen("KZ", ADDED, 1, "b.csv")]
    assert shapes.differences(warehouse, "s", []) == []


def test_a_warehouse_of_before_knows_no_form(warehouse: Warehouse) -> None:
    warehouse.execute("DROP TABLE shapes")
    warehouse.execute("DROP TABLE drift")
    assert last(warehouse, "raw/old.csv") == LastAccepted()
    assert shapes.differences(warehouse, "s") == []
