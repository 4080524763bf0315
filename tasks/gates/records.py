"""What must add up among indicators of records: codes that share out a base, regions that make a nation."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from schemas.declaration import Declaration
from tasks.gates.check import Check, verdict

EVERYWHERE = "all indicators"
SUMS = ("tally", "total")


def codes_add_up(indicators: pd.DataFrame) -> Iterator[Check]:
    """Codes that share out a base have as many records together as the base, unless some are left out by design."""
    additive = indicators[(indicators["additive"] == "yes") & indicators["numerator"].notna()]
    above = 0
    for _, rows in additive.groupby("topic", sort=True):
        above += int(rows["numerator"].sum() > rows["base"].max())
    detail = f"{additive['topic'].nunique():,} questions, {above:,} of them with more answers than records"
    yield Check("coherence", "answers_do_not_exceed_records", EVERYWHERE, above, 0, verdict(above, 0), detail)


def tallies_add_up(cells: pd.DataFrame, indicators: pd.DataFrame, declaration: Declaration) -> Iterator[Check]:
    """Sums of regions do not exceed the nation's; records without a region are the difference."""
    sums = set(indicators.loc[indicators["kind"].isin(SUMS), "indicator"])
    rows = cells[cells["indicator"].isin(sums)]
    key = ["country", "indicator", "exploitation", "location", "sex", "period"]
    regional = rows[rows["level"] == "regional"].groupby(key)["estimate"].sum()
    national = rows[rows["level"] == "national"].set_index(key)["estimate"]
    gap = (regional - national.reindex(regional.index).fillna(0)).clip(lower=0)
    worst = float(gap.max()) if len(gap) else 0.0
    detail = f"{len(gap):,} sums of regions against the nation, in {len(declaration.countries)} countries"
    yield Check("coherence", "regions_do_not_exceed_the_nation", EVERYWHERE, worst, 1e-9, verdict(worst, 1e-9), detail)
