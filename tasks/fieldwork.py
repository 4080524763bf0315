"""Step 5b: look at how the interviewers worked; the detail stays in the build warehouse, a release gets the summary."""

from __future__ import annotations

import pandas as pd

from estimators.fieldwork_summary import FLAGGED, quotas, summary
from estimators.interviewer_diagnostics import diagnose
from schemas import fieldwork as rules_of
from schemas import instrument
from schemas.declaration import Declaration
from schemas.result_tables import conform, tables
from warehouse import fieldwork as counted
from warehouse.build import Warehouse
from warehouse.canonical import rounded


def fieldwork(
    psu_totals: pd.DataFrame, declaration: Declaration, warehouse: Warehouse, release_id: str
) -> dict[str, pd.DataFrame]:
    """Return the table `fieldwork` of a release, and keep what it sums up in `interviewer_settlements`.

    Interviews without the code of an interviewer are in none of them.
    """
    rules = rules_of.rules()
    form = instrument.form(declaration.instrument)
    work = counted.count(warehouse, declaration.id, form, rules.near_duplicates)
    found = diagnose(work, rules)
    settlements = counted.settlements(warehouse)
    counted.keep(warehouse, declaration.id, found)
    few = declaration.disclosure.min_families if declaration.disclosure.enabled else 0
    parts = [summary(work, found, settlements, rules, few)]
    if declaration.quotas is not None:
        parts.append(quotas(declaration.quotas, psu_totals, rules))
    frame = pd.concat([part for part in parts if len(part)], ignore_index=True) if any(map(len, parts)) else parts[0]
    mark = {"release_id": release_id, "survey_id": declaration.id}
    made = rounded(frame.reindex(columns=tables()["fieldwork"].names).assign(**mark))
    return {"fieldwork": check_output(conform("fieldwork", made), rules)}


def check_output(made: pd.DataFrame, rules: rules_of.FieldworkRules) -> pd.DataFrame:
    """Assert that every text of the summary is one that `schemas/fieldwork.yaml` has, so that it names nobody."""
    rows = [rules.release.flagged, *rules.measures.values(), *rules.release.quotas.values()]
    known = {
        "measure": {FLAGGED, *rules.measures, *rules.release.quotas},
        "meaning": {row.title["en"] for row in rows},
        "meaning_ru": {row.title["ru"] for row in rows},
        "unit": {row.unit for row in rows},
    }
    for column, words in known.items():
        if strange := set(made[column].dropna()) - words:
            raise AssertionError(f"the summary has {len(strange)} texts in {column} that are not its own")
    return made
