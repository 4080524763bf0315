"""Direct estimates of regions, made ready for a small-area model: rates, smoothed variances, effective counts.

Lives here: what design-based numbers a model starts from, and how models' rates are brought into line with the
nation. Not here: the models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from estimators.design_cells import VICTIMS, of_kind
from estimators.design_prepared import prepared
from estimators.domain_totals import SurveyTotals
from estimators.quotients import ratio

KEYS = tuple(VICTIMS)
ALL = ("all", "both", "all")
PARTS = tuple(
    key
    for key in KEYS
    if key[1] != "both" and ((key[0] == "labour" and key[2] != "all") or (key[0] == "sexual" and key[2] == "all"))
)
"""Cells that are nobody's sum: labour by place and sex, sexual by place. All others are sums of these."""


@dataclass(frozen=True)
class Direct:
    """Design-based numbers of one country's regions; cells are KEYS.

    country; domains: (n_regions,) positions in SurveyTotals.domains. rate, variance, cases: (n_regions,
    n_cells), per 1,000 families and year. exposure: (n_regions,) thousand family-years interviewed. families:
    (n_regions,) thousands, null where not known. share: (n_regions,) what a region counts in the nation.
    measured: (n_regions,) whether the design can tell the error of the region's rates. national_rate: (n_cells,).
    """

    country: str
    domains: np.ndarray
    rate: np.ndarray
    variance: np.ndarray
    cases: np.ndarray
    exposure: np.ndarray
    families: np.ndarray
    share: np.ndarray
    measured: np.ndarray
    national_rate: np.ndarray


def direct(totals: SurveyTotals, options: Mapping[str, Any]) -> list[Direct]:
    """Return the direct estimates of every country, by the method `design` with the same options.

    totals: with regions and nations among the wanted levels, whose domains come first.
    """
    given = prepared(totals, options)
    national, years, n = given.levels[1], given.years, len(KEYS)
    value, spread = given.linearised
    cases = given.cases_and_base[0]
    families = value[:, of_kind("turned_mean")][:, 0]
    interviews = totals.domains["n_respondents"].to_numpy(float)
    found = []
    for domain in national.domains:
        own = np.flatnonzero((totals.nation == domain) & ~totals.is_national)
        known = bool(np.isfinite(families[own]).all())
        weight = families[own] if known else interviews[own]
        found.append(
            Direct(
                country=str(totals.domains["country"].iloc[domain]),
                domains=own,
                rate=value[own, :n],
                variance=spread[own, :n],
                cases=cases[own, :n],
                exposure=interviews[own] * years / 1000,
                families=families[own],
                share=weight / weight.sum(),
                measured=np.all(given.df[own, :n] > 0, axis=1),
                national_rate=value[domain, :n],
            )
        )
    return found


def smoothed_deff(rate: np.ndarray, variance: np.ndarray, exposure: np.ndarray) -> float:
    """Return one design effect for all regions of a cell: sum of the counts' variances over sum of the counts.

    A region's own is too noisy to use. With R and V of the rate and E interviewed, the count R E has variance
    V E^2 under the design and R E under Poisson; at least 1. Source: a generalised variance function of one
    parameter, Wolter (2007), chapter 7.
    """
    seen = (rate > 0) & (variance > 0)
    if not seen.any():
        return 1.0
    poisson = (rate[seen] * exposure[seen]).sum()
    return max(1.0, float((variance[seen] * exposure[seen] ** 2).sum() / poisson))


def benchmarked(rates: np.ndarray, given: Direct) -> tuple[np.ndarray, np.ndarray]:
    """Make a model's cells add up, in every region and over regions to the nation, (n_regions, n_cells).

    rates: (n_regions, n_cells), of which the model's ALL and PARTS are used. ALL is scaled to the nation; the
    parts are raked to it in each region and to the nation's parts, so that regions keep what the model says
    of all victims together, for which it has most cases. Sums of parts then add up too. Returns rates, and
    the factor of each cell against the model's own rate. Source: Deming and Stephan (1940) for raking; Rao
    and Molina (2015), 6.4.6, for ratio benchmarks.
    """
    at, whole = [KEYS.index(key) for key in PARTS], KEYS.index(ALL)
    nation = given.national_rate[at]
    rows = given.share * rates[:, whole]
    rows = rows * ratio(nation.sum(), rows.sum()) if rows.sum() > 0 else rows
    # A part that the model puts at nothing everywhere and the nation does not starts as its share of the whole.
    start = given.share[:, None] * np.where(rates[:, at].sum(axis=0) > 0, rates[:, at], rates[:, [whole]])
    parts = raked(start, rows, nation) / given.share[:, None]
    cells = np.stack([parts[:, [is_part(part, key) for part in PARTS]].sum(axis=1) for key in KEYS], axis=1)
    return cells, np.where(rates > 0, ratio(cells, rates), 1.0)


def raked(table: np.ndarray, rows: np.ndarray, columns: np.ndarray, rounds: int = 2000) -> np.ndarray:
    """Scale a table of 0 and more to given row and column sums, which must have one total; columns are met last.

    A row without anything in it stays empty. Source: Deming and Stephan (1940).
    """
    for _ in range(rounds):
        table = table * np.nan_to_num(ratio(rows, table.sum(axis=1)))[:, None]
        off = np.abs(table.sum(axis=0) - columns).max()
        table = table * np.nan_to_num(ratio(columns, table.sum(axis=0)))
        if off <= 1e-12 * columns.sum():
            break
    return table


def is_part(part: tuple[str, str, str], key: tuple[str, str, str]) -> bool:
    """Tell whether a part belongs to a cell; every victim of sexual exploitation counts as a woman."""
    sex = "women" if part[0] == "sexual" else part[2]
    return key[0] in (part[0], "all") and key[1] in (part[1], "both") and key[2] in (sex, "all")
