"""How many close relatives each respondent has, after editing and, in Uzbekistan, before the cap at 30."""

from __future__ import annotations

import numpy as np

from samples.central_asia_2009.draws import spread
from samples.central_asia_2009.families import Family

MOST_RELATIVES = 30  # section 1.3.3: more than 30 is not a usable answer
MOST_BEFORE_CAPPING = 75  # invented


def count_relatives(rng: np.random.Generator, made: list[Family], total: int) -> None:
    """Give the families of one region relatives that sum to `total`, each at least its own cases."""
    needs = sorted((family.cases() for family in made), reverse=True)
    values = _fit(rng, sorted(_skewed(rng, len(made), total / len(made)), reverse=True), needs, total)
    _match(rng, made, values)


def inflate(rng: np.random.Generator, made: list[Family], total_raw: int) -> None:
    """Raise the answers of families that were capped at 30 until the answers before editing sum to `total_raw`."""
    capped = [family for family in made if family.relatives == MOST_RELATIVES]
    # One capped family in eight really has thirty relatives.
    capped = [family for family, draw in zip(capped, rng.random(len(capped)), strict=True) if draw > 0.125]
    excess = total_raw - sum(family.relatives or 0 for family in made)
    weights = [1 + int(rng.integers(6)) for _ in capped]
    extra = spread(rng, excess - len(capped), weights, [MOST_BEFORE_CAPPING - MOST_RELATIVES - 1] * len(capped))
    for family, more in zip(capped, extra, strict=True):
        family.relatives_raw = MOST_RELATIVES + 1 + more


def _skewed(rng: np.random.Generator, count: int, mean: float) -> list[int]:
    """Right-skewed whole numbers from 2 to 30 with about the given mean."""
    flat, first, second = rng.random(count), rng.random(count), rng.random(count)
    scale = 0.5 * 2 * flat + 0.5 * 4 * first * second
    return [min(MOST_RELATIVES, 2 + int((mean - 2) * factor + 0.5)) for factor in scale]


def _fit(rng: np.random.Generator, values: list[int], needs: list[int], total: int) -> list[int]:
    """Move values, sorted like the needs, one by one until they sum to the total and cover the needs."""
    low = [max(1, need) for need in needs]
    values = [max(value, floor) for value, floor in zip(values, low, strict=True)]
    gap = total - sum(values)
    step = 1 if gap > 0 else -1
    while gap:
        before = gap
        for i in (int(i) for i in rng.permutation(len(values))):
            if gap and low[i] <= values[i] + step <= MOST_RELATIVES:
                values[i] += step
                gap -= step
        if gap == before:
            raise ValueError(
                f"{total} relatives cannot be shared by {len(values)} families with up to {needs[0]} cases"
            )
    return values


def _match(rng: np.random.Generator, made: list[Family], values: list[int]) -> None:
    """Hand the values out: families with most cases choose first, among the values that can hold their cases."""
    left = sorted(values)
    order = sorted((int(i) for i in rng.permutation(len(made))), key=lambda i: -made[i].cases())
    for i in order:
        need = made[i].cases()
        first = int(np.searchsorted(left, need))
        draws = [int(rng.integers(first, len(left))) for _ in range(2 if need else 1)]
        # The larger of two draws: a larger family has more people who can be exploited.
        made[i].relatives = made[i].relatives_raw = left.pop(max(draws))
