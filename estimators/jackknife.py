"""Method `jackknife`: JKn, one PSU left out at a time and the others of its stratum raised, on PSU totals.

Not here: the cells, and limits from a variance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from estimators.design_prepared import prepared
from estimators.design_rows import estimate_rows
from estimators.domain_totals import SurveyTotals
from estimators.linearised import sums_by
from estimators.replication import check_rule, lonely_factor, replicate_cells
from estimators.sampling_design import Design

CENTRES = ("estimate", "replicates")


def estimate(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the cells of method `design` with jackknife variances.

    options: those of `design`, and centre: estimate (default) or replicates (the mean of all of them). Limits
    by the same rules as `design`.
    """
    centre = options.get("centre", CENTRES[0])
    if centre not in CENTRES:
        raise ValueError(f'centre: "{centre}" is not known; known are {", ".join(CENTRES)}')
    given = prepared(totals, options)
    check_rule(given.design)
    values, variances = [], []
    for value, replicates in replicate_cells(given, deleted_sums):
        values.append(value)
        variances.append(variance(given.design, replicates, value if centre == "estimate" else None))
    return estimate_rows(given, np.concatenate(values), np.concatenate(variances) * lonely_factor(given), options)


def deleted_sums(design: Design, domain: np.ndarray, rows: np.ndarray, n_domains: int) -> np.ndarray:
    """Return the sums of every domain with each PSU left out in turn, (n_psus, n_domains, k).

    The stratum's other PSUs are raised by g = n_h / (n_h - 1): T_d + (g - 1) T_dh - g t_di. A PSU that is
    alone in its stratum is not left out.
    """
    n_strata = len(design.drawn)
    whole = sums_by(domain, rows, n_domains)
    in_stratum = sums_by(design.row_stratum * np.int64(n_domains) + domain, rows, n_strata * n_domains)
    in_stratum = in_stratum.reshape(n_strata, n_domains, rows.shape[1])
    alone = design.drawn == 1
    g = np.where(alone, 0.0, design.drawn / np.maximum(design.drawn - 1, 1))
    raised = np.where(alone, 0.0, g - 1)
    sums: np.ndarray = whole + (raised[:, None, None] * in_stratum)[design.stratum]
    np.subtract.at(sums, (design.psu, domain), g[design.row_stratum, None] * rows)
    return sums


def variance(design: Design, replicates: np.ndarray, centre: np.ndarray | None) -> np.ndarray:
    """Return sum_h (1 - f_h) (n_h - 1) / n_h sum_i (R_(hi) - centre)^2 over replicates (n_psus, n_domains, n_cells).

    centre: the estimate, or None for the mean of all replicates (the default of R's survey). Source: Wolter
    (2007), Introduction to Variance Estimation, 4.5.
    """
    middle = replicates.mean(axis=0) if centre is None else centre
    weight = ((1 - design.sampled) * (design.drawn - 1) / design.drawn)[design.stratum]
    return np.einsum("i,idc->dc", weight, (replicates - middle) ** 2)
