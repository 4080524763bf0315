"""Where the interviews were taken: districts, settlements (the PSUs) and how exposed each one is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samples.central_asia_2009.draws import pick, split_evenly
from samples.central_asia_2009.targets import Region

# Annex 4: at least two or three villages per district; the number of interviews a settlement gets is invented.
INTERVIEWS_PER_SETTLEMENT = 12
SETTLEMENTS_PER_DISTRICT = 3

# Few settlements send many people and most send few: relative weights, chosen so that the design effect on labour
# abroad lies between 3 and 6.
MIGRATION_LEVELS = (1, 1, 2, 4, 9, 20)
EXPLOITATION_LEVELS = (1, 1, 2, 3, 6, 12)


@dataclass(frozen=True)
class Settlement:
    """One PSU: its place in the sample and the weights that cluster migrants and cases in it."""

    region: str
    part: str
    district: int
    number: int
    urban: bool
    interviews: int
    migration_inside: int
    migration_abroad: int
    exploitation_inside: int
    exploitation_abroad: int


def settlements(rng: np.random.Generator, region: Region, first_district: int, first_number: int) -> list[Settlement]:
    """Settlements of one region (or part), numbered on from the given numbers, whose interviews sum to its sample."""
    respondents = region.sums["respondents"]
    count = max(2, round(respondents / INTERVIEWS_PER_SETTLEMENT))
    sizes = _sizes(rng, respondents, count)
    districts = _districts(rng, count)
    urban = _urban(rng, sizes, respondents * region.urban_percent / 100)
    return [
        Settlement(
            region.region, region.part, first_district + districts[i], first_number + i, i in urban, sizes[i],
            pick(rng, MIGRATION_LEVELS), pick(rng, MIGRATION_LEVELS),
            pick(rng, EXPLOITATION_LEVELS), pick(rng, EXPLOITATION_LEVELS),
        )
        for i in range(count)
    ]  # fmt: skip


def _sizes(rng: np.random.Generator, respondents: int, count: int) -> list[int]:
    """About twelve interviews each, moved by up to three between pairs of settlements."""
    sizes = split_evenly(rng, respondents, count)
    order = [int(i) for i in rng.permutation(count)]
    for giver, taker in zip(order[::2], order[1::2], strict=False):
        moved = min(int(rng.integers(4)), sizes[giver] - 8, 16 - sizes[taker])
        if moved > 0:
            sizes[giver] -= moved
            sizes[taker] += moved
    return sizes


def _districts(rng: np.random.Generator, count: int) -> list[int]:
    parts = max(1, count // SETTLEMENTS_PER_DISTRICT)
    return [district for district, size in enumerate(split_evenly(rng, count, parts)) for _ in range(size)]


def _urban(rng: np.random.Generator, sizes: list[int], wanted: float) -> set[int]:
    """Settlements taken as towns until the wanted number of urban interviews is nearest."""
    chosen: set[int] = set()
    reached = 0
    for i in (int(i) for i in rng.permutation(len(sizes))):
        if abs(reached + sizes[i] - wanted) <= abs(reached - wanted):
            chosen.add(i)
            reached += sizes[i]
    return chosen
