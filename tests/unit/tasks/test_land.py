"""Landing a lot: one file that cannot be landed does not take the others with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from schemas import declaration, family_survey
from schemas.batch import Batch, Lot, PulledFile
from sources.table import RawTable, text_frame
from tasks import land, validate
from tests import small_survey
from warehouse import build, loads
from warehouse.home import Home

FILES = tuple(PulledFile(f"raw/KZ_{n}.csv", f"KZ_{n}.csv", "KZ", 0, str(n) * 64, 10, f"load{n}") for n in range(3))
LOT = Lot(FILES, (0, 1, 2))


def batches() -> list[Batch]:
    """Validate the thirty interviews of a country in three files of ten."""
    columns = tuple(family_survey.COLUMNS)
    cells = [[row[name] for name in columns] for row in small_survey.interviews("KZ")]
    parts = [text_frame(columns, cells[start : start + 10], range(2, 12)) for start in (0, 10, 20)]
    tables = [RawTable(part, columns, file.name) for part, file in zip(parts, FILES, strict=True)]
    made = validate.validate(LOT, tables, declaration.load(small_survey.ID))
    return [batch for batch in made if isinstance(batch, Batch)]


def test_a_lot_is_landed_file_by_file_when_one_of_them_fails(survey: Path, home: Home) -> None:
    good, wrong, also_good = batches()
    wrong = replace(wrong, rows_read=11)  # against the warehouse's own check, rows read = accepted + quarantined
    chosen = declaration.load(small_survey.ID)
    with build.write(home, family_survey) as warehouse:
        with pytest.raises(Exception, match="CHECK constraint"):
            land.land(LOT, [good, wrong, also_good], chosen, warehouse)
        assert {load.file for load in loads.current(warehouse, chosen.id).values()} == {"KZ_0.csv", "KZ_2.csv"}
        assert loads.rows_held(warehouse, [file.load_id for file in FILES]) == {"load0": (10, 0), "load2": (10, 0)}


def test_a_lot_that_is_landed_again_changes_nothing(survey: Path, home: Home) -> None:
    chosen = declaration.load(small_survey.ID)
    with build.write(home, family_survey) as warehouse:
        first = land.land(LOT, batches(), chosen, warehouse)
        assert land.land(LOT, batches(), chosen, warehouse) == first
        assert warehouse.rows("SELECT count(*) AS n FROM interviews") == [{"n": 30}]
        assert warehouse.rows("SELECT count(*) AS n FROM loads") == [{"n": 3}]
