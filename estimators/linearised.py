"""Estimates that carry their linearisation: a value per domain and one influence per PSU row.

Lives here: the algebra. Ratios, products, sums over domains and known factors of estimates are estimates
again, and the variance of any of them is the variance of its influences. Not here: the design, and what is
estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from estimators.quotients import ratio, times


@dataclass(frozen=True)
class Linearised:
    """Estimates of k cells in each domain.

    value: (n_domains, k), or (n_replicates, n_domains, k). influence: (n_rows, k), the derivative of the
    value of the row's domain with respect to the row's weight; None for replicates, which need none.
    domain: (n_rows,) the domain of each row.
    """

    value: np.ndarray
    influence: np.ndarray | None
    domain: np.ndarray

    def __getitem__(self, columns: Sequence[int] | slice) -> Linearised:
        """Return some of the cells."""
        part = None if self.influence is None else self.influence[:, columns]
        return replace(self, value=self.value[..., columns], influence=part)

    def of_domains(self, chosen: np.ndarray) -> Linearised:
        """Return the estimates of some domains, without influences."""
        return Linearised(self.value[..., chosen, :], None, np.zeros(0, int))

    def of_row(self) -> np.ndarray:
        """Return the value of each row's domain, (n_rows, k)."""
        return self.value[self.domain]

    def scaled(self, factor: np.ndarray | float) -> Linearised:
        """Multiply by a known factor, a number or one per domain (n_domains,)."""
        known = np.broadcast_to(np.asarray(factor, dtype=float), self.value.shape[-2])[:, None]
        part = None if self.influence is None else self.influence * known[self.domain]
        return replace(self, value=self.value * known, influence=part)


def sums_by(code: np.ndarray, rows: np.ndarray, n: int) -> np.ndarray:
    """Sum rows (n_rows, k) by code, (n, k), one after the other; or (n_rows,), giving (n,)."""
    width = int(np.prod(rows.shape[1:]))
    place = code[:, None] * np.int64(width) + np.arange(width)
    return np.bincount(place.ravel(), rows.ravel(), n * width).reshape(n, *rows.shape[1:])


def summed(rows: np.ndarray, domain: np.ndarray, n_domains: int) -> Linearised:
    """Return weighted sums of rows (n_rows, k) by domain: the influence of a row on its sum is the row itself."""
    return Linearised(sums_by(domain, rows, n_domains), rows, domain)


def quotient(above: Linearised, below: Linearised) -> Linearised:
    """Divide; null where the lower estimate is zero. z = (z_a - R z_b) / b (Woodruff 1971)."""
    value = ratio(above.value, below.value)
    part = None
    if above.influence is not None and below.influence is not None:
        part = ratio(above.influence - value[above.domain] * below.influence, below.of_row())
    return replace(above, value=value, influence=part)


def product(amount: Linearised, share: Linearised) -> Linearised:
    """Multiply; zero where the amount is zero, whatever the share. z = s z_a + a z_s."""
    part = None
    if amount.influence is not None and share.influence is not None:
        part = np.where(
            amount.of_row() == 0, 0.0, share.of_row() * amount.influence + amount.of_row() * share.influence
        )
    return replace(amount, value=times(amount.value, share.value), influence=part)


def signed_sums(parts: Linearised, cells: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Linearised:
    """Make each cell from the columns it adds and the columns it takes away."""

    def mixed(array: np.ndarray) -> np.ndarray:
        made = np.empty((*array.shape[:-1], len(cells)))
        for c, (add, less) in enumerate(cells):
            made[..., c] = sum(array[..., part] for part in add)
            if less:
                made[..., c] -= sum(array[..., part] for part in less)
        return made

    part = None if parts.influence is None else mixed(parts.influence)
    return replace(parts, value=mixed(parts.value), influence=part)


def side_by_side(*parts: Linearised) -> Linearised:
    """Put the cells of estimates of the same domains next to each other."""
    influences = [part.influence for part in parts if part.influence is not None]
    whole = np.concatenate(influences, axis=-1) if len(influences) == len(parts) else None
    return replace(parts[0], value=np.concatenate([part.value for part in parts], axis=-1), influence=whole)


def added_up(parts: Linearised, to: np.ndarray, n_domains: int) -> Linearised:
    """Add domains up to larger ones; to: (n_domains of parts,) the larger domain of each."""
    value = np.zeros((*parts.value.shape[:-2], n_domains, parts.value.shape[-1]))
    for small, large in enumerate(to):
        value[..., large, :] += parts.value[..., small, :]
    return Linearised(value=value, influence=parts.influence, domain=to[parts.domain])


def post_stratified(
    sums: np.ndarray,
    base: np.ndarray,
    population: np.ndarray,
    rows: np.ndarray,
    row_base: np.ndarray,
    domain: np.ndarray,
) -> Linearised:
    """Scale sums of a sample so that a base, of which the population is known, meets it: T = N y / x.

    sums: (..., n_domains, k) weighted sums y. base: (..., n_domains) weighted sums x. population:
    (n_domains,). rows: (n_rows, k), row_base: (n_rows,) the same of each PSU row; empty for replicates.
    z_i = N (t_i(y) - (y / x) t_i(x)) / x. Source: Särndal, Swensson and Wretman (1992), 7.3 (ratio estimator)
    and 7.6 (poststratification).
    """
    per_unit = ratio(sums, base[..., None])
    part = None
    if len(rows):
        scale = ratio(population, base)[domain, None]
        part = scale * (rows - per_unit[domain] * row_base[:, None])
    return Linearised(value=per_unit * population[:, None], influence=part, domain=domain)
