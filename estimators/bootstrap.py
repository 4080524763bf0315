"""Methods `bootstrap` (Rao-Wu, PSUs redrawn within strata) and `bootstrap_poisson` (each PSU counted at random).

Draws depend on the seed and on the names of stratum and PSU alone, so neither the order of rows nor other
strata change them. Not here: the cells, and limits from a variance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from estimators import sampling_limits
from estimators.design_prepared import Prepared, prepared
from estimators.design_rows import chosen, estimate_rows
from estimators.domain_totals import SurveyTotals
from estimators.replication import (
    ReplicateSums,
    check_rule,
    check_selection,
    lonely_factor,
    percentiles,
    replicate_cells,
    spread,
)
from estimators.sampling_design import Design

LIMITS = ("percentile", *sampling_limits.COUNT_LIMITS)
PSUS_AT_A_TIME = 256
"""PSUs whose Poisson counts are held at once: 1 MB at 500 replicates."""


def estimate(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the cells of method `design` with the Rao-Wu bootstrap's variances and percentile limits.

    options: those of `design`; replicates, seed; limits: percentile (default, for shares and means too) or one
    of `design`'s rules on the bootstrap variance.
    """
    given = prepared(totals, options)
    check_rule(given.design)
    draw = partial(redrawn_sums, replicates=int(options["replicates"]), seed=int(options["seed"]))
    return _estimate(given, draw, options)


def estimate_poisson(totals: SurveyTotals, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the same from independent Poisson(1) counts of the PSUs: mergeable, and conservative.

    Replicates of parts of a survey add up to those of the whole, as a PSU's counts depend on its name alone.
    They do not hold the number of PSUs of a stratum fixed, so variances contain differences between strata
    and are too large; no finite population correction is made.
    """
    given = prepared(totals, options)
    check_selection(given.design)
    draw = partial(
        counted_sums,
        names=psu_names(totals, given.design),
        replicates=int(options["replicates"]),
        seed=int(options["seed"]),
    )
    return _estimate(given, draw, options)


def _estimate(given: Prepared, draw: ReplicateSums, options: Mapping[str, Any]) -> pd.DataFrame:
    rule = chosen(options, "limits", LIMITS)
    values, variances, lows, highs = [], [], [], []
    for value, replicates in replicate_cells(given, draw):
        values.append(value)
        variances.append(spread(replicates))
        if rule == "percentile":
            low, high = percentiles(replicates, float(options["confidence"]))
            lows.append(low)
            highs.append(high)
    own = (np.concatenate(lows), np.concatenate(highs)) if lows else None
    limited = {**options, "limits": rule if own is None else sampling_limits.COUNT_LIMITS[0]}
    variance = np.concatenate(variances) * lonely_factor(given)
    return estimate_rows(given, np.concatenate(values), variance, limited, own)


def stratum_draws(design: Design, stratum: int, replicates: int, seed: int) -> np.ndarray:
    """Return how often each PSU of a stratum is drawn when n - 1 of its n are, with replacement, (replicates, n).

    PSUs in the order of their codes. One that is alone is always drawn once.
    """
    n = int(design.drawn[stratum])
    if n == 1:
        return np.ones((replicates, 1))
    generator = np.random.default_rng(key(seed, design.names[stratum]))
    return generator.multinomial(n - 1, np.full(n, 1 / n), size=replicates).astype(float)


def redrawn_sums(
    design: Design, domain: np.ndarray, rows: np.ndarray, n_domains: int, replicates: int, seed: int
) -> np.ndarray:
    """Return sums under Rao-Wu weights, (n_replicates, n_domains, k).

    w* = w (1 - lambda + lambda n_h / m_h r), m_h = n_h - 1, lambda = sqrt(m_h (1 - f_h) / (n_h - 1)), which is
    w n_h / (n_h - 1) r without a sampled share. Drawn totals are summed as whole numbers before they are
    raised, so the result does not depend on the order of summing. Strata are drawn one after the other, so that
    memory holds the draws of one. Source: Rao, Wu and Yue (1992), Survey Methodology 18; Rao and Wu (1988), JASA 83.
    """
    sums = np.zeros((replicates, n_domains, rows.shape[1]))
    fraction = np.where(design.drawn == 1, 0.0, np.sqrt(1 - design.sampled))
    raised = fraction * design.drawn / np.maximum(design.drawn - 1, 1)
    inside = np.zeros(len(design.stratum), dtype=int)  # position of each PSU within its stratum
    by_stratum = np.argsort(design.stratum, kind="stable")
    inside[by_stratum] = np.arange(len(by_stratum)) - np.repeat(np.cumsum(design.drawn) - design.drawn, design.drawn)
    block = design.row_stratum * np.int64(n_domains) + domain
    order = np.argsort(block, kind="stable")
    counts, last = np.zeros((0, 0)), -1
    for members in np.split(order, np.flatnonzero(np.diff(block[order])) + 1):
        d, h = domain[members[0]], int(design.row_stratum[members[0]])
        if h != last:
            counts, last = stratum_draws(design, h, replicates, seed), h
        drawn = counts[:, inside[design.psu[members]]] @ rows[members]
        sums[:, d] += (1 - fraction[h]) * rows[members].sum(axis=0) + raised[h] * drawn
    return sums


def psu_names(totals: SurveyTotals, design: Design) -> np.ndarray:
    """Return country, stratum and name of each PSU in the order of the design's codes, (n_psus, 3) of text."""
    _, first = np.unique(design.psu, return_index=True)
    return np.asarray(totals.psu[["country", "stratum", "psu"]].astype("str").to_numpy()[first])


def counted_sums(
    design: Design,
    domain: np.ndarray,
    rows: np.ndarray,
    n_domains: int,
    names: np.ndarray,
    replicates: int,
    seed: int,
) -> np.ndarray:
    """Return sums of PSU totals times independent Poisson(1) counts of the PSUs, (n_replicates, n_domains, k).

    names: (n_psus, 3), each PSU's own, which its counts are keyed by. PSUs are drawn PSUS_AT_A_TIME, so that memory
    does not grow with their number; sums of whole totals are the same whatever that number is.
    """
    sums = np.zeros((replicates, n_domains, rows.shape[1]))
    order = np.lexsort((domain, design.psu))
    for first in range(0, len(names), PSUS_AT_A_TIME):
        some = names[first : first + PSUS_AT_A_TIME]
        counts = np.stack([np.random.default_rng(key(seed, *name)).poisson(1.0, size=replicates) for name in some])
        ends = np.searchsorted(design.psu[order], (first, first + len(some)))
        inside = order[slice(*ends)]
        for d in np.unique(domain[inside]):
            members = inside[domain[inside] == d]
            sums[:, d] += counts[design.psu[members] - first].T.astype(float) @ rows[members]
    return sums


def key(seed: int, *names: str) -> int:
    """Return the seed that belongs to a name, the same on every machine."""
    return int.from_bytes(hashlib.sha256("\0".join([str(seed), *names]).encode()).digest()[:8], "big")
