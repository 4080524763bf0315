"""One Poisson log-linear model of list overlaps: whether its maximum exists, its fit, and the dark figure.

Arrays in, arrays out. Not here: which interactions to take, and limits other than Wald's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from estimators.multiple_systems.overlaps import Overlaps, Pair

LARGEST_STEPS = 100
TOLERANCE = 1e-12


@dataclass(frozen=True)
class Design:
    """Model matrix of the cells that can hold somebody, after empty interactions are removed.

    matrix: (n_cells, 1 + n_lists + n_interactions) of 0 and 1; first column the intercept. cells: which of the
    overlaps are its rows. removed: pairs whose interaction is minus infinity.
    """

    matrix: np.ndarray
    cells: np.ndarray
    removed: tuple[Pair, ...]


@dataclass(frozen=True)
class Fit:
    """A fitted model. estimate: all cases, seen and unseen; log_dark: log of the unseen ones, with its error.

    status: `fitted`, `no_maximum` (the likelihood rises without end) or `not_identifiable`; numbers are null
    unless fitted.
    """

    pairs: tuple[Pair, ...]
    removed: tuple[Pair, ...]
    status: str
    estimate: float = np.nan
    log_dark: float = np.nan
    log_dark_error: float = np.nan
    deviance: float = np.nan
    log_likelihood: float = np.nan
    n_parameters: int = 0
    n_cells: int = 0
    expected: np.ndarray | None = None

    @property
    def aic(self) -> float:
        """Akaike's criterion; parameters at minus infinity count as parameters, since the data chose them."""
        return -2 * self.log_likelihood + 2 * self.n_parameters

    def bic(self, observed: int) -> float:
        """Schwarz's criterion on the number of cases seen."""
        return float(-2 * self.log_likelihood + np.log(observed) * self.n_parameters)

    @property
    def std_error(self) -> float:
        """Standard error of the estimate by the delta method, the cases seen taken as given."""
        return float(np.exp(self.log_dark) * self.log_dark_error)


def design(data: Overlaps, pairs: Sequence[Pair]) -> Design:
    """Build the model matrix of main effects and the given interactions.

    An interaction whose two lists share nobody has its maximum at minus infinity: it is removed together with
    every overlap that holds both lists, which is exact. Source: Chan, Silverman and Vincent (2021), section 3.
    """
    removed = tuple(pair for pair in pairs if data.shared(pair) == 0)
    cells = np.ones(len(data.count), dtype=bool)
    for pair in removed:
        cells &= ~data.both(pair)
    kept = [data.both(pair) for pair in pairs if pair not in removed]
    columns = np.column_stack([np.ones(len(cells)), data.on, *kept]).astype(float)
    return Design(columns[cells], cells, removed)


def status(model: Design, count: np.ndarray) -> str:
    """Return `fitted` if the maximum exists and is unique, else why not.

    count: cases in the model's cells. It exists if some table without a zero has the same sufficient totals
    (the largest smallest cell is above 0, by linear programming); it is unique if the matrix has full rank.
    Source: Fienberg and Rinaldo (2012); Chan, Silverman and Vincent (2021), section 3.3.
    """
    if np.linalg.matrix_rank(model.matrix) < model.matrix.shape[1]:
        return "not_identifiable"
    if (count > 0).all():
        return "fitted"
    from scipy.optimize import linprog

    cells, parameters = model.matrix.shape
    # Variables: the cells and s; maximise s with the totals kept and every cell at least s.
    totals = np.column_stack([model.matrix.T, np.zeros(parameters)])
    above = np.column_stack([-np.eye(cells), np.ones(cells)])
    answer = linprog(
        np.append(np.zeros(cells), -1.0),
        A_ub=above,
        b_ub=np.zeros(cells),
        A_eq=totals,
        b_eq=model.matrix.T @ count,
        bounds=[(0, None)] * (cells + 1),
        method="highs",
    )
    return "fitted" if answer.status == 0 and -answer.fun > 1e-9 else "no_maximum"


def fit(data: Overlaps, pairs: Sequence[Pair]) -> Fit:
    """Fit main effects and the given interactions; the unseen cases are exp(intercept).

    Source: Cormack (1989); Fienberg (1972).
    """
    pairs = tuple(sorted(pairs))
    model = design(data, pairs)
    count = data.count[model.cells]
    found = status(model, count)
    if found != "fitted":
        return Fit(pairs, model.removed, found)
    expected, coefficient, covariance = maximise(model.matrix, count)
    log_likelihood, deviance = likelihood(count, expected)
    everywhere = np.zeros(len(data.count))
    everywhere[model.cells] = expected
    return Fit(
        pairs=pairs,
        removed=model.removed,
        status="fitted",
        estimate=float(count.sum() + np.exp(coefficient[0])),
        log_dark=float(coefficient[0]),
        log_dark_error=float(np.sqrt(covariance[0, 0])),
        deviance=deviance,
        log_likelihood=log_likelihood,
        n_parameters=1 + len(data.lists) + len(pairs),
        n_cells=len(count),
        expected=everywhere,
    )


def maximise(matrix: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit a Poisson log-linear model by iteratively reweighted least squares.

    Returns expected counts, coefficients and their covariance. Source: McCullagh and Nelder (1989), 2.5.
    """
    expected = count + 0.5
    eta = np.log(expected)
    before = np.inf
    for _ in range(LARGEST_STEPS):
        weighted = matrix.T * expected
        information = weighted @ matrix
        coefficient = np.linalg.solve(information, weighted @ eta + matrix.T @ (count - expected))
        eta = np.clip(matrix @ coefficient, -50, 50)
        expected = np.exp(eta)
        deviance = likelihood(count, expected)[1]
        if abs(deviance - before) <= TOLERANCE * (abs(deviance) + 0.1):
            break
        before = deviance
    return expected, coefficient, np.linalg.inv((matrix.T * expected) @ matrix)


def likelihood(count: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Return the Poisson log-likelihood, its constant included, and the deviance."""
    from scipy.special import gammaln, xlogy

    part = xlogy(count, expected) - expected
    log_likelihood = float((part - gammaln(count + 1)).sum())
    return log_likelihood, float(2 * (xlogy(count, count) - count - part).sum())
