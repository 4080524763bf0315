"""Step 5 of records: read the accepted ones of a survey back from the build warehouse."""

from __future__ import annotations

import pandas as pd

from schemas import instrument
from schemas.declaration import Declaration
from warehouse import records
from warehouse.build import Warehouse


def gather(declaration: Declaration, warehouse: Warehouse) -> pd.DataFrame:
    """Return the records in force, in the order of their keys; each accepted one is there once."""
    kind = instrument.find(declaration.instrument)
    return check_output(records.read(warehouse, declaration.id, kind), declaration, warehouse)


def check_output(frame: pd.DataFrame, declaration: Declaration, warehouse: Warehouse) -> pd.DataFrame:
    """Assert that every accepted record is there."""
    accepted = warehouse.rows(
        """SELECT coalesce(sum(rows_accepted), 0)::BIGINT AS n FROM loads
           WHERE survey_id = $survey AND status = 'landed'""",
        survey=declaration.id,
    )[0]["n"]
    if len(frame) != accepted:
        raise AssertionError(f"{len(frame):,} records are stored, the loads accepted {accepted:,}")
    return frame
