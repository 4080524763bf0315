"""Step 5: reduce interviews to PSU totals, the only pass over microdata."""

from __future__ import annotations

import pandas as pd

from schemas import instrument
from schemas.declaration import Declaration
from tasks.frame import with_frame
from warehouse import psu_totals
from warehouse.build import Warehouse


def aggregate(declaration: Declaration, warehouse: Warehouse) -> pd.DataFrame:
    """Return one row per PSU of the survey, in key order, and keep it in the build warehouse.

    Where the second stage is known, the rows returned are one per PSU and kind of family, with a column `family`.
    Settlements also get what `with_frame` knows of them. Raises DeclarationError where their list does not serve.
    """
    form = instrument.form(declaration.instrument)
    totals = psu_totals.compute(warehouse, declaration.id, form)
    if declaration.rates.second_stage == "known":
        totals = psu_totals.by_family(warehouse, declaration.id, form)
    return check_output(with_frame(totals, declaration), declaration, warehouse)


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
