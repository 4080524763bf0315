"""The 36 questionnaires that the study left out, made unusable for one of its three reasons."""

from __future__ import annotations

import numpy as np

from samples.central_asia_2009.cases import split_cases
from samples.central_asia_2009.families import Family
from samples.central_asia_2009.settlements import Settlement
from samples.central_asia_2009.targets import PLACES, REASONS


def unusable(rng: np.random.Generator, places: list[Settlement], sums: dict[str, int]) -> list[Family]:
    """Unusable interviews of one country, each in a randomly chosen settlement."""
    made = []
    for reason in REASONS:
        for _ in range(sums[f"unusable_{reason}"]):
            family = Family(places[int(rng.integers(len(places)))], unusable=reason)
            family.migrant = {"inside": bool(rng.integers(2)), "abroad": True}
            if reason == "cases_far_above_relatives":
                _overcount(rng, family)
            else:
                _plausible(rng, family, reason)
            made.append(family)
    return made


def _plausible(rng: np.random.Generator, family: Family, reason: str) -> None:
    above = reason == "relatives_above_30"
    family.relatives = family.relatives_raw = 31 + int(rng.integers(28)) if above else None
    for place in PLACES:
        if family.migrant[place]:
            family.women_men[place] = family.total[place] = int(rng.integers(4))
    split_cases(rng, [family], _invented_sums(family))


def _overcount(rng: np.random.Generator, family: Family) -> None:
    """More than twice as many cases as relatives, although no single answer exceeds the relatives."""
    relatives = 3 + int(rng.integers(4))
    family.relatives = family.relatives_raw = relatives
    family.migrant = dict.fromkeys(PLACES, True)
    for place in PLACES:
        women = int(rng.integers(relatives))
        earlier = relatives - 1 - int(rng.integers(2))
        family.counts |= {
            f"labour_{place}_women_last_3_years": women,
            f"labour_{place}_men_last_3_years": relatives - women,
            f"labour_{place}_women_earlier": 0,
            f"labour_{place}_men_earlier": earlier,
            f"labour_{place}_total_last_3_years": relatives,
            f"labour_{place}_total_earlier": earlier,
            f"sexual_{place}_last_3_years": 0,
            f"sexual_{place}_earlier": 0,
        }


def _invented_sums(family: Family) -> dict[str, int]:
    """About a third women and half in the last three years, for a family that no target counts."""
    sums = {}
    for place in PLACES:
        count = family.women_men[place]
        # A family without cases still needs a share of the last three years that is not 0 / 0.
        sums[f"labour_{place}_women_men"] = max(count, 1)
        sums[f"labour_{place}_women"] = count // 3
        sums[f"labour_{place}_last_3_years"] = count // 2
        sums[f"sexual_{place}_last_3_years"] = 0
    return sums
