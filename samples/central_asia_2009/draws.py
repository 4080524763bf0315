"""Seeded random choices made of numpy's most stable calls only (random, integers, permutation)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# The year of the fieldwork; any other number gives another, equally valid, set of interviews.
SEED = 2009


def generator(country_index: int) -> np.random.Generator:
    """A generator of its own for each country, so that a change in one leaves the others alone."""
    return np.random.Generator(np.random.PCG64([SEED, country_index]))


def weighted_order(rng: np.random.Generator, items: Sequence[int], weights: Sequence[float]) -> list[int]:
    """The items in a random order in which a heavier weight tends to come earlier."""
    # u / w instead of the exact u ** (1 / w): a division is the same on every machine, a power is not.
    keys = [(draw / weight, item) for draw, weight, item in zip(rng.random(len(items)), weights, items, strict=True)]
    return [item for _, item in sorted(keys)]


def spread(rng: np.random.Generator, total: int, weights: Sequence[int], caps: Sequence[int]) -> list[int]:
    """Hand out `total` units one by one in proportion to integer weights, never above a cap.

    Raises ValueError if the caps cannot hold the total.
    """
    got = [0] * len(weights)
    live = [weight if cap > 0 else 0 for weight, cap in zip(weights, caps, strict=True)]
    if sum(caps) < total:
        raise ValueError(
            f"{total} units do not fit under caps that sum to {sum(caps)}; raise a cap or lower the target"
        )
    for _ in range(total):
        edges = np.cumsum(live)
        chosen = int(np.searchsorted(edges, rng.integers(int(edges[-1])), side="right"))
        got[chosen] += 1
        if got[chosen] >= caps[chosen]:
            live[chosen] = 0
    return got


def pick(rng: np.random.Generator, options: Sequence[int]) -> int:
    """One of the options, each equally likely."""
    return options[int(rng.integers(len(options)))]


def split_evenly(rng: np.random.Generator, total: int, parts: int) -> list[int]:
    """Split a total into parts that differ by one at most, the larger ones at random places."""
    base, extra = divmod(total, parts)
    larger = {int(i) for i in rng.permutation(parts)[:extra]}
    return [base + (i in larger) for i in range(parts)]
