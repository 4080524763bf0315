"""Method `poisson`: the study's rate with exact Poisson limits of the cases that were observed.

Clustering is ignored, so these limits are the narrowest honest ones; they say what simple sampling error
would be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from estimators.combination import with_group
from estimators.domain_totals import SurveyTotals
from estimators.poisson_distribution import garwood
from estimators.quotients import ratio, times
from estimators.rate_cells import RateCells, rate_rows, spread
from estimators.study_rates import families, study_rates


def estimate(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return rates and totals with Garwood limits of the observed count, scaled to the rate.

    options: years, confidence, countries. The count of a cell is T (N3 / N) + S3, which may be a fraction;
    places add as counts. Without a case: 0, up to the upper limit of no case among n * years family-years.
    All countries together: limits by MOVER.
    """
    rates = study_rates(totals, options)
    rate = spread(rates.labour, rates.sexual, times(rates.labour, rates.women_share))
    cases = spread(rates.labour_cases, rates.sexual_cases, times(rates.labour_cases, rates.women_share))
    cases = np.where(np.isnan(rate), np.nan, cases)
    family_years = totals.places["n_respondents"].to_numpy(float)[:, None, None, None] * float(options["years"])
    scale = np.where(cases == 0, ratio(1000.0, family_years), ratio(rate, cases))
    low, high = garwood(cases, float(options["confidence"]))
    cells = RateCells(rate, np.sqrt(cases) * scale, low * scale, high * scale, cases)
    together, count = with_group(cells, totals, families(totals, options), limits="mover")
    return rate_rows(totals, together, count)
