"""Reconciliation: declared rules set the figures of a survey's records against each other, one finding each.

Lives here: what each kind of rule computes, and the table `findings`. Not here: what rules say (`schemas/`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from estimators.reconciliation.finding import Undecidable, row
from estimators.reconciliation.kinds import KINDS
from estimators.reconciliation.selection import Selection
from schemas.reconciliation import Rule

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["findings"]
RECORD = "questionnaire_id"


def findings(records: pd.DataFrame, rules: Sequence[Rule], survey_id: str, regions: Sequence[str]) -> pd.DataFrame:
    """Apply every rule to the records and say what holds, what differs and what cannot be decided.

    records: (n_records,) typed records of an instrument, in any order.  regions: codes of the survey's regions.
    Returns the columns of the table `findings`, one row per rule in the order of the rules.
    Raises DeclarationError when a rule names a column the records lack, or several records where one is meant.
    """
    import pandas as pd

    from schemas.result_tables import tables

    ordered = records.sort_values(RECORD, kind="stable").reset_index(drop=True) if RECORD in records else records
    columns = {str(name): ordered[name] for name in ordered}
    rows = []
    for rule in rules:
        selection = Selection(ordered, rule, regions, columns)
        try:
            outcome = KINDS[rule.kind](rule, selection)
        except Undecidable as reason:
            outcome = reason.outcome
        rows.append(row(rule, selection, outcome, survey_id))
    return pd.DataFrame(rows, columns=tables()["findings"].names)
