"""The margins of a release as one linked linear system over every number that shows a count.

Lives here: what each number of a region, a nation and all countries together is the sum of, under every weighting in
which national numbers are published. Not here: which cells are hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from disclosure.cells import BASE, KEYS, parts


@dataclass(frozen=True)
class Margins:
    """Numbers as sums of base counts that none of them can be split further into.

    table: (n_numbers, n_base). cell: (n_numbers,) the cell that each number shows. The first n_cells numbers are the
    cells' own; a cell may be shown by further ones, with other coefficients.
    """

    table: sparse.csr_matrix
    cell: np.ndarray
    n_cells: int

    @property
    def n_base(self) -> int:
        """How many base counts there are."""
        return int(self.table.shape[1])


def linked(members: np.ndarray, designs: np.ndarray, slopes: Mapping[int, np.ndarray]) -> Margins:
    """Link the cells of all domains, domain by domain in the order of KEYS, through the answers of their regions.

    members: (n_domains, n_regions) bool, the regions whose counts each domain adds up. designs: (n_designs, n_regions)
    weights of further domains, whose cells follow those of members. slopes: domain -> coefficients (n_regions,
    len(KEYS)) of further numbers that show its cells, rows of zeros where there is none.
    """
    split = parts()
    width, n_regions = len(KEYS), members.shape[1]
    weights = sparse.csr_matrix(np.concatenate([members.astype(float), designs]))
    blocks = [sparse.kron(weights, sparse.csr_matrix(split)).tocsr()]
    cell = [np.arange(weights.shape[0] * width)]
    for domain, coefficients in slopes.items():
        spread = (coefficients.T[:, :, None] * split[:, None, :]).reshape(width, n_regions * len(BASE))
        used = np.flatnonzero(spread.any(axis=1))
        blocks.append(sparse.csr_matrix(spread[used]))
        cell.append(domain * width + used)
    return Margins(sparse.vstack(blocks).tocsr(), np.concatenate(cell), weights.shape[0] * width)


def cell_counts(base: np.ndarray) -> np.ndarray:
    """Return the counts of all cells (n_domains, len(KEYS)) from the counts of BASE (n_domains, len(BASE))."""
    counts: np.ndarray = base @ parts().T
    return counts
