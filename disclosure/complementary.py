"""Complementary suppression: which further cells to hide so that sensitive ones cannot be computed from margins.

Lives here: the mixed-integer programmes. A sensitive cell is safe on one side when some table that an attacker cannot
tell from the true one differs there by what is needed; hiding every cell in which that table differs makes it
indistinguishable. Of small systems every such table is considered, with one table a sensitive cell and side as
variables (Fischetti and Salazar 2001, model 2.1); of large ones tables are found one after another, the cheapest for
each sensitive cell given what is hidden, and the programme chooses among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from disclosure.audit import Finding, Need, audit, unserved
from disclosure.knowledge import EXACT, Tables, tables
from disclosure.margins import Margins

SMALL = 6_000
"""Up to so many variables of all tables the whole programme is solved."""
WORK = 20_000
"""Variables times branches after which the whole programme is given up; then tables are searched one by one."""
GAP = 0.01
"""Relative distance from the least cost at which the choice among found tables may stop."""
ONE = 1.0
"""One case: nearer than that a whole number is known."""
NEARLY = 0.99
"""Of a reach that what is public leaves, this much is asked for, so that rounding cannot make it impossible."""


@dataclass(frozen=True)
class Problem:
    """What must be protected, and at what price.

    sensitive, public, reserved: (n_cells,) bool; public cells are known whatever is hidden, reserved ones are hidden
    only where a sensitive cell would otherwise be closer than one case. base, least: see `tables`. cost: (n_cells,) of
    hiding a cell.
    """

    margins: Margins
    sensitive: np.ndarray
    public: np.ndarray
    reserved: np.ndarray
    base: np.ndarray
    least: np.ndarray
    need: Need
    cost: np.ndarray


@dataclass(frozen=True)
class Pattern:
    """Cells to hide, the cells that public numbers leave closer than asked, and the audit of the whole.

    need: what was asked in the end, lowered where public numbers allow no more. implied: sensitive cells that follow
    from public numbers, and are not hidden.
    """

    hidden: np.ndarray
    need: Need
    limited: np.ndarray
    finding: Finding
    implied: np.ndarray


@dataclass(frozen=True)
class Found:
    """A table: the cells it differs in, and the needs it meets, (n_cells,) bool each."""

    support: np.ndarray
    above: np.ndarray
    below: np.ndarray


@dataclass
class Asked:
    """What is asked of sensitive cells, (n_cells,) each, lowered where it is more than public numbers allow.

    free, held: tables with nothing but public cells known, and with the reserved ones known too. urgent: cells for
    which reserved cells must be hidden. implied: cells that follow from public numbers, because no count is below zero.
    """

    free: Tables
    held: Tables
    above: np.ndarray
    below: np.ndarray
    limited: np.ndarray
    urgent: np.ndarray
    implied: np.ndarray

    def lower(self, cell: int) -> None:
        """Ask of a cell no more than what remains when everything else is hidden.

        If that is less than one case while the reserved cells are shown, one case is asked, of a search without them.
        """
        rise, fall = self.held.reach(cell, 1), self.held.reach(cell, -1)
        if self.held is not self.free and max(rise, fall) < ONE - EXACT:
            self.urgent[cell] = True
            rise, fall = min(self.free.reach(cell, 1), ONE), min(self.free.reach(cell, -1), ONE)
        self.implied[cell] = max(rise, fall) < EXACT
        self.urgent[cell] &= not self.implied[cell]
        self.limited[cell] = not self.implied[cell]
        self.above[cell], self.below[cell] = (
            0.0 if NEARLY * reach < EXACT else min(need[cell], NEARLY * reach)
            for need, reach in ((self.above, rise), (self.below, fall))
        )


def suppress(problem: Problem) -> Pattern:
    """Return a pattern that meets the needs of its sensitive cells and leaves no hidden cell computable."""
    free = _tables(problem, problem.public)
    held = _tables(problem, problem.public | problem.reserved) if problem.reserved.any() else free
    nothing = np.zeros(len(problem.sensitive), bool)
    above, below = (np.where(problem.sensitive, need, 0.0) for need in (problem.need.above, problem.need.below))
    asked = Asked(free, held, above, below, nothing.copy(), nothing.copy(), nothing.copy())
    size = 2 * int(problem.sensitive.sum()) * (problem.margins.n_base + problem.margins.n_cells)
    whole: np.ndarray | None = nothing if not problem.sensitive.any() else None
    if problem.sensitive.any() and size <= SMALL:
        short = unserved(held, Need(below, above, problem.need.either))
        for cell in np.flatnonzero(short[0] | short[1]):
            asked.lower(int(cell))
        whole = _whole(replace(problem, sensitive=problem.sensitive & ~asked.implied), free, above, below)
    if whole is not None:
        hidden = whole
    else:
        found, hidden = _search(problem, held, problem.sensitive, above, below, asked)
        if asked.urgent.any():
            urgent = np.where(asked.urgent, above, 0.0), np.where(asked.urgent, below, 0.0)
            further, _ = _search(problem, free, hidden, *urgent)
            found += further
        hidden = problem.sensitive | _chosen(found, problem.cost, problem.sensitive)
    problem = replace(problem, sensitive=problem.sensitive & ~asked.implied, public=problem.public | asked.implied)
    others = np.where(problem.sensitive, 0.0, problem.need.above), np.where(problem.sensitive, 0.0, problem.need.below)
    need = Need(below + others[1], above + others[0], problem.need.either)
    return replace(_closed(problem, hidden & ~asked.implied, need, asked.limited), implied=asked.implied)


def _tables(problem: Problem, known: np.ndarray) -> Tables:
    return tables(problem.margins, known, problem.base, problem.least)


def _search(
    problem: Problem,
    free: Tables,
    hidden: np.ndarray,
    above: np.ndarray,
    below: np.ndarray,
    asked: Asked | None = None,
) -> tuple[list[Found], np.ndarray]:
    """Find tables that meet all needs, each the cheapest given what those before hide. Largest counts first.

    asked: lowers in above and below what cannot be met, and takes out what must wait for another search. Returns the
    tables, and the cells they all differ in.
    """
    value = free.own @ problem.base
    hidden = hidden.copy()
    left = {1: above > 0, -1: below > 0}
    found = []
    for cell in sorted(np.flatnonzero((above > 0) | (below > 0)), key=lambda c: (-value[c], c)):
        for sign, need in ((1, above), (-1, below)):
            if not left[sign][cell]:
                continue
            price = np.where(hidden | problem.public, 0.0, problem.cost)
            table = free.cheapest(int(cell), sign, float(need[cell]), price)
            if table is None and asked is not None:
                asked.lower(int(cell))
                for side, lowered in ((1, above), (-1, below)):
                    left[side][cell] &= lowered[cell] > 0 and not asked.urgent[cell]
                if not left[sign][cell]:
                    continue
                table = free.cheapest(int(cell), sign, float(need[cell]), price)
            if table is None:
                raise ArithmeticError("a table that was found possible could not be found")
            one = _what_it_meets(free, table, above, below, problem.public)
            found.append(one)
            left[1] &= ~one.above
            left[-1] &= ~one.below
            hidden |= one.support
    return found, hidden


def _what_it_meets(free: Tables, table: np.ndarray, above: np.ndarray, below: np.ndarray, public: np.ndarray) -> Found:
    """Stretch a table both ways as far as counts allow, and tell which needs that meets."""
    lifted, lowered = free.stretched(table)
    support = (np.abs(free.own @ table) > EXACT) & ~public
    return Found(support, (above > 0) & (lifted >= above - EXACT), (below > 0) & (lowered >= below - EXACT))


def _chosen(found: list[Found], cost: np.ndarray, sensitive: np.ndarray) -> np.ndarray:
    """Choose tables that meet every need at the least cost of all cells they differ in; return those cells."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    n = len(found)
    support = np.array([one.support & ~sensitive for one in found])
    cells = np.flatnonzero(support.any(axis=0))
    table, cell = np.nonzero(support[:, cells])
    rows = np.arange(len(table))
    hide = sparse.csr_matrix(
        (np.r_[np.ones(len(rows)), -np.ones(len(rows))], (np.r_[rows, rows], np.r_[n + cell, table])),
        shape=(len(rows), n + len(cells)),
    )
    meets = np.concatenate([np.array([getattr(one, side) for one in found]).T for side in ("above", "below")])
    meets = np.unique(meets[meets.any(axis=1)], axis=0).astype(float)
    cover = sparse.hstack([sparse.csr_matrix(meets), sparse.csr_matrix((len(meets), len(cells)))])
    solved = milp(
        np.concatenate([np.zeros(n), cost[cells]]),
        integrality=np.concatenate([np.ones(n), np.zeros(len(cells))]),
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(hide, 0, np.inf), LinearConstraint(cover, 1, np.inf)],
        options={"mip_rel_gap": GAP},
    )
    if solved.x is None:
        raise ArithmeticError(f"the choice of tables was not solved: {solved.message}")
    taken = np.zeros(support.shape[1], bool)
    taken[cells] = support[:, cells][solved.x[:n] > 0.5].any(axis=0)
    return taken


