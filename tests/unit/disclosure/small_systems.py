"""Small tables with margins, and cells of regions, for the tests of disclosure control."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from disclosure.audit import Need
from disclosure.complementary import Problem
from disclosure.margins import Margins


def two_way(rows: int, columns: int) -> Margins:
    """Cells of a table row by row, then row sums, then column sums, then the sum of all."""
    inner = np.eye(rows * columns)
    by_row = np.kron(np.eye(rows), np.ones((1, columns)))
    by_column = np.kron(np.ones((1, rows)), np.eye(columns))
    table = np.concatenate([inner, by_row, by_column, np.ones((1, rows * columns))])
    return Margins(sparse.csr_matrix(table), np.arange(len(table)), len(table))


def of_sums(sums: Sequence[Sequence[float] | np.ndarray]) -> Margins:
    """Cells that are the given sums of base counts, each its own number."""
    table = np.array(sums, dtype=float)
    return Margins(sparse.csr_matrix(table), np.arange(len(table)), len(table))


def problem(
    margins: Margins,
    base: Sequence[float],
    sensitive: Sequence[int],
    public: Sequence[int] = (),
    bound: float = 1.0,
    least: float = 0.0,
) -> Problem:
    """Protect the cells at some positions by a bound; hiding a cell costs its count and a little."""
    counts = np.array(base, dtype=float)
    value = margins.table[: margins.n_cells] @ counts
    primary, known = (np.isin(np.arange(margins.n_cells), part) for part in (sensitive, public))
    above = np.where(primary, bound, 1.0)
    need = Need(np.minimum(above, np.maximum(value - least, 0)), above, ~primary)
    nothing = np.zeros(margins.n_cells, bool)
    floor = np.full(margins.n_cells, least)
    return Problem(margins, primary, known, nothing, counts, np.minimum(floor, value), need, value + 0.1)
