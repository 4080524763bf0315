"""Whether the shares of categories in a file differ from those in earlier files by more than chance and clustering."""

from __future__ import annotations

import numpy as np


def distances(delivered: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Total variation between each file's shares and those of all earlier files together: half the sum of differences.

    delivered: (n_files, n_categories) counts.  before: (n_before, n_categories) counts.
    Returns (n_files,) from 0 to 1; 0 for a file, or a past, without a row.
    """
    pooled = before.sum(axis=0)
    sizes = delivered.sum(axis=1)
    if pooled.sum() == 0:
        return np.zeros(len(delivered))
    shares = np.divide(delivered, sizes[:, None], out=np.zeros(delivered.shape), where=sizes[:, None] > 0)
    found = np.abs(shares - pooled / pooled.sum()).sum(axis=1) / 2
    return np.where(sizes > 0, found, 0.0)


def largest_before(before: np.ndarray) -> float:
    """Return the largest distance of any earlier file from the others: what this source is used to. 0 of one file.

    before: (n_before, n_categories) counts.  A file that comes from where they came from lies beyond it with a
    probability of one in n_before + 1, however unlike each other the files of the source are.
    """
    before = before[before.sum(axis=1) > 0]
    if len(before) < 2:
        return 0.0
    others = before.sum(axis=0) - before
    shares = before / before.sum(axis=1, keepdims=True)
    found = np.abs(shares - others / others.sum(axis=1, keepdims=True)).sum(axis=1) / 2
    return float(found.max())


def p_values(delivered: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Probability of a distance as large or larger if the file came from where the earlier ones came from.

    Pearson's statistic of the file against the earlier ones, divided by their own dispersion (the statistic between
    them per degree of freedom, at least 1, carried over to the file's size as a design effect 1 + (n - 1) rho), against
    F; a file is a cluster, not a random sample. With one earlier file the dispersion is 1: sampling error alone.
    delivered: (n_files, n_categories) counts.  before: (n_before, n_categories) counts.  Returns (n_files,).
    Source: Rao and Scott (1981), first-order correction; McCullagh and Nelder (1989), section 4.5.
    """
    from scipy import stats

    before = before[before.sum(axis=1) > 0]
    sizes = delivered.sum(axis=1)
    pooled = before.sum(axis=0)
    if not len(before):
        return np.ones(len(delivered))
    together = pooled + delivered
    among = (together > 0).sum(axis=1) - 1
    statistic = _pearson(delivered, together) + _pearson(np.broadcast_to(pooled, delivered.shape), together)
    dispersion, freedom = _dispersion(before)
    if freedom:
        mean = before.sum() / len(before)
        rho = (dispersion - 1) / max(mean - 1, 1)
        scale = 1 + np.maximum(sizes - 1, 0) * rho
        p = stats.f.sf(statistic / np.maximum(among, 1) / scale, np.maximum(among, 1), freedom)
    else:
        p = stats.chi2.sf(statistic, np.maximum(among, 1))
    return np.where((sizes > 0) & (among > 0), p, 1.0)


def _dispersion(before: np.ndarray) -> tuple[float, int]:
    """Return Pearson's statistic between files per degree of freedom, at least 1, and the degrees; 0 of one file."""
    pooled = before.sum(axis=0)
    freedom = (len(before) - 1) * (int((pooled > 0).sum()) - 1)
    if len(before) < 2:
        return 1.0, 0
    if freedom == 0:
        return 1.0, len(before) - 1  # one category only, which every file shares
    statistic = _pearson(before, np.broadcast_to(pooled, before.shape)).sum()
    return max(1.0, float(statistic) / freedom), freedom


def _pearson(counts: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Sum (observed - expected)^2 / expected over the categories, expected from the margins' shares. (n_files,)."""
    sizes = counts.sum(axis=1, keepdims=True)
    expected = sizes * margins / np.maximum(margins.sum(axis=1, keepdims=True), 1)
    terms = np.divide((counts - expected) ** 2, expected, out=np.zeros(expected.shape), where=expected > 0)
    found: np.ndarray = terms.sum(axis=1)
    return found
