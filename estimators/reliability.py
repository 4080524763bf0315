"""The reliability mark of a cell, from thresholds a survey declares.

Source of the default thresholds: NCHS standard for rates (CDC stacks 123462): at least ten cases and ten in
the base, a relative width of the interval of at most 160 %, eight degrees of freedom. Not here: disclosure,
which hides numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

THRESHOLDS = ("min_cases", "min_base", "max_relative_width", "min_df", "max_cv")


def reliability(cells: pd.DataFrame, thresholds: Mapping[str, float]) -> np.ndarray:
    """Mark each cell `publish`, `caution` or `suppress`.

    cells: columns estimate, cv, ci_low, ci_high, n_cases, base, df; a null count, width, cv or df is not
    judged. Suppress: no estimate, too few cases, too small a base, or too wide an interval. Caution: few
    degrees of freedom or a large coefficient of variation. Raises ValueError if a threshold is missing.
    """
    missing = [name for name in THRESHOLDS if name not in thresholds]
    if missing:
        raise ValueError(f"reliability: threshold {missing[0]} is not declared; needed are {', '.join(THRESHOLDS)}")
    estimate = cells["estimate"].to_numpy(float)
    width = (cells["ci_high"] - cells["ci_low"]).to_numpy(float)
    suppress = (
        np.isnan(estimate)
        | (cells["n_cases"].to_numpy(float) < thresholds["min_cases"])
        | (cells["base"].to_numpy(float) < thresholds["min_base"])
        | (width > thresholds["max_relative_width"] * estimate)
    )
    caution = (cells["df"].to_numpy(float) < thresholds["min_df"]) | (
        cells["cv"].to_numpy(float) > thresholds["max_cv"]
    )
    return np.where(suppress, "suppress", np.where(caution, "caution", "publish"))
