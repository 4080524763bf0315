"""Method `design`: Taylor linearisation under strata, PSUs and weights, with effective-count limits.

Limits of rates and totals rest on a design effect that neighbours steady (`design_effect`): regions those of their
country; nations, and all countries together, on their own. `limits: garwood_own` takes the domain's own everywhere.

Nations are the population-weighted combination of their regions. `design_pooled` pools each nation's sample
instead; `design_log_t` and `design_wald` have other limits. Not here: the algebra, the design, the cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from estimators.design_prepared import prepared
from estimators.design_rows import estimate_rows
from estimators.domain_totals import SurveyTotals


def estimate(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return rates, totals, means and shares of every domain with design-based errors.

    options: years, confidence; lonely_psu, collapse, frame_psus (see `sampling_design`); combination (see
    `levels`); limits (garwood_effective, garwood_own, log_t, wald) and share_limits (korn_graubard, logit_t,
    wald); publish_levels (default all of regional, national, group). Raises LonelyPsu if a stratum has one PSU and no
    rule for it was chosen.
    """
    given = prepared(totals, options)
    return estimate_rows(given, *given.linearised, options)


def estimate_pooled(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the same with each nation's sample pooled, as if it were spread over the regions like the people."""
    return estimate(totals, {"combination": "pooled", **options})


def estimate_log_t(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the same with limits R exp(-+ t CV), and logit limits of shares."""
    return estimate(totals, {"limits": "log_t", "share_limits": "logit_t", **options})


def estimate_wald(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the same with limits R -+ t SE."""
    return estimate(totals, {"limits": "wald", "share_limits": "wald", **options})
