"""Step 7a, beside the estimates: domains against each other, and the two windows of the form against each other."""

from __future__ import annotations

import pandas as pd

from estimators.comparisons import comparisons
from estimators.trend import trend
from schemas.declaration import Declaration
from schemas.result_tables import conform, tables
from tasks.lonely_strata import declared
from warehouse.canonical import rounded

METHOD = "design"


def compare(psu_totals: pd.DataFrame, declaration: Declaration, release_id: str) -> dict[str, pd.DataFrame]:
    """Return the tables `comparisons` and `trend` of a release.

    Without the method `design` there is nothing to compare by, and without an assumed length of the earlier
    window (`rates: earlier_years`) no trend: those tables are then empty.
    """
    mark = {"release_id": release_id, "survey_id": declaration.id}
    frames = {}
    for name, make, needed in (
        ("comparisons", comparisons, METHOD in declaration.methods),
        ("trend", trend, METHOD in declaration.methods and declaration.rates.earlier_years is not None),
    ):
        if needed:
            with declared(declaration):
                frame = make(psu_totals, declaration.population, declaration.settings).assign(**mark)
        else:
            frame = pd.DataFrame(columns=tables()[name].names)
        frames[name] = conform(name, rounded(frame))
    return frames
