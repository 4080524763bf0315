"""The primary rules: which counts are sensitive by themselves.

The unit protected is the reporting family and its settlement: a count is sensitive when too few families, or families
of too few settlements, stand behind it, or when one family makes too much of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RULES = ("families", "settlements", "dominance")


@dataclass(frozen=True)
class Thresholds:
    """Fewest reporting families and settlements, and the largest share of cases that one family may hold."""

    min_families: int
    min_settlements: int
    largest_share: float


@dataclass(frozen=True)
class Contributors:
    """Who stands behind each count, arrays of one shape: families, settlements, cases, the largest family's cases."""

    families: np.ndarray
    settlements: np.ndarray
    cases: np.ndarray
    largest: np.ndarray


def broken_rule(by: Contributors, thresholds: Thresholds) -> np.ndarray:
    """Return the first of RULES that each count breaks, empty where none. A count without a family is not sensitive."""
    rule = np.full(by.families.shape, "", dtype=object)
    rule[by.largest > thresholds.largest_share * by.cases] = RULES[2]
    rule[by.settlements < thresholds.min_settlements] = RULES[1]
    rule[by.families < thresholds.min_families] = RULES[0]
    rule[by.families == 0] = ""
    return rule


def added_up(by: Contributors, members: np.ndarray) -> Contributors:
    """Return the contributors of domains (n_domains, k) from those of regions; members: (n_domains, n_regions) bool."""
    largest = np.stack([by.largest[inside].max(axis=0) for inside in members])
    return Contributors(members @ by.families, members @ by.settlements, members @ by.cases, largest)
