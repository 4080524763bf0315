"""How checks of sums are told: the largest relative gap, and how many sums lack a part."""

from __future__ import annotations

import pandas as pd

from tasks.gates.check import Check, verdict

DECIMALS = 12
"""A gap below this is the noise of floating addition; it would differ between processors."""


def gap(check_id: str, scope: str, worst: float, tolerance: float, detail: str) -> Check:
    """Pass a relative gap that is not above the tolerance."""
    return Check("coherence", check_id, scope, round(worst, DECIMALS), tolerance, verdict(worst, tolerance), detail)


def missing(scope: str, lacking: int, detail: str) -> Check:
    """Refuse sums that lack a part."""
    return Check("coherence", "no_part_of_a_sum_is_missing", scope, lacking, 0, verdict(lacking, 0), detail)


def largest(gaps: pd.Series) -> float:
    """Return the largest gap, 0 where there is none."""
    known = gaps.dropna()
    return float(known.max()) if len(known) else 0.0
