"""The cells that the design methods publish, as functions of estimated totals.

Lives here: which totals make which rate, total, mean or share, and the rows. Not here: variances and limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from estimators.composition import share_cells
from estimators.design_levels import PARTS, Level
from estimators.domain_totals import PLACES, SurveyTotals
from estimators.linearised import Linearised, quotient, side_by_side, signed_sums
from estimators.quotients import ratio
from estimators.rate_cells import KEY, domain_rows

UNCERTAINTY = ("std_error", "ci_low", "ci_high")
INDICATORS = {
    "victims_per_1000_families": "per_1000_families",
    "victims": "persons",
    "victims_per_1000_population": "per_1000_population",
    "family_size": "persons_per_family",
    "families": "thousand_families",
    "share": "share",
}


@dataclass(frozen=True)
class Cell:
    """One published cell: its key, its kind (count, mean, turned_mean or share) and its unit."""

    indicator: str
    exploitation: str
    location: str
    sex: str
    period: str
    kind: str
    unit: str


def victim_sums() -> dict[tuple[str, str, str], tuple[list[int], list[int]]]:
    """Return the parts that each (exploitation, location, sex) adds and takes away.

    Men are all less women, so that the two always add up. Every victim of sexual exploitation counts as a
    woman, as in the 2010 study; the form asks no sex there, so men have no cell.
    """
    cells: dict[tuple[str, str, str], tuple[list[int], list[int]]] = {}
    for location in (*PLACES, "both"):
        places = PLACES if location == "both" else (location,)
        labour = [PARTS.index(f"labour_{place}_any_last_3_years") for place in places]
        sexual = [PARTS.index(f"sexual_{place}_last_3_years") for place in places]
        women = [PARTS.index(f"women_{place}") for place in places]
        cells |= {
            ("labour", location, "all"): (labour, []),
            ("labour", location, "women"): (women, []),
            ("labour", location, "men"): (labour, women),
            ("sexual", location, "all"): (sexual, []),
            ("sexual", location, "women"): (sexual, []),
            ("all", location, "all"): (labour + sexual, []),
            ("all", location, "women"): (women + sexual, []),
            ("all", location, "men"): (labour, women),
        }
    return cells


def shares() -> list[tuple[tuple[str, ...], tuple[list[int], list[int]], tuple[list[int], list[int]]]]:
    """List shares: key, and the parts above and below the line; the window's women are added to the study's shares."""
    listed = share_cells()
    for location in (*PLACES, "both"):
        places = PLACES if location == "both" else (location,)
        women = [f"labour_{place}_women_last_3_years" for place in places]
        men = [f"labour_{place}_men_last_3_years" for place in places]
        listed.append((("share_women", "labour", location, "women", "last_3_years"), women, women + men))
    return [(key, ([PARTS.index(n) for n in up], []), ([PARTS.index(n) for n in low], [])) for key, up, low in listed]


VICTIMS = victim_sums()
SHARES = shares()


def cells() -> list[Cell]:
    """List every published cell, in the order of `published`."""
    listed = [
        Cell(indicator, *key, "annual", "count", INDICATORS[indicator])
        for indicator in list(INDICATORS)[:3]
        for key in VICTIMS
    ]
    listed += [
        Cell("family_size", "all", "all", "all", "survey", "mean", INDICATORS["family_size"]),
        Cell("families", "all", "all", "all", "survey", "turned_mean", INDICATORS["families"]),
    ]
    named = [dict(zip(KEY[3:], key, strict=True)) for key, _, _ in SHARES]
    return listed + [Cell(**key, kind="share", unit=INDICATORS["share"]) for key in named]


CELLS = cells()


def victims(parts: Linearised) -> Linearised:
    """Make the grid of victims in the window from the parts, (..., len(VICTIMS))."""
    return signed_sums(parts, list(VICTIMS.values()))


def published(level: Level, totals: Linearised, years: float) -> Linearised:
    """Make every published cell from the totals (PARTS, thousands) of a level's domains.

    The rate per 1,000 families is victims over families, both estimated; family size is the population over
    families. A domain without a known population has rates and shares, and null elsewhere.
    """
    population = level.domain_population
    families, yearly = totals[[0]], victims(totals).scaled(1000 / years)
    known = np.where(level.known, 1.0, np.nan)
    sizes = Linearised(families.value * 0 + _any_population(level)[:, None], _zero(families), families.domain)
    above = signed_sums(totals, [up for _, up, _ in SHARES])
    below = signed_sums(totals, [low for _, _, low in SHARES])
    return side_by_side(
        quotient(yearly, families),
        yearly.scaled(known),
        yearly.scaled(ratio(1.0, population)),
        quotient(sizes, families),
        families.scaled(known),
        quotient(above, below),
    )


def one_case(level: Level, n: np.ndarray, relatives: np.ndarray, years: float) -> np.ndarray:
    """Return what one case in the sample would have made each count cell, (n_domains, n_counts).

    n, relatives: (n_domains,) interviews and relatives in the sample.
    """
    per_family = ratio(1000.0, n * years)
    per_person = ratio(1000.0, relatives * years)
    columns = (per_family, per_person * level.domain_population, per_person)
    return np.repeat(np.stack(columns, axis=1), len(VICTIMS), axis=1)


def cases_and_base(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return cases and what they are cases of, unweighted, (n_domains, n_cells), from sample counts (PARTS)."""
    sample = Linearised(counts, None, np.zeros(0, int))
    respondents = counts[:, [0]]
    n_victims, n_means = len(VICTIMS), 2
    seen = np.tile(victims(sample).value, 3)
    above = signed_sums(sample, [up for _, up, _ in SHARES]).value
    below = signed_sums(sample, [low for _, _, low in SHARES]).value
    nothing = np.full((len(counts), n_means), np.nan)
    cases = np.concatenate([seen, nothing, above], axis=1)
    return cases, np.concatenate([np.repeat(respondents, 3 * n_victims + n_means, axis=1), below], axis=1)


