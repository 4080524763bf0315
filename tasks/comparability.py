"""Step 7b of records, where declared: put a survey's numbers beside another's, and say whether they may be compared."""

from __future__ import annotations

import numpy as np
import pandas as pd

from estimators import comparability as rules
from schemas.comparability import NAME, Comparison, printed
from schemas.declaration import Declaration
from schemas.declared_instrument import DeclaredInstrument
from schemas.errors import DeclarationError
from schemas.result_tables import conform
from warehouse.canonical import rounded


def comparability(
    records: pd.DataFrame, estimates: pd.DataFrame, kind: DeclaredInstrument, declaration: Declaration
) -> dict[str, pd.DataFrame]:
    """Return the table `comparability`, empty where the survey declares no comparison.

    Raises DeclarationError for an indicator that neither the records give nor a document is said to state.
    """
    del records, kind
    declared = declaration.comparisons
    others = printed(tuple(one.other for one in declared))
    national = (
        estimates[estimates["level"] == "national"].drop_duplicates("indicator").set_index("indicator")["estimate"]
    )
    rows = [
        {
            "comparison": one.id,
            "indicator": one.indicator,
            "other_survey": one.other.survey,
            "other_indicator": one.other.indicator,
            "same_question": one.same_question,
            "same_population": one.same_population,
            "matched_panel": one.matched_panel,
            "reused_text": one.reused_text,
            "reason": one.reason.en,
            "reason_ru": one.reason.ru,
            "value": _value(one, national, declaration),
            "other_value": others[one.other],
            "source": one.source,
        }
        for one in declared
    ]
    return {"comparability": conform("comparability", rounded(rules.comparability(declaration.id, rows)))}


def _value(one: Comparison, national: pd.Series, declaration: Declaration) -> float:
    if one.stated is not None:
        return one.stated.number
    if one.indicator not in national.index:
        raise DeclarationError(
            f'comparison {one.id}: "{one.indicator}" is no indicator of this survey.',
            file=str(declaration.folder / NAME),
            expected="an identifier of `estimates`, or a number that is `stated`",
            next_step="Correct `indicator`, or write what a document states, with its source.",
        )
    value = national[one.indicator]
    return np.nan if pd.isna(value) else float(value)
