"""How victims crowd together: in settlements, in families, and how much that costs in precision.

Victims of a family of F relatives are Poisson with mean F r a b: r the rate, a shared by the PSU, b the
family's own, both gamma variables of mean 1. The design effect of the estimated rate follows exactly, so it
can be chosen. Not here: where the PSUs are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class FamilySizes:
    """Close relatives of a respondent, who is one of them: 1 + negative binomial. mean above 1; shape above 0."""

    mean: float = 8.0
    shape: float = 3.0

    @property
    def mean_square(self) -> float:
        """Return E F^2."""
        others = self.mean - 1
        return others + others**2 / self.shape + self.mean**2

    def draw(self, generator: np.random.Generator, size: tuple[int, ...]) -> np.ndarray:
        """Draw numbers of relatives."""
        return 1 + generator.negative_binomial(self.shape, self.shape / (self.shape + self.mean - 1), size)


@dataclass(frozen=True)
class Clustering:
    """Variances of the PSU effect and of the family effect; numbers, or arrays with one entry per stratum."""

    of_psus: np.ndarray
    of_families: np.ndarray

    def design_effect(self, rate: np.ndarray, families: float, sizes: FamilySizes) -> np.ndarray:
        """Return the variance of the estimated rate over that of a Poisson count, for PSUs of equal weight.

        rate: victims per relative. families: interviewed in a PSU. 1 + r E F^2 / E F ((1 + c_a)(1 + c_b) - 1)
        + (m - 1) r E F c_a, the variance of y - r x of a PSU over its mean count m r E F.
        """
        within = rate * sizes.mean_square / sizes.mean * ((1 + self.of_psus) * (1 + self.of_families) - 1)
        return np.asarray(1 + within + (families - 1) * rate * sizes.mean * self.of_psus)


def clustering_for(
    design_effect: float | np.ndarray, rate: np.ndarray, families: float, sizes: FamilySizes, of_families: float = 2.0
) -> Clustering:
    """Return the clustering that gives a design effect, 1 or more, at a rate.

    of_families: the family effect's variance where there is room for it; at most half of the excess over 1 is
    left to families, the rest is the PSUs'.
    """
    excess = np.asarray(design_effect, dtype=float) - 1
    if (excess < 0).any():
        raise ValueError("a design effect below 1 needs PSUs that repel victims; choose 1 or more")
    square = rate * sizes.mean_square / sizes.mean
    families_part = np.minimum(of_families, excess / 2 / square)
    psus_part = (excess - square * families_part) / (square * (1 + families_part) + (families - 1) * rate * sizes.mean)
    return Clustering(psus_part, families_part)


def unit_gamma(generator: np.random.Generator, variance: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Draw gamma variables of mean 1 and a given variance, which broadcasts to size; variance 0 gives 1."""
    spread = np.where(variance > 0, variance, 1.0)
    drawn = generator.standard_gamma(np.broadcast_to(1 / spread, size)) * spread
    return np.where(variance > 0, drawn, 1.0)


def families(
    generator: np.random.Generator,
    sizes: FamilySizes,
    intensity: np.ndarray,
    of_families: np.ndarray,
    size: tuple[int, ...],
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the relatives and the victims of families, each an array of the given size.

    intensity: victims per relative where the family lives, r a; it and of_families broadcast to size. A family
    may report more victims than it has relatives: cutting that off would move the true rate.
    """
    relatives = sizes.draw(generator, size)
    mean = relatives * intensity
    if np.any(of_families > 0):
        mean = mean * unit_gamma(generator, of_families, size)
    return relatives, generator.poisson(mean)
