"""Regions, countries and all countries together, as sums of post-strata whose populations are known.

Lives here: which post-strata make which domain, and the post-stratified totals of every count. Not here:
cells made from totals, and variances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from estimators.domain_totals import PLACES, SurveyTotals
from estimators.linearised import Linearised, added_up, post_stratified, product, quotient, side_by_side, sums_by
from estimators.quotients import ratio

COUNTS = (
    "n_respondents",
    *(f"migrant_{place}" for place in (*PLACES, "both", "any")),
    *(
        name.format(place=place)
        for name in (
            "labour_{place}_any_last_3_years", "sexual_{place}_last_3_years",
            "labour_{place}_women_last_3_years", "labour_{place}_men_last_3_years",
            "labour_{place}_women", "labour_{place}_men", "sexual_{place}", "labour_{place}_any_earlier",
        )
        for place in PLACES
    ),
)  # fmt: skip
WOMEN = tuple(f"women_{place}" for place in PLACES)
PARTS = (*COUNTS, *WOMEN)
"""What post-stratified totals are made of: the counts, and women among the labour victims of the window."""
COMBINATIONS = ("post_stratified", "pooled")
CALIBRATIONS = ("regions", "published")


@dataclass(frozen=True)
class Level:
    """The domains of one level as sums of post-strata.

    domains: (n_domains,) their positions in SurveyTotals.domains. of_row: (n_rows,) post-stratum of each PSU
    row. to: (n_post_strata,) domain of each post-stratum, counted within the level, and nation: its country.
    population: thousands, (n_post_strata,), 1 where not known. known: (n_domains,) whether all populations of
    a domain are known.
    """

    domains: np.ndarray
    of_row: np.ndarray
    to: np.ndarray
    nation: np.ndarray
    population: np.ndarray
    known: np.ndarray

    @property
    def row_domain(self) -> np.ndarray:
        """Return the domain of each PSU row, counted within the level."""
        return self.to[self.of_row]

    @property
    def domain_population(self) -> np.ndarray:
        """Return thousands of people in each domain, null where not known."""
        whole = np.bincount(self.to, weights=self.population, minlength=len(self.domains))
        return np.where(self.known, whole, np.nan)

    def some(self, chosen: slice) -> tuple[Level, np.ndarray]:
        """Return the level with some of its domains and no rows, and the positions of the post-strata it keeps."""
        wanted = np.arange(len(self.domains))[chosen]
        posts = np.flatnonzero(np.isin(self.to, wanted))
        part = Level(
            domains=self.domains[wanted],
            of_row=np.zeros(0, int),
            to=self.to[posts] - wanted[0],
            nation=self.nation[posts],
            population=self.population[posts],
            known=self.known[wanted],
        )
        return part, posts


def levels(totals: SurveyTotals, options: Mapping[str, Any]) -> list[Level]:
    """Lay out the regional, the national and the group level, in the order of totals.domains.

    options: `combination`, post_stratified (default: nations are the sums of their regions) or pooled (each
    nation is one post-stratum with the nation's population). A country with a region of unknown population,
    or with nobody in one, is pooled in either case. `calibrate_nations`: regions (default: a nation stands for the
    people of its surveyed regions) or published (for those of its own row in the populations; regions stay).
    """
    combination = options.get("combination", COMBINATIONS[0])
    if combination not in COMBINATIONS:
        raise ValueError(f'combination: "{combination}" is not known; known are {", ".join(COMBINATIONS)}')
    domains = totals.domains
    population = domains["population_thousands"].to_numpy(float)
    usable = np.isfinite(population) & (domains["relatives"].to_numpy() > 0)
    n_regions, n_places = int((~totals.is_national).sum()), len(totals.nation)
    key = {place: i for i, place in enumerate(zip(domains["country"], domains["region"], strict=True)) if i < n_regions}
    region_of_row = np.array([key[place] for place in zip(totals.psu["country"], totals.psu["region"], strict=True)])
    nation = totals.nation[:n_regions]
    complete = np.bincount(nation, weights=~usable[:n_regions], minlength=n_places) == 0
    apart = complete[nation] & (combination == COMBINATIONS[0])
    post, positions = np.unique(np.where(apart, np.arange(n_regions), nation), return_inverse=True)
    post_nation = totals.nation[post] - n_regions
    known = np.isfinite(population[post])
    filled = np.where(known, population[post], 1.0)
    n_nations = n_places - n_regions
    nation_known = np.bincount(post_nation, weights=~known, minlength=n_nations) == 0
    filled = filled * _calibration(population[n_regions:n_places], filled, post_nation, options)[post_nation]
    return [
        Level(
            domains=np.arange(n_regions),
            of_row=region_of_row,
            to=np.arange(n_regions),
            nation=nation - n_regions,
            population=np.where(np.isfinite(population[:n_regions]), population[:n_regions], 1.0),
            known=np.isfinite(population[:n_regions]),
        ),
        Level(np.arange(n_regions, n_places), positions[region_of_row], post_nation, post_nation, filled, nation_known),
        Level(
            domains=np.array([n_places]),
            of_row=positions[region_of_row],
            to=np.zeros(len(post), int),
            nation=post_nation,
            population=filled,
            known=nation_known.all()[None],
        ),
    ]


def _calibration(
    published: np.ndarray, population: np.ndarray, nation: np.ndarray, options: Mapping[str, Any]
) -> np.ndarray:
    """Return what a nation's post-strata are multiplied by, (n_nations,); 1 where its own population is not known."""
    wanted = options.get("calibrate_nations", CALIBRATIONS[0])
    if wanted not in CALIBRATIONS:
        raise ValueError(f'calibrate_nations: "{wanted}" is not known; known are {", ".join(CALIBRATIONS)}')
    if wanted == CALIBRATIONS[0]:
        return np.ones(len(published))
    stands = np.bincount(nation, weights=population, minlength=len(published))
    return np.where(np.isfinite(published), published / stands, 1.0)


def neighbours(laid_out: Sequence[Level]) -> np.ndarray:
    """Return codes of the domains that lend each other a design effect for limits, in the order of totals.domains.

    laid_out: as `levels` gives them. The regions of one country lend to each other; a nation, and all countries
    together, rest on their own: countries differ in how their cases cluster, and one must not move another.
    """
    regional, national, group = laid_out
    n = len(national.domains)
    alone = n + np.arange(n + len(group.domains))
    return np.concatenate([regional.nation, alone])


def same_post_strata(one: Level, other: Level) -> bool:
    """Tell whether two levels are made of the same post-strata."""
    pairs = ((one.of_row, other.of_row), (one.population, other.population), (one.nation, other.nation))
    return all(np.array_equal(a, b) for a, b in pairs)


def row_weights(totals: SurveyTotals) -> np.ndarray:
    """Return the sampling weight of each PSU's families, 1 where the survey has none, (n_rows,)."""
    if "weight" not in totals.psu:
        return np.ones(len(totals.psu))
    return totals.psu["weight"].to_numpy(float)


def row_counts(totals: SurveyTotals) -> tuple[np.ndarray, np.ndarray]:
    """Return weighted counts (n_rows, k) in the order of COUNTS, and weighted relatives (n_rows,)."""
    weight = row_weights(totals)
    return totals.psu[list(COUNTS)].to_numpy(float) * weight[:, None], totals.psu["relatives"].to_numpy(float) * weight


def level_totals(level: Level, rows: np.ndarray, relatives: np.ndarray) -> Linearised:
    """Estimate the total of each part (PARTS, in thousands) in each domain of a level, with influences.

    rows, relatives: as row_counts gives them.
    """
    n = len(level.to)
    sums, base = sums_by(level.of_row, rows, n), sums_by(level.of_row, relatives, n)
    counts = post_stratified(sums, base, level.population, rows, relatives, level.of_row)
    return added_up(with_women(counts, women_share(level, sums, base)), level.to, len(level.domains))


def replicate_totals(level: Level, sums: np.ndarray, base: np.ndarray, share: np.ndarray) -> Linearised:
    """Estimate the same totals from the sums of replicates, for the post-strata of a level.

    sums, base: (n_replicates, n_post_strata, k) and (n_replicates, n_post_strata), of counts and of relatives.
    share: (n_post_strata, 2) women's share in the whole sample, for a replicate without a case whose sex is known.
    """
    nobody = np.zeros((0, sums.shape[-1])), np.zeros(0)
    return with_women(post_stratified(sums, base, level.population, *nobody, level.of_row), share)


def sample_counts(level: Level, totals: SurveyTotals) -> np.ndarray:
    """Return the unweighted parts (PARTS) behind each domain, (n_domains, k); women may be a fraction."""
    sums = sums_by(level.of_row, totals.psu[list(COUNTS)].to_numpy(float), len(level.to))
    base = sums_by(level.of_row, totals.psu["relatives"].to_numpy(float), len(level.to))
    counts = Linearised(sums, None, level.of_row)
    return added_up(with_women(counts, women_share(level, sums, base)), level.to, len(level.domains)).value


def women_share(level: Level, sums: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Return women over women and men of the window, inside and abroad, (n_post_strata, 2).

    sums, base: (n_post_strata, k) counts and (n_post_strata,) relatives. A post-stratum whose cases all lack the
    sex takes the share of its country, which then counts as known.
    """
    women, men = sums[:, _columns("women")], sums[:, _columns("men")]
    scale = np.nan_to_num(ratio(level.population, base))[:, None]
    n = int(level.nation.max()) + 1
    together = [sums_by(level.nation, scale * part, n)[level.nation] for part in (women, women + men)]
    return np.where(women + men > 0, ratio(women, women + men), ratio(*together))


def with_women(counts: Linearised, fallback: np.ndarray) -> Linearised:
    """Append women among labour victims: all of them times women / (women + men), linearised as a product."""
    women, men = counts[_columns("women")], counts[_columns("men")]
    both = Linearised(women.value + men.value, _sum(women.influence, men.influence), women.domain)
    share = quotient(women, both)
    value = np.where(np.isnan(share.value), fallback, share.value)
    part = None if share.influence is None else np.nan_to_num(share.influence)
    split = product(counts[_columns("any")], Linearised(value, part, share.domain))
    return side_by_side(counts, split)


def _columns(what: str) -> list[int]:
    """Return the positions of labour victims of the window, inside and abroad: any, women or men."""
    return [COUNTS.index(f"labour_{place}_{what}_last_3_years") for place in PLACES]


def _sum(a: np.ndarray | None, b: np.ndarray | None) -> np.ndarray | None:
    return None if a is None or b is None else a + b
