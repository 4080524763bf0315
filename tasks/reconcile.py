"""A part of the tables of records: the findings of the rules that survey and instrument declare."""

from __future__ import annotations

import pandas as pd

from estimators.reconciliation import findings
from schemas.declaration import Declaration
from schemas.declared_instrument import DeclaredInstrument
from schemas.result_tables import conform
from warehouse.canonical import rounded


def reconcile(
    records: pd.DataFrame, _: pd.DataFrame, kind: DeclaredInstrument, declaration: Declaration
) -> dict[str, pd.DataFrame]:
    """Return the table `findings`, empty where nothing is declared."""
    surveyed = declaration.regions[declaration.regions["surveyed"] == "yes"]
    found = findings(records, declaration.reconciliations, declaration.id, list(surveyed["region"]))
    return {"findings": conform("findings", rounded(found))}
