"""What is surveyed and how: strata, PSUs, sampled shares, weights, true rates and true design effects.

Lives here: everything that is known before a family is drawn. All of it is invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from samples.synthetic.clustering import Clustering, FamilySizes, clustering_for

if TYPE_CHECKING:
    import pandas as pd

COUNTRIES, REGIONS_OF_COUNTRY, STRATA_OF_REGION = 5, 5, 2
FAMILIES_OF_PSU = 12
RATE = 0.01
"""Victims of any kind per relative, before the differences between places."""
COUNTRY_LEVEL = np.array([1.0, 0.8, 2.6, 1.4, 1.7])
STRATUM_LEVEL = np.array([0.8, 1.2])
WEIGHT_SPREAD = 0.15
WEIGHT_STEP = 1 / 64
"""Weights are multiples of it, so that weighted sums are exact and do not depend on the order of rows."""

PLACES, WINDOWS = {"inside": 0.26, "abroad": 0.74}, {"last_3_years": 0.59, "earlier": 0.41}
KINDS = {"labour_{}_women": 0.26, "labour_{}_men": 0.47, "sexual_{}": 0.27}
SHARES = {
    f"{kind.format(place)}_{window}": KINDS[kind] * PLACES[place] * WINDOWS[window]
    for kind, place, window in product(KINDS, PLACES, WINDOWS)
}
"""Share of each of the twelve counts in all victims; with the four totals of labour they make the sixteen COUNTS."""
TOTALS = tuple(f"labour_{place}_total_{window}" for place, window in product(PLACES, WINDOWS))
COUNTS = (*SHARES, *TOTALS)


def share_of(count: str) -> float:
    """Return the share of one of COUNTS in all victims."""
    if count in SHARES:
        return SHARES[count]
    return sum(SHARES[count.replace("_total_", f"_{sex}_")] for sex in ("women", "men"))


@dataclass(frozen=True)
class Plan:
    """One survey before it is drawn.

    rows: families. seed: of every draw. design_effect: of the rate of all victims, within every stratum.
    country, region: (n_strata,) codes from 1. drawn, frame: (n_strata,) PSUs in the sample and in all. rate:
    (n_strata,) victims per relative.
    """

    rows: int
    seed: int
    design_effect: float
    country: np.ndarray
    region: np.ndarray
    drawn: np.ndarray
    frame: np.ndarray
    rate: np.ndarray
    sizes: FamilySizes = field(default_factory=FamilySizes)

    @property
    def weight_spread(self) -> float:
        """Return the standard deviation of the log weights of a stratum's PSUs; none where the design effect is 1."""
        return min(WEIGHT_SPREAD, float(np.sqrt(np.log(self.design_effect))))

    @property
    def base_weight(self) -> np.ndarray:
        """Return families that one interview stands for, (n_strata,), before PSUs differ."""
        return self.frame / self.drawn * 100

    @property
    def families(self) -> np.ndarray:
        """Return families interviewed per PSU, (n_psus,): twelve, and one more in the first ones up to `rows`."""
        n_psus = int(self.drawn.sum())
        base, more = divmod(self.rows, n_psus)
        return base + (np.arange(n_psus) < more)

    @property
    def clustering(self) -> Clustering:
        """Return the variances behind the design effect, (n_strata,); unequal weights are part of it."""
        own = self.design_effect / np.exp(self.weight_spread**2)
        return clustering_for(own, self.rate, self.rows / self.drawn.sum(), self.sizes)

    def truth(self) -> pd.DataFrame:
        """Return true victims per relative: rows per level (stratum, region, country), area and count."""
        import pandas as pd

        people = self.base_weight * self.drawn
        strata = pd.DataFrame(
            {"country": self.country, "region": self.region, "stratum": np.arange(1, len(self.rate) + 1)}
        ).assign(people=people, victims=people * self.rate)
        parts = []
        for level in ("stratum", "region", "country"):
            sums = strata.groupby(level)[["people", "victims"]].sum()
            rate = (sums["victims"] / sums["people"]).rename("rate").rename_axis("area").reset_index()
            parts.append(rate.assign(level=level))
        areas = pd.concat(parts, ignore_index=True)[["level", "area", "rate"]]
        shares = pd.DataFrame({"count": COUNTS, "share": [share_of(count) for count in COUNTS]})
        truth = areas.merge(shares, how="cross")
        return truth.assign(rate=truth["rate"] * truth["share"])[["level", "area", "count", "rate"]]

    def true_design_effect(self, count: str) -> np.ndarray:
        """Return the design effect of one count's rate in each stratum, (n_strata,)."""
        families = self.rows / self.drawn.sum()
        own = self.clustering.design_effect(share_of(count) * self.rate, families, self.sizes)
        return np.asarray(own * np.exp(self.weight_spread**2))


def plan_of(rows: int, design_effect: float = 5.0, seed: int = 2009) -> Plan:
    """Plan a survey of 5 countries, 25 regions and 50 strata (a region's towns and villages).

    rows: at least 1,200, so that every stratum has two PSUs of twelve families. Raises ValueError below that.
    """
    strata = COUNTRIES * REGIONS_OF_COUNTRY * STRATA_OF_REGION
    if rows < strata * 2 * FAMILIES_OF_PSU:
        raise ValueError(f"{rows} families do not fill two PSUs in each of {strata} strata; ask for 1,200 or more")
    generator = np.random.default_rng([seed, 0])
    share = generator.uniform(0.6, 1.4, strata)
    drawn = 2 + np.floor((rows // FAMILIES_OF_PSU - 2 * strata) * share / share.sum()).astype(np.int64)
    region = np.repeat(np.arange(COUNTRIES * REGIONS_OF_COUNTRY), STRATA_OF_REGION)
    country = region // REGIONS_OF_COUNTRY
    region_level = generator.uniform(0.6, 1.6, COUNTRIES * REGIONS_OF_COUNTRY)
    return Plan(
        rows=rows,
        seed=seed,
        design_effect=design_effect,
        country=country + 1,
        region=region + 1,
        drawn=drawn,
        frame=np.floor(drawn * generator.uniform(5, 40, strata)).astype(np.int64),
        rate=RATE * COUNTRY_LEVEL[country] * region_level[region] * np.tile(STRATUM_LEVEL, len(region) // 2),
    )
