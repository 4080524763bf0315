"""A part of the tables of records: published figures, what may be made of them, and what is refused."""

from __future__ import annotations

import pandas as pd

from estimators.evidence import evidence
from schemas.declaration import Declaration
from schemas.declared_instrument import DeclaredInstrument
from schemas.figure_rules import figure_rules
from schemas.result_tables import conform, tables
from warehouse.canonical import rounded

TABLES = ("evidence", "evidence_derived", "evidence_rivals", "evidence_age_bases")


def published_figures(
    records: pd.DataFrame, _: pd.DataFrame, kind: DeclaredInstrument, declaration: Declaration
) -> dict[str, pd.DataFrame]:
    """Return TABLES; empty ones where the instrument does not declare that its records are figures."""
    if not kind.figures:
        return {name: conform(name, pd.DataFrame(columns=tables()[name].names)) for name in TABLES}
    rules = figure_rules({**kind.figures, **declaration.figures.model_dump(exclude_unset=True)})
    made = evidence(records, rules)
    return {name: conform(name, rounded(table.assign(survey_id=declaration.id))) for name, table in made.items()}
