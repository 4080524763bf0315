"""The grid of rate cells (exploitation x location x sex) and its layout as rows.

Lives here: how inside, abroad, both, women, men and all follow from the three numbers that are computed, and
how a rate becomes a total. Not here: where rates and limits come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from estimators.domain_totals import SurveyTotals
from estimators.quotients import ratio

EXPLOITATION = ("labour", "sexual", "all")
LOCATION = ("inside", "abroad", "both")
SEX = ("all", "women", "men")
CELL = ["exploitation", "location", "sex"]
KEY = ["level", "country", "region", "indicator", "exploitation", "location", "sex", "period"]


@dataclass(frozen=True)
class RateCells:
    """Rates per 1,000 families and year with their uncertainty.

    Each is (n_domains, 3, 3, 3): exploitation, location, sex. cases: victims of the window behind the cell.
    implied_deff: (n_domains,), or None if the method implies none.
    """

    rate: np.ndarray
    std_error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    cases: np.ndarray
    implied_deff: np.ndarray | None = None


def spread(labour: np.ndarray, sexual: np.ndarray, labour_women: np.ndarray) -> np.ndarray:
    """Fill the grid (n, 3, 3, 3) from labour, sexual and women's labour numbers, each (n, 2): inside, abroad.

    Every victim of sexual exploitation counts as a woman, as in the study; men there are null, because the
    form asks no sex. Sums are made from unrounded parts, and `both` is inside plus abroad.
    """
    grid = np.full((len(labour), 3, 3, 3), np.nan)
    men = labour - labour_women
    for exploitation, parts in enumerate(
        ((labour, labour_women, men), (sexual, sexual, None), (labour + sexual, labour_women + sexual, men))
    ):
        for sex, part in enumerate(parts):
            if part is not None:
                grid[:, exploitation, :2, sex] = part
    return with_both(grid)


def with_both(grid: np.ndarray) -> np.ndarray:
    """Return the grid with location `both` set to inside plus abroad."""
    grid = grid.copy()
    grid[:, :, 2] = grid[:, :, 0] + grid[:, :, 1]
    return grid


def rate_rows(totals: SurveyTotals, cells: RateCells, families: np.ndarray) -> pd.DataFrame:
    """Lay rates, totals (persons) and totals per 1,000 population out as rows.

    families: thousands, (n_domains,), taken as known, as the study does. Men in sexual exploitation have no row under
    any method: the form does not ask for them, so there is nothing to be missing.
    """
    population = totals.domains["population_thousands"].to_numpy(float)
    blocks = (
        ("victims_per_1000_families", "per_1000_families", np.ones(len(families))),
        ("victims", "persons", families),
        ("victims_per_1000_population", "per_1000_population", ratio(families, population)),
    )
    n_cells = len(EXPLOITATION) * len(LOCATION) * len(SEX)
    grid = dict(zip(CELL, np.array(list(product(EXPLOITATION, LOCATION, SEX)), dtype=object).T, strict=True))
    columns = {name: np.tile(values, len(blocks) * len(families)) for name, values in grid.items()}
    for name, position in (("indicator", 0), ("unit", 1)):
        columns[name] = np.repeat(np.array([block[position] for block in blocks], dtype=object), cells.rate.size)
    for name, numbers in (
        ("estimate", cells.rate), ("std_error", cells.std_error), ("ci_low", cells.low), ("ci_high", cells.high),
    ):  # fmt: skip
        columns[name] = np.concatenate([(numbers * factor[:, None, None, None]).ravel() for *_, factor in blocks])
    implied = np.full(len(families), np.nan) if cells.implied_deff is None else cells.implied_deff
    columns["n_cases"] = np.tile(cells.cases.ravel(), len(blocks))
    columns["implied_deff"] = np.tile(np.repeat(implied, n_cells), len(blocks))
    asked = np.flatnonzero((columns["exploitation"] != "sexual") | (columns["sex"] != "men"))
    domain = np.tile(np.repeat(np.arange(len(families)), n_cells), len(blocks))[asked]
    frame = domain_rows(totals, domain)
    base = frame["n_respondents"].to_numpy(float)
    told = pd.DataFrame({name: values[asked] for name, values in columns.items()})
    return pd.concat([frame, told.assign(period="annual", base=base)], axis=1)


def domain_rows(totals: SurveyTotals, domain: np.ndarray) -> pd.DataFrame:
    """Return the key, respondents and PSUs of the domain of each row; domain: (n_rows,) positions."""
    return totals.domains[["level", "country", "region", "n_respondents", "n_psu"]].take(domain).reset_index(drop=True)
