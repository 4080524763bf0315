"""Cases under rival definitions, for instruments whose file asks for them: the table `definitions`."""

from __future__ import annotations

import pandas as pd

from estimators.definitions import definitions
from schemas.declaration import Declaration
from schemas.declared_instrument import DeclaredInstrument
from schemas.definitions import rules
from schemas.result_tables import conform
from warehouse.canonical import rounded


def definition_counts(
    records: pd.DataFrame, estimates: pd.DataFrame, kind: DeclaredInstrument, declaration: Declaration
) -> dict[str, pd.DataFrame]:
    """Return the table by name, or nothing where the instrument puts no case to a definition."""
    chosen = rules(kind.definitions, list(kind.columns), f"schemas/instruments/{kind.name}.yaml")
    if chosen is None:
        return {}
    table = definitions(records, chosen).assign(survey_id=declaration.id)
    return {"definitions": conform("definitions", rounded(table))}