def _whole(problem: Problem, free: Tables, above: np.ndarray, below: np.ndarray) -> np.ndarray | None:
    """Solve the whole programme: hidden cells and one table for each sensitive cell and side, at the least cost.

    Returns None where that would take long: how long is counted in work, not in seconds, so machines agree about it.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    sides = [(int(c), sign) for sign, need in ((1, above), (-1, below)) for c in np.flatnonzero(need > 0)]
    n, m, k = len(problem.cost), problem.margins.n_base, len(sides)
    value = free.own @ problem.base
    most = float(problem.base.sum()) + 1.0
    constraints: list[object] = []
    for position, (cell, sign) in enumerate(sides):
        constraints += _one_table(problem, free, value, most, n, m, k, position)
        wanted = (above if sign > 0 else below)[cell]
        row = _placed(sign * free.own[[cell]], n, m, k, position)
        constraints.append(LinearConstraint(row, wanted, np.inf))
    solved = milp(
        np.concatenate([problem.cost, np.zeros(m * k)]),
        integrality=np.concatenate([np.ones(n), np.zeros(m * k)]),
        bounds=Bounds(
            np.concatenate([problem.sensitive.astype(float), np.tile(-free.fall, k)]),
            np.concatenate([(~problem.public).astype(float), np.full(m * k, most)]),
        ),
        constraints=constraints,
        options={"node_limit": max(1, WORK // (n + m * k))},
    )
    if solved.status not in (0, 2, 3):  # neither solved, nor infeasible, nor without bound: the limit was met
        return None
    if solved.x is None:
        raise ArithmeticError(f"complementary suppression was not solved: {solved.message}")
    hidden: np.ndarray = solved.x[:n] > 0.5
    return hidden


def _one_table(
    problem: Problem, free: Tables, value: np.ndarray, most: float, n: int, m: int, k: int, position: int
) -> Iterator[object]:
    """Constrain one table: no change in what is known or shown, and no count below the least."""
    from scipy.optimize import LinearConstraint

    if free.known.shape[0]:
        yield LinearConstraint(_placed(free.known, n, m, k, position), 0, 0)
    if free.floor.shape[0]:
        yield LinearConstraint(_placed(free.floor, n, m, k, position), -free.depth, np.inf)
    numbers = np.flatnonzero(~problem.public[problem.margins.cell])
    cell = problem.margins.cell[numbers]
    rows = problem.margins.table[numbers]
    moved, far = _placed(rows, n, m, k, position), most * abs(rows).sum(axis=1).A1
    fall = np.where(numbers < problem.margins.n_cells, np.minimum(value[cell], far), far)
    for way, room in ((1, far), (-1, fall)):
        hide = sparse.csr_matrix((room, (np.arange(len(numbers)), cell)), shape=(len(numbers), n + m * k))
        yield LinearConstraint(hide - way * moved, 0, np.inf)


def _placed(rows: sparse.csr_matrix, n: int, m: int, k: int, position: int) -> sparse.csr_matrix:
    """Put rows about one table's base counts among the variables of all."""
    before = sparse.csr_matrix((rows.shape[0], n + m * position))
    after = sparse.csr_matrix((rows.shape[0], m * (k - position - 1)))
    return sparse.hstack([before, rows, after]).tocsr()


