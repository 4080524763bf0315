"""Step 6: compute each indicator, domain and method of the survey from the PSU totals."""

from __future__ import annotations

import pandas as pd

import estimators
from schemas.declaration import Declaration
from schemas.selection import Selection
from tasks.lonely_strata import declared
from warehouse.build import Warehouse


def estimate(
    psu_totals: pd.DataFrame, declaration: Declaration, warehouse: Warehouse, selection: Selection | None = None
) -> pd.DataFrame:
    """Return every cell of `estimates` but its release: survey and wave are set, release_id is not known yet.

    Raises DeclarationError if a stratum has one settlement and the survey does not say what it stands for.
    """
    with declared(declaration):
        cells = estimators.estimate(psu_totals, declaration.population, declaration.settings)
    return check_output(cells.assign(survey_id=declaration.id, wave=declaration.wave))


def check_output(cells: pd.DataFrame) -> pd.DataFrame:
    """Assert that limits hold their estimate and that no standard error is negative."""
    known = cells.dropna(subset=["estimate", "ci_low", "ci_high"])
    outside = known[(known["estimate"] < known["ci_low"] - 1e-9) | (known["estimate"] > known["ci_high"] + 1e-9)]
    if len(outside):
        raise AssertionError(
            f"{len(outside)} cells lie outside their own limits, the first: {outside.iloc[0].to_dict()}"
        )
    return cells
