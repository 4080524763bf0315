"""Variances from replicates: the sums of PSU totals under each replicate, and the spread of what they give.

Lives here: what jackknife and bootstrap share. Not here: how replicates are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from estimators.design_cells import published
from estimators.design_levels import Level, replicate_totals, row_counts, same_post_strata, women_share
from estimators.design_prepared import Prepared
from estimators.linearised import Linearised, added_up, sums_by
from estimators.sampling_design import Design

ReplicateSums = Callable[[Design, np.ndarray, np.ndarray, int], np.ndarray]
"""(design, code of each row's domain, rows (n_rows, k), n_domains) -> sums (n_replicates, n_domains, k)."""
DOMAINS_AT_ONCE = 4
"""Domains whose replicates are held at once: 2 MB at 500 replicates."""


def check_rule(design: Design) -> None:
    """Refuse what has no replicates: one rule for lonely PSUs, and PSUs drawn systematically."""
    check_selection(design)
    if design.lonely == "adjust" and design.is_lonely.any():
        raise ValueError(
            "lonely_psu: adjust centres one influence at the mean of all, which replicates cannot do; choose remove, "
            "average, collapse or certainty for jackknife and bootstrap"
        )


def check_selection(design: Design) -> None:
    """Refuse PSUs drawn systematically, whose order no replicate keeps."""
    if design.place is not None:
        raise ValueError(
            "psu_selection: systematic is for linearisation; jackknife and bootstrap take PSUs as drawn at random, "
            "which their own option says: psu_selection: random"
        )


def replicate_cells(given: Prepared, draw: ReplicateSums) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the cells of some domains, (n_some, n_cells), and of their replicates, (n_replicates, n_some, n_cells).

    Domains come in the order of given.domains, few at a time, so that memory holds the cells of few. Levels made of
    the same post-strata share one draw.
    """
    rows = np.column_stack(row_counts(given.totals))
    drawn: Level | None = None
    parts: list[Linearised] = []
    for level in given.wanted:
        if drawn is None or not same_post_strata(drawn, level):
            n = len(level.to)
            full = sums_by(level.of_row, rows, n)
            share = women_share(level, full[:, :-1], full[:, -1])
            sums = (full[None], draw(given.design, level.of_row, rows, n))
            parts = [replicate_totals(level, part[..., :-1], part[..., -1], share) for part in sums]
            drawn = level
        for first in range(0, len(level.domains), DOMAINS_AT_ONCE):
            some, posts = level.some(slice(first, first + DOMAINS_AT_ONCE))
            value, replicates = (
                published(some, added_up(part.of_domains(posts), some.to, len(some.domains)), given.years).value
                for part in parts
            )
            yield value[0], replicates


def lonely_factor(given: Prepared) -> np.ndarray:
    """Return what variances are multiplied by under the rule `average`, (n_domains, 1): H / (H - lonely)."""
    design = given.design
    if design.lonely != "average" or not design.is_lonely.any():
        return np.ones((len(given.domains), 1))
    factors = []
    for level in given.wanted:
        pairs = np.unique(level.row_domain * np.int64(len(design.drawn)) + design.row_stratum)
        owner, stratum = pairs // len(design.drawn), pairs % len(design.drawn)
        strata = np.bincount(owner, minlength=len(level.domains))
        rest = strata - np.bincount(owner, weights=design.is_lonely[stratum], minlength=len(level.domains))
        factors.append(np.where(rest > 0, strata / np.maximum(rest, 1), np.nan))
    return np.concatenate(factors)[:, None]


def spread(replicates: np.ndarray) -> np.ndarray:
    """Return the variance over replicates (axis 0) around their mean; replicates that say nothing are left out."""
    known = np.isfinite(replicates)
    count = known.sum(axis=0)
    filled = np.where(known, replicates, 0.0)
    centre = filled.sum(axis=0) / np.maximum(count, 1)
    squares = np.where(known, (filled - centre) ** 2, 0.0).sum(axis=0)
    return np.where(count > 1, squares / np.maximum(count - 1, 1), np.nan)


def percentiles(replicates: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the percentiles of replicates (axis 0) that leave equal tails; those that say nothing are left out."""
    ordered = np.sort(replicates, axis=0)  # nulls come last
    last = np.isfinite(ordered).sum(axis=0) - 1
    sides = []
    for tail in ((1 - confidence) / 2, (1 + confidence) / 2):
        place = tail * np.maximum(last, 0)
        below = np.floor(place).astype(int)
        low, high = (np.take_along_axis(ordered, at[None], axis=0)[0] for at in (below, np.ceil(place).astype(int)))
        sides.append(low + (place - below) * (high - low))
    return sides[0], sides[1]
