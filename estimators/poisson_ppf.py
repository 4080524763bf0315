"""Method `poisson_ppf`: the study's rate with textbook Poisson quantiles of the rate per 1,000 families.

It is what the study says it did; eight of its twenty printed limits are one unit lower (docs/methods.md).
Same scale warning as `pennington`: the rate is treated as a count seen in 1,000 families, whatever the
sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from estimators.combination import with_group
from estimators.domain_totals import SurveyTotals
from estimators.pennington import implied_deff
from estimators.poisson_distribution import garwood, quantiles
from estimators.quotients import times
from estimators.rate_cells import RateCells, rate_rows, spread
from estimators.study_rates import families, study_rates


def estimate(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return rates and totals with Poisson quantiles of the rate as limits.

    options: years, confidence, countries. Places add as Poisson rates; all countries together by MOVER.
    """
    confidence = float(options["confidence"])
    rates = study_rates(totals, options)
    rate = spread(rates.labour, rates.sexual, times(rates.labour, rates.women_share))
    cases = spread(rates.labour_cases, rates.sexual_cases, times(rates.labour_cases, rates.women_share))
    low = quantiles(rate, (1 - confidence) / 2)
    high = np.where(rate == 0, garwood(np.zeros(1), confidence)[1], quantiles(rate, (1 + confidence) / 2))
    cells = RateCells(rate, np.sqrt(rate), low, high, cases, implied_deff(totals, float(options["years"])))
    together, count = with_group(cells, totals, families(totals, options), limits="mover")
    return rate_rows(totals, together, count)
