"""PSU totals: the one pass over microdata, as one GROUP BY."""

from __future__ import annotations

from types import ModuleType

import pandas as pd

from warehouse.build import Warehouse, statement
from warehouse.told_apart import columns


def query(instrument: ModuleType, by_family: bool = False) -> str:
    """Write the GROUP BY for the places the instrument asks about."""
    answers, sums = statement("psu_totals_answers"), statement("psu_totals_sums")
    places = instrument.PLACES
    return statement("psu_totals").format(
        answers=",\n".join(answers.format(place=place) for place in places),
        sums=",\n".join(sums.format(place=place) for place in places),
        **columns(instrument, by_family),
    )


def by_family(warehouse: Warehouse, survey_id: str, instrument: ModuleType) -> pd.DataFrame:
    """Return one row per PSU and kind of family of a survey, in key order: column `family`, and the same sums."""
    frame: pd.DataFrame = warehouse.connection.execute(query(instrument, True), {"survey_id": survey_id}).df()
    return frame


def compute(warehouse: Warehouse, survey_id: str, instrument: ModuleType) -> pd.DataFrame:
    """Reduce the interviews of a survey to one row per PSU, keep them in `psu_totals`, and return them in key order."""
    relation = warehouse.connection.execute(query(instrument), {"survey_id": survey_id})
    frame: pd.DataFrame = relation.df()
    with warehouse.transaction():
        warehouse.execute("DROP TABLE IF EXISTS psu_totals_new")
        warehouse.connection.register("frame_view", frame)
        warehouse.execute("CREATE TABLE psu_totals_new AS SELECT * FROM frame_view")
        warehouse.connection.unregister("frame_view")
        exists = warehouse.rows("SELECT 1 AS one FROM duckdb_tables() WHERE table_name = 'psu_totals'")
        if exists:
            warehouse.execute(
                "INSERT INTO psu_totals_new BY NAME SELECT * FROM psu_totals WHERE survey_id <> $s", s=survey_id
            )
            warehouse.execute("DROP TABLE psu_totals")
        warehouse.execute("ALTER TABLE psu_totals_new RENAME TO psu_totals")
    return frame
