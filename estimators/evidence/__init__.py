"""Published figures: what each says and rests on, what may be made of several of them, and what is refused.

Records are those of the instrument `evidence_register`, one figure each. Nothing is estimated here but the limits of
cited shares. A figure that may not be cited leaves this room without its number, in every table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from estimators.evidence.age_bases import age_bases
from estimators.evidence.cells import as_cells
from estimators.evidence.derivations import derivations
from estimators.evidence.figures import figures
from estimators.evidence.register import ordered
from estimators.evidence.rivals import rivals
from schemas.figure_rules import FigureRules, figure_rules

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_cells", "evidence"]


def evidence(records: pd.DataFrame, spec: Mapping[str, Any] | FigureRules) -> dict[str, pd.DataFrame]:
    """Lay published figures out and apply what is declared about them.

    records: (n_figures,) typed records, in any order.  spec: what instrument and survey declare under `figures`.
    Returns the tables `evidence`, `evidence_derived`, `evidence_rivals` and `evidence_age_bases` without survey_id.
    Raises DeclarationError for a declaration that is wrong; a figure it names that is not there is a refusal.
    """
    rules = spec if isinstance(spec, FigureRules) else figure_rules(spec)
    register = ordered(records)
    return {
        "evidence": figures(register, rules.confidence),
        "evidence_derived": derivations(register, rules),
        "evidence_rivals": rivals(register, rules.rivals),
        "evidence_age_bases": age_bases(register, rules.age_bases, rules.confidence),
    }
