"""Squared steps from one PSU of an ordered list to the next, for PSUs that were drawn systematically.

Arrays in, arrays out. Not here: the factor of a stratum, and who is in it (`sampling_design`).
"""

from __future__ import annotations

import numpy as np


def places(stratum: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Return the place of each PSU among those drawn in its stratum, in the order of the list, from 0, (n_psus,)."""
    order = np.lexsort((position, stratum))
    first = np.searchsorted(stratum[order], stratum[order])
    place = np.empty(len(order), dtype=int)
    place[order] = np.arange(len(order)) - first
    return place


def squared_steps(block: np.ndarray, place: np.ndarray, last: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return sum over i of (z_i - z_{i-1})^2 in each block, (n_blocks, n_cells), in the order of its code.

    block, place, last: (n_pieces,) code of the domain and stratum of each piece of a PSU, its PSU's place there, and
    the place of the stratum's last PSU. z: (n_pieces, n_cells). A PSU without a piece in the block has z = 0, so a
    step to it is the square of its neighbour. Source: Wolter (2007), Introduction to Variance Estimation, 8.2.1.
    """
    order = np.lexsort((place, block))
    b, at, end, own = block[order], place[order], last[order], z[order]
    linked = (b[1:] == b[:-1]) & (at[1:] == at[:-1] + 1)
    from_nothing = (at > 0) & ~np.append(False, linked)
    to_nothing = (at < end) & ~np.append(linked, False)
    steps = (from_nothing.astype(float) + to_nothing)[:, None] * own**2
    steps[1:] += np.where(linked[:, None], (own[1:] - own[:-1]) ** 2, 0.0)
    starts = np.flatnonzero(np.append(True, b[1:] != b[:-1]))
    return np.add.reduceat(steps, starts, axis=0)
