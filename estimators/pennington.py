"""Method `pennington`: the 2010 study's rule, its limits included, to the last printed digit.

The rule treats the rate per 1,000 families as a count seen once, whatever the sample: its limits are those of
a survey with a design effect of n * years / 1000, which is published beside them as implied_deff. Source:
Pennington et al. (2008), as applied in the study; docs/methods.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from estimators.combination import with_group
from estimators.composition import composition_rows
from estimators.domain_totals import SurveyTotals
from estimators.poisson_distribution import coverage_limits, garwood
from estimators.quotients import times
from estimators.rate_cells import RateCells, rate_rows, spread, with_both
from estimators.study_rates import families, study_rates


def estimate(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return rates, totals, family sizes and shares with the study's limits.

    options: years, confidence, cdf_decimals, countries. Standard error sqrt(rate), which is what the limits
    assume. Limits of `both` places and of all countries together are plain sums of limits, as printed.
    """
    rates = study_rates(totals, options)
    rate = spread(rates.labour, rates.sexual, times(rates.labour, rates.women_share))
    cases = spread(rates.labour_cases, rates.sexual_cases, times(rates.labour_cases, rates.women_share))
    low, high = rate_limits(rate, float(options["confidence"]), int(options["cdf_decimals"]))
    cells = RateCells(
        rate,
        np.sqrt(rate),
        with_both(low),
        with_both(high),
        cases,
        implied_deff(totals, float(options["years"])),
    )
    together, count = with_group(cells, totals, families(totals, options), limits="sum")
    return pd.concat([rate_rows(totals, together, count), composition_rows(totals, options)], ignore_index=True)


def rate_limits(rate: np.ndarray, confidence: float, decimals: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the coverage rule's integer limits of rates per 1,000 families; exact where the rate is 0."""
    low, high = coverage_limits(rate, confidence, decimals)
    return low, np.where(rate == 0, garwood(np.zeros(1), confidence)[1], high)


def implied_deff(totals: SurveyTotals, years: float) -> np.ndarray:
    """Return the design effect that limits of a count among 1,000 family-years assume, (n_places,)."""
    return totals.places["n_respondents"].to_numpy(float) * years / 1000
