"""PSU totals: the one pass over microdata, as one GROUP BY."""

from __future__ import annotations

from types import ModuleType

import pandas as pd

from warehouse import compiled_queries, reduction
from warehouse.build import Warehouse, statement


def query(instrument: ModuleType, by_family: bool = False) -> str:
    """Return the GROUP BY for DuckDB, as it was compiled from `psu_expression`."""
    if instrument is not compiled_queries.INSTRUMENT:
        raise AssertionError(f"no PSU totals were compiled for {instrument.NAME}")
    return statement("psu_totals_by_family" if by_family else "psu_totals")


def by_family(warehouse: Warehouse, survey_id: str, instrument: ModuleType) -> pd.DataFrame:
    """Return one row per PSU and kind of family of a survey, in key order: column `family`, and the same sums."""
    return reduction.totals(warehouse, survey_id, query(instrument, True), by_family=True)


def compute(warehouse: Warehouse, survey_id: str, instrument: ModuleType) -> pd.DataFrame:
    """Reduce the interviews of a survey to one row per PSU, keep them in `psu_totals`, and return them in key order."""
    frame = reduction.totals(warehouse, survey_id, query(instrument), by_family=False)
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
