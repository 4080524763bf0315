"""What somebody knows who looks for a hidden count: the sums that are shown, and the least that a count can be.

Lives here: the polyhedron of tables that agree with what is known, and the linear programmes over it. Not here: which
cells are hidden, and how far apart tables must be.

A difference table d is a change of all base counts that nobody could notice: zero in every sum that is known, and
counts + d at or above the least. All reaches below are of d (Fischetti and Salazar 2001, section 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from disclosure.margins import Margins

EXACT = 1e-6
"""Linear programmes are solved to this much of a case."""
DEPENDENT = 1e-6
"""A sum this near to the span of others, relative to itself, follows from them. Lengths are told to about 1e-8."""
UNBOUNDED = 3
BATCH = 64


@dataclass(frozen=True)
class Tables:
    """All difference tables that leave what is known as it is.

    own: (n_cells, n_base) cells as sums. known: (k, n_base) independent sums that d must not change. span: their
    orthonormal basis. fall: (n_base,) how far each base count may fall. floor: sums that may fall no further than
    `depth`, where that does not follow from their parts.
    """

    own: sparse.csr_matrix
    known: sparse.csr_matrix
    span: np.ndarray
    fall: np.ndarray
    floor: sparse.csr_matrix
    depth: np.ndarray

    def follows(self, cells: np.ndarray) -> np.ndarray:
        """Tell which cells nothing is free in: they are computable from what is known. cells: positions."""
        return _outside(self.own[cells], self.span) <= DEPENDENT

    def reach(self, cell: int, sign: int) -> float:
        """Return how far a cell's count can go, up (sign 1) or down (-1); infinite if nothing holds it."""
        solved = self._least(-sign * self.own[[cell]].toarray()[0], None, None)
        return np.inf if solved.status == UNBOUNDED else max(float(-solved.fun), 0.0)

    def furthest(self, wanted: np.ndarray, sign: int) -> np.ndarray:
        """Return one d that goes as far as wanted in as many cells as one d can, (n_base,).

        wanted: (n_cells,) how far, 0 where it does not matter. Maximises the sum of min(d / wanted, 1).
        """
        aims = np.flatnonzero(wanted > 0)
        goal = np.concatenate([np.zeros(self.own.shape[1]), -np.ones(len(aims))])
        ahead = sparse.hstack([-sign * self.own[aims], sparse.diags(wanted[aims])])
        solved = self._least(goal, ahead, np.zeros(len(aims)), most=1.0)
        found: np.ndarray = solved.x[: self.own.shape[1]]
        return found

    def cheapest(self, cell: int, sign: int, wanted: float, price: np.ndarray) -> np.ndarray | None:
        """Return a d that goes as far as wanted in one cell and changes others at least price, (n_base,).

        price: (n_cells,) of one case of change, 0 where change is free. None if no d goes so far.
        """
        priced = np.flatnonzero(price > 0)
        n, k = self.own.shape[1], len(priced)
        goal = np.concatenate([np.zeros(n), price[priced], price[priced]])
        split = sparse.hstack([self.own[priced], -sparse.identity(k), sparse.identity(k)])
        ahead = sparse.hstack([-sign * self.own[[cell]], sparse.csr_matrix((1, 2 * k))])
        solved = self._least(goal, ahead, np.array([-wanted]), also=split)
        return solved.x[:n] if solved.status == 0 else None

    def stretched(self, table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how far a table and its opposite lift and lower each cell when taken as far as counts allow.

        table: (n_base,) a d. Two arrays (n_cells,), 0 where neither moves the cell that way.
        """
        moved, sinks = self.own @ table, np.concatenate([table, self.floor @ table])
        room = np.maximum(np.concatenate([self.fall, self.depth]), 0.0)
        lifted, lowered = np.zeros(len(moved)), np.zeros(len(moved))
        for way in (1.0, -1.0):
            down = -way * sinks
            inside = down > EXACT
            far = min(float((room[inside] / down[inside]).min()) if inside.any() else np.inf, 1 / EXACT)
            lifted, lowered = np.maximum(lifted, way * far * moved), np.maximum(lowered, -way * far * moved)
        return lifted, lowered

    def _least(
        self,
        goal: np.ndarray,
        ahead: sparse.spmatrix | None,
        side: np.ndarray | None,
        most: float = np.inf,
        also: sparse.spmatrix | None = None,
    ) -> Any:
        """Minimise `goal` over d and further variables between 0 and `most`, so that ahead x <= side, also x = 0."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # of linear programmes too, with the least overhead

        n, further = self.own.shape[1], len(goal) - self.own.shape[1]
        rows, low, high = [_widened(self.fixed, further)], [self.lowest], [self.highest]
        if ahead is not None and side is not None:
            rows.append(ahead)
            low.append(np.full(len(side), -np.inf))
            high.append(side)
        if also is not None:
            rows.append(also)
            low.append(np.zeros(also.shape[0]))
            high.append(np.zeros(also.shape[0]))
        matrix = sparse.vstack(rows, format="csc")
        solved = milp(
            goal,
            constraints=LinearConstraint(matrix, np.concatenate(low), np.concatenate(high)) if matrix.shape[0] else (),
            bounds=Bounds(
                np.concatenate([-self.fall, np.zeros(further)]),
                np.concatenate([np.full(n, np.inf), np.full(further, most)]),
            ),
        )
        if solved.status not in (0, 2, UNBOUNDED):
            raise ArithmeticError(f"a linear programme of disclosure control was not solved: {solved.message}")
        return solved

    @cached_property
    def fixed(self) -> sparse.csr_matrix:
        """All limits on sums of d, one a row: what is known, then what may fall no further than its depth."""
        return sparse.vstack([self.known, self.floor], format="csr")

    @cached_property
    def lowest(self) -> np.ndarray:
        """Lower limits of `fixed`."""
        return np.concatenate([np.zeros(self.known.shape[0]), -self.depth])

    @cached_property
    def highest(self) -> np.ndarray:
        """Upper limits of `fixed`."""
        return np.concatenate([np.zeros(self.known.shape[0]), np.full(len(self.depth), np.inf)])


def tables(margins: Margins, known: np.ndarray, base: np.ndarray, least: np.ndarray) -> Tables:
    """Return the difference tables that leave known cells as they are.

    known: (n_cells,) bool. base: (n_base,) counts. least: (n_cells,) what is known of each count without looking.
    """
    own = margins.table[: margins.n_cells]
    rows = margins.table[np.flatnonzero(known[margins.cell])]
    kept, span = independent(rows)
    single = np.flatnonzero((np.diff(own.indptr) == 1) & (own.sum(axis=1).A1 == 1))
    column = own.indices[own.indptr[single]]
    base_least = np.zeros(margins.n_base)
    np.maximum.at(base_least, column, least[single])
    value = own @ base
    floor = np.flatnonzero((least > own @ base_least + EXACT) & ~known)
    return Tables(own, rows[kept], span, np.maximum(base - base_least, 0), own[floor], (value - least)[floor])


def independent(rows: sparse.csr_matrix) -> tuple[list[int], np.ndarray]:
    """Return rows that the others follow from, and an orthonormal basis of all (rank, n_base).

    Rows with fewest entries come first. Gram and Schmidt, each row cleaned twice (Giraud, Langou and Rozloznik 2005);
    rows are looked at in batches, so that most of those that follow from earlier ones cost one product.
    """
    order = np.argsort(np.diff(rows.indptr), kind="stable")
    basis, kept = np.zeros((min(rows.shape), rows.shape[1])), list[int]()
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        for position in batch[_outside(rows[batch], basis[: len(kept)]) > DEPENDENT]:
            row = rows[[position]].toarray()[0]
            size = np.linalg.norm(row)
            for _ in range(2):
                row = row - basis[: len(kept)].T @ (basis[: len(kept)] @ row)
            if np.linalg.norm(row) > DEPENDENT * size and len(kept) < len(basis):
                basis[len(kept)] = row / np.linalg.norm(row)
                kept.append(int(position))
    return sorted(kept), basis[: len(kept)]


def _outside(rows: sparse.csr_matrix, span: np.ndarray) -> np.ndarray:
    """Return the length of what of each row lies outside a span, over the row's own; by Pythagoras."""
    size = rows.multiply(rows).sum(axis=1).A1
    inside = ((rows @ span.T) ** 2).sum(axis=1) if len(span) else np.zeros(len(size))
    share: np.ndarray = np.sqrt(np.maximum(size - inside, 0) / np.where(size > 0, size, 1))
    return share


def _widened(matrix: sparse.csr_matrix, columns: int) -> sparse.csr_matrix:
    return sparse.hstack([matrix, sparse.csr_matrix((matrix.shape[0], columns))]).tocsr() if columns else matrix