def present(counts: np.ndarray) -> np.ndarray:
    """Tell whether PSU rows hold a case of what each cell is about, (n_rows, n_cells), from their counts (COUNTS)."""
    parts = np.column_stack([counts, np.zeros((len(counts), len(PARTS) - counts.shape[1]))])
    return cases_and_base(parts)[1] > 0


def of_kind(*kinds: str) -> np.ndarray:
    """Tell which cells are of a kind, (n_cells,)."""
    return np.array([cell.kind in kinds for cell in CELLS])


def rows(
    totals: SurveyTotals, domains: np.ndarray, columns: dict[str, np.ndarray], publish: Sequence[str]
) -> pd.DataFrame:
    """Lay columns (n_domains, n_cells) out as rows of the levels to publish; a cell without an estimate has no row.

    domains: (n_domains,) positions in totals.domains.
    Such a cell is one the form does not ask for, a share of nobody, a total without a population, or a share
    whose cases all lie in one PSU: nothing can be said there that would be design-based. Rates, totals and means of a
    domain of one PSU a stratum have no error either, but are parts of sums: they keep the estimate, without error and
    limits, for sums and disclosure control to see; it is not for publication.
    """
    numbers = [columns[name] for name in ("estimate", *UNCERTAINTY)]
    said = np.isfinite(numbers).all(axis=0)
    part = np.isfinite(columns["estimate"]) & ~(columns["df"] > 0) & ~of_kind("share")
    bare = {name: np.where(part, np.nan, columns[name]) for name in UNCERTAINTY}
    columns = {**columns, **bare}
    said = (said | part) & totals.domains["level"].isin(list(publish)).to_numpy()[domains, None]
    domain, cell = np.nonzero(said)
    keys = {name: np.array([getattr(c, name) for c in CELLS], dtype=object)[cell] for name in (*KEY[3:], "unit")}
    whose = domain_rows(totals, domains[domain])
    found = {name: values[said] for name, values in columns.items()}
    return pd.concat([whose, pd.DataFrame({**keys, **found})], axis=1)


def _any_population(level: Level) -> np.ndarray:
    """Return the population behind family sizes: known, or the unit a pooled domain was scaled to."""
    whole = np.bincount(level.to, weights=level.population, minlength=len(level.domains))
    alone = np.bincount(level.to, minlength=len(level.domains)) == 1
    return np.where(level.known | alone, whole, np.nan)


def _zero(like: Linearised) -> np.ndarray | None:
    return None if like.influence is None else np.zeros_like(like.influence)