def _closed(problem: Problem, hidden: np.ndarray, need: Need, limited: np.ndarray) -> Pattern:
    """Show again what can be computed anyway, and hide more until no hidden cell is closer than its need."""
    limited = limited.copy()
    free = _tables(problem, problem.public | (problem.reserved & ~hidden))
    while True:
        finding = audit(_tables(problem, ~hidden), hidden, need)
        hidden = hidden & ~(finding.recovered & ~problem.sensitive)
        close = finding.too_close & hidden
        above, below = np.where(close, need.above, 0.0), np.where(close, need.below, 0.0)
        before, lowered = hidden.copy(), False
        for cell in np.flatnonzero(close & need.either):
            rise, fall = free.reach(int(cell), 1), free.reach(int(cell), -1)
            if max(rise, fall) < EXACT:
                hidden[cell] = False
            elif rise < need.above[cell] and (fall < need.below[cell] or not need.below[cell]):
                limited[cell] = lowered = True
                need.above[cell], need.below[cell] = (NEARLY * rise, 0.0) if rise >= fall else (0.0, NEARLY * fall)
            up = rise >= need.above[cell] > 0
            above[cell], below[cell] = (need.above[cell], 0.0) if up else (0.0, need.below[cell])
        above[~hidden] = below[~hidden] = 0.0
        if (above > 0).any() or (below > 0).any():
            _, hidden = _search(problem, free, hidden, above, below)
        if (hidden == before).all() and not lowered:
            return Pattern(hidden, need, limited, finding, np.zeros(len(hidden), bool))
