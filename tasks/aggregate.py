"""Step 5: reduce interviews to PSU totals, the only pass over microdata."""

from __future__ import annotations

import pandas as pd

from schemas import instrument
from schemas.declaration import Declaration
from warehouse import psu_totals
from warehouse.build import Warehouse


def aggregate(declaration: Declaration, warehouse: Warehouse) -> pd.DataFrame:
    """Return one row per PSU of the survey, in key order, and keep it in the build warehouse."""
    totals = psu_totals.compute(warehouse, declaration.id, instrument.find(declaration.instrument))
    return check_output(totals, declaration, warehouse)


def check_output(totals: pd.DataFrame, declaration: Declaration, warehouse: Warehouse) -> pd.DataFrame:
    """Assert that the totals hold every accepted interview exactly once."""
    accepted = warehouse.rows(
        """SELECT coalesce(sum(rows_accepted), 0)::BIGINT AS n FROM loads
           WHERE survey_id = $survey AND status = 'landed'""",
        survey=declaration.id,
    )[0]["n"]
    counted = int(totals["n_respondents"].sum())
    if counted != accepted:
        raise AssertionError(f"PSU totals hold {counted:,} interviews, the loads {accepted:,}")
    return totals
