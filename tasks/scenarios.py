"""Step 6 of records: what numbers become under the assumptions that an instrument declares, and what of it is shown."""

from __future__ import annotations

import pandas as pd

from estimators import attrition
from schemas.declaration import Declaration
from schemas.declared_instrument import DeclaredInstrument
from schemas.result_tables import conform
from warehouse.canonical import rounded

TABLE = "scenarios"
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high"]
WORDS = ["feasible", "claim_holds", "claim_sure"]
LISTS = "people_on_lists"


def scenarios(
    records: pd.DataFrame, estimates: pd.DataFrame, kind: DeclaredInstrument, declaration: Declaration
) -> dict[str, pd.DataFrame]:
    """Return the table `scenarios` of an instrument that declares some, and nothing of another.

    records: the accepted ones.  estimates: with nothing hidden.
    """
    if not kind.scenarios:
        return {}
    nations = estimates[estimates["level"] == "national"]
    made = attrition.scenarios(records, nations, kind.scenarios).assign(survey_id=declaration.id)
    return {TABLE: conform(TABLE, rounded(made))}


def as_shown(tables: dict[str, pd.DataFrame], kind: DeclaredInstrument, min_units: int) -> dict[str, pd.DataFrame]:
    """Take the numbers out of the scenarios of countries where a count that they rest on is hidden in `estimates`.

    min_units: fewest people on the largest list whose bounds are shown. Where a printed scenario stands in
    `reproduction`, ours goes there too.
    """
    if TABLE not in tables:
        return tables
    gap = kind.scenarios.get("under_registration", {})
    counts = {gap[name] for name in ("people", "crimes") if name in gap}
    rows = tables["estimates"]
    hidden = rows["conf_status"].isin(["C", "D"]) & rows["indicator"].isin(counts) & (rows["level"] == "national")
    shown = tables[TABLE].copy()
    countries = set(rows.loc[hidden, "country"])
    gone = shown["country"].isin(countries) | ((shown["scenario"] == LISTS) & (shown["ci_low"] < min_units))
    shown.loc[gone, NUMBERS] = float("nan")
    shown.loc[gone, WORDS] = None
    printed = tables["reproduction"].copy()
    ours = printed["country"].isin(countries) & printed["indicator"].isin(attrition.as_cells(shown[gone])["indicator"])
    printed.loc[ours, ["computed", "difference"]] = float("nan")
    return {**tables, TABLE: conform(TABLE, shown), "reproduction": conform("reproduction", printed)}
