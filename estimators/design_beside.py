"""Degrees of freedom and design effect beside the methods that have none: what the sample says of the same cell.

The 2010 study's methods take the sample for a simple one. How far it is from one is a fact of the domain, and stands
beside their limits, as `implied_deff` does. Not here: limits, which stay the method's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from estimators import design
from estimators.domain_totals import SurveyTotals
from estimators.rate_cells import KEY

BESIDE = ("df", "deff")


def with_design_beside(rows: pd.DataFrame, totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Fill df and deff, where a row has an estimate and not these, from the design with every nation's sample pooled.

    rows: KEY and estimate, and df and deff if any method gives them. options: those of method `design`. The study's
    rates pool each nation's sample, so its variance is the pooled one. A model's rows keep their own deff, and have
    the df of the region's own estimate. Where the design gives no limits, nothing stands beside.
    """
    known = design.estimate_pooled(totals, {**options, "publish_levels": None}).set_index(KEY)
    known = known[list(BESIDE)].where(known["ci_low"].notna(), axis=0)
    at = known.index.get_indexer(pd.MultiIndex.from_frame(rows[KEY]))
    filled = {}
    for name in BESIDE:
        own = rows[name].to_numpy(float) if name in rows else np.full(len(rows), np.nan)
        beside = np.where(at >= 0, known[name].to_numpy(float)[at], np.nan)
        filled[name] = np.where(np.isnan(own) & rows["estimate"].notna().to_numpy(), beside, own)
    return rows.assign(**filled)
