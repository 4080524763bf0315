"""The audit: proof that no hidden cell can be recovered closer than its bound.

Lives here: which hidden cells some table moves far enough, and which none does. A table that agrees with all that is
known and differs by the bound in a cell is the proof for that cell; it holds whatever found it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from disclosure.knowledge import EXACT, Tables

FEW = 8
"""Cells of one domain lie side by side, and so many of them often move together."""


@dataclass(frozen=True)
class Need:
    """How far off an attacker must stay below and above each cell's count, (n_cells,); 0 where it does not matter.

    either: (n_cells,) cells for which one of the two sides is enough.
    """

    below: np.ndarray
    above: np.ndarray
    either: np.ndarray


@dataclass(frozen=True)
class Finding:
    """What the audit found, (n_cells,) each: cells that can be computed, and cells that are closer than their bound."""

    recovered: np.ndarray
    too_close: np.ndarray


def audit(given: Tables, hidden: np.ndarray, need: Need) -> Finding:
    """Audit the cells of a pattern. hidden: (n_cells,) bool; given: the tables an attacker cannot tell apart."""
    recovered = np.zeros(len(hidden), bool)
    cells = np.flatnonzero(hidden)
    recovered[cells] = given.follows(cells)
    free = hidden & ~recovered
    asked = Need(np.where(free, need.below, 0.0), np.where(free, need.above, 0.0), need.either)
    above, below = unserved(given, asked)
    return Finding(recovered, recovered | above | below)


def unserved(given: Tables, need: Need) -> tuple[np.ndarray, np.ndarray]:
    """Tell which needs above and below no table meets, (n_cells,) bool each.

    Tables that serve many cells at once are tried first, then one linear programme for each need that is left.
    """
    left = {1: need.above > 0, -1: need.below > 0}
    wanted = {1: need.above, -1: need.below}

    def served(table: np.ndarray) -> bool:
        lifted, lowered = given.stretched(table)
        met = {1: left[1] & (lifted >= need.above - EXACT), -1: left[-1] & (lowered >= need.below - EXACT)}
        for sign in (1, -1):
            left[sign] &= ~met[sign] & ~(need.either & (met[1] | met[-1]))
        return bool(met[1].any() or met[-1].any())

    def tried(sign: int, cells: np.ndarray) -> bool:
        aims = np.zeros(len(need.above))
        aims[cells] = wanted[sign][cells]
        return served(given.furthest(aims, sign))

    for sign in (1, -1):
        while left[sign].any() and tried(sign, np.flatnonzero(left[sign])):
            pass
    for size in (FEW, 1):
        for sign in (1, -1):
            waiting = np.flatnonzero(left[sign])
            for start in range(0, len(waiting), size):
                cells = waiting[start : start + size]
                if left[sign][cells].any():
                    tried(sign, cells[left[sign][cells]])
    both = left[1] & left[-1]
    one_is_enough = need.either & (need.above > 0) & (need.below > 0)
    return np.where(one_is_enough, both, left[1]), np.where(one_is_enough, both, left[-1])


def intervals(given: Tables, cells: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return the feasibility interval of each cell, (len(cells), 2). value: (n_cells,) counts."""
    return np.array([[value[c] - given.reach(c, -1), value[c] + given.reach(c, 1)] for c in cells]).reshape(-1, 2)
