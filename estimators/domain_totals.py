"""PSU totals summed to the domains of publication: regions, countries, and all countries together.

Lives here: the sums every estimator starts from, and the populations that belong to them. Not here: any rate
or share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

PLACES = ("inside", "abroad")
KEY = ("country", "region", "stratum", "psu")
LEVELS = ("regional", "national", "group")

COUNT_COLUMNS: tuple[str, ...] = (
    "n_respondents", "n_urban", "relatives", "relatives_raw", "relatives_squared",
    "migrant_inside", "migrant_abroad", "migrant_both", "migrant_any",
    *(
        sums.format(place=place)
        for place in PLACES
        for sums in (
            "labour_{place}_women", "labour_{place}_women_last_3_years",
            "labour_{place}_men", "labour_{place}_men_last_3_years",
            "labour_{place}_total", "labour_{place}_total_last_3_years", "labour_{place}_families",
            "labour_{place}_any_last_3_years", "labour_{place}_any_earlier",
            "sexual_{place}", "sexual_{place}_last_3_years", "sexual_{place}_families",
            "any_{place}_families",
        )
    ),
    "labour_both_families", "labour_any_families",
    "sexual_both_families", "sexual_any_families", "any_families",
)  # fmt: skip


@dataclass(frozen=True)
class SurveyTotals:
    """One survey, reduced to integer sums.

    psu: one row per country, region, stratum and PSU, sorted by them; or, with a column family, one per PSU and kind of
    family: families of a PSU who gave the same answers. domains: one row per region, then one per country (columns
    level, country, region, n_psu, population_thousands and the sums), then one for all countries together, whose
    country and region are null. nation: for each regional or national row, the position of its country's row. levels:
    those whose cells are wanted. prepared: what methods with the same rules share (`design_prepared`).
    """

    psu: pd.DataFrame
    domains: pd.DataFrame
    nation: np.ndarray
    levels: tuple[str, ...] = LEVELS
    prepared: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def places(self) -> pd.DataFrame:
        """Return the regional and national rows, in the order of `nation`."""
        return self.domains.iloc[:-1]

    @property
    def is_national(self) -> np.ndarray:
        """Tell which rows of `places` are countries."""
        return self.nation == np.arange(len(self.nation))

    def by_place(self, pattern: str) -> np.ndarray:
        """Return one sum inside and abroad, (n_places, 2); `{place}` in the pattern stands for the place."""
        return self.domains[[pattern.format(place=place) for place in PLACES]].to_numpy(float)[:-1]


def survey_totals(psu_totals: pd.DataFrame, population: pd.DataFrame, levels: tuple[str, ...] = LEVELS) -> SurveyTotals:
    """Sum the PSU totals of one survey to its domains and attach populations in thousand persons.

    population: columns country, region (null for the nation), population_thousands; a domain without a row
    gets null. levels: those whose cells are wanted. Raises ValueError if sums are missing, several surveys are mixed, a
    PSU comes twice, or there is no row at all.
    """
    psu = _checked(psu_totals)
    country, region = (psu[name].to_numpy(object) for name in ("country", "region"))
    new_country = np.append(True, country[1:] != country[:-1])
    first = np.flatnonzero(new_country | np.append(True, region[1:] != region[:-1]))
    new_psu = ~psu.duplicated(list(KEY)).to_numpy()
    sums = np.column_stack([new_psu.astype(np.int64), psu[list(COUNT_COLUMNS)].to_numpy(np.int64)])
    regional = np.add.reduceat(sums, first)
    nations = np.flatnonzero(new_country[first])
    national = np.add.reduceat(regional, nations)
    sizes = dict(zip(LEVELS, (len(regional), len(national), 1), strict=True))
    domains = pd.DataFrame(np.vstack([regional, national, national.sum(axis=0)]), columns=["n_psu", *COUNT_COLUMNS])
    domains.insert(0, "region", np.append(region[first], [None] * (len(national) + 1)))
    domains.insert(0, "country", np.concatenate([country[first], country[first][nations], [None]]))
    domains.insert(0, "level", np.repeat(np.array(list(sizes), dtype=object), list(sizes.values())))
    domains["population_thousands"] = _populations(domains, population)
    of_region = len(regional) + np.cumsum(new_country[first]) - 1
    nation = np.concatenate([of_region, len(regional) + np.arange(len(national))])
    return SurveyTotals(psu=psu, domains=domains, nation=nation, levels=levels)


def _checked(psu_totals: pd.DataFrame) -> pd.DataFrame:
    """Sort the PSU rows and make their sums integers, or say what is wrong with them."""
    missing = [column for column in COUNT_COLUMNS if column not in psu_totals]
    if missing:
        raise ValueError(f"psu_totals lacks {len(missing)} of {len(COUNT_COLUMNS)} sums: {', '.join(missing)}")
    if psu_totals.empty:
        raise ValueError("psu_totals has no row: there is no accepted interview to estimate from")
    if "survey_id" in psu_totals and psu_totals["survey_id"].nunique() > 1:
        found = ", ".join(sorted(psu_totals["survey_id"].unique()))
        raise ValueError(f"psu_totals mixes surveys ({found}); estimate one survey at a time")
    key = [name for name in (*KEY, "family") if name in psu_totals]
    twice = psu_totals.duplicated(key)
    if twice.any():
        raise ValueError(f"psu_totals has a PSU twice: {psu_totals.loc[twice, key].iloc[0].to_dict()}")
    psu = psu_totals.sort_values(key, kind="stable", ignore_index=True)
    return psu.astype({name: "int64" for name in COUNT_COLUMNS if psu[name].dtype != "int64"})


def _populations(domains: pd.DataFrame, population: pd.DataFrame) -> np.ndarray:
    """Look the population of every domain up; all countries together have one only if each country has."""
    keys = zip(population["country"], population["region"].fillna(""), strict=True)
    known = dict(zip(keys, population["population_thousands"].astype(float), strict=True))
    places = zip(domains["country"].iloc[:-1], domains["region"].iloc[:-1].fillna(""), strict=True)
    values = np.array([known.get(place, np.nan) for place in places])
    national = (domains["level"].iloc[:-1] == "national").to_numpy()
    return np.append(values, values[national].sum())
