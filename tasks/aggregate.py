"""Step 5: reduce interviews to PSU totals, the only pass over microdata."""

from __future__ import annotations

import pandas as pd

from schemas import instrument
from schemas.declaration import Declaration
from schemas.errors import DeclarationError
from warehouse import psu_totals
from warehouse.build import Warehouse


def aggregate(declaration: Declaration, warehouse: Warehouse) -> pd.DataFrame:
    """Return one row per PSU of the survey, in key order, and keep it in the build warehouse.

    Settlements drawn systematically also get `list_position`. Raises DeclarationError if the list has not all of them.
    """
    totals = psu_totals.compute(warehouse, declaration.id, instrument.find(declaration.instrument))
    return check_output(with_list_position(totals, declaration), declaration, warehouse)


def with_list_position(totals: pd.DataFrame, declaration: Declaration) -> pd.DataFrame:
    """Add each settlement's row in `frame.csv` where the survey says that the list's order matters."""
    if declaration.rates.psu_selection != "systematic":
        return totals
    path, columns = declaration.folder / "frame.csv", ["region", "district", "settlement"]
    listed = declaration.frame
    missing = [name for name in ["country", *columns] if name not in listed]
    if missing:
        raise DeclarationError(
            "the column is missing.", file=str(path), column=missing[0], expected=f"country, {', '.join(columns)}"
        )
    psu = listed["country"] + "\0" + listed[columns].fillna("").agg("/".join, axis=1)
    if psu.duplicated().any():
        at = int(psu.duplicated().to_numpy().argmax())
        raise DeclarationError("the settlement is in the list twice.", file=str(path), row=at + 2)
    position = dict(zip(psu, range(len(psu)), strict=True))
    found = (totals["country"] + "\0" + totals["psu"]).map(position)
    if found.isna().any():
        raise DeclarationError(
            f"{int(found.isna().sum())} settlements of the sample are not in the list, "
            f"the first: {totals.loc[found.isna(), 'psu'].iloc[0]}.",
            file=str(path),
            expected="every settlement that was drawn, in the order of the list it was drawn from",
            next_step="Add them, or say that the order is not known: psu_selection: random",
        )
    return totals.assign(list_position=found.astype("int64"))


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
