"""Distances and p-values by hand, and how often a file that is as its source always was would be told from it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from estimators.delivery_differences import distances, largest_before, p_values
from schemas import delivery_checks

FALSE_ALARMS = 0.001
FILES = 20_000
"""Files that are drawn for a rate: its Monte-Carlo error at 0.001 is 0.0002."""


def table(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=float)


def test_a_distance_is_half_the_sum_of_the_differences() -> None:
    # Shares 0.5, 0.5, 0 beside 0.2, 0.3, 0.5: (0.3 + 0.2 + 0.5) / 2
    assert distances(table([5, 5, 0], [2, 3, 5]), table([20, 30, 50])) == pytest.approx([0.5, 0.0])
    assert distances(table([0, 0]), table([3, 4])).tolist() == [0.0]
    assert distances(table([3, 4]), table([0, 0])).tolist() == [0.0]


def test_beside_one_file_the_statistic_is_pearsons() -> None:
    """A table of two rows and two columns: 100 (30 * 30 - 20 * 20)^2 / 50^4 = 4, whose p of chi-square 1 is 0.0455."""
    assert p_values(table([30, 20]), table([20, 30])) == pytest.approx([0.0455003], abs=1e-6)
    assert p_values(table([30, 0]), table([20, 0])).tolist() == [1.0]  # one category: nothing can differ
    assert p_values(table([30, 1]), table([0, 0])).tolist() == [1.0]


def test_files_that_differ_among_themselves_make_a_difference_likelier() -> None:
    alike, unlike = np.tile([50.0, 50.0], (10, 1)), np.tile([[20.0, 80.0], [80.0, 20.0]], (5, 1))
    new = table([80, 20])
    assert p_values(new, alike)[0] < 0.001
    assert p_values(new, unlike)[0] > 0.2


def test_the_most_unusual_earlier_file_is_held_against_the_others() -> None:
    # 0.9 beside (50 + 50) / 200, and 0.5 beside (90 + 50) / 200: 0.4 and 0.2
    assert largest_before(table([90, 10], [50, 50], [50, 50])) == pytest.approx(0.4)
    assert largest_before(table([90, 10])) == 0.0


def drawn(shares: list[float], clustering: float, size: int, n_earlier: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield earlier files and a hundred new ones from one source.

    The shares of each file are drawn around `shares`; `clustering` is the intra-file correlation, 0 for files that are
    random samples of one population.  size: interviews of a file.
    """
    chance = np.random.default_rng(2009)
    for _ in range(FILES // 100):
        files = n_earlier + 100
        if clustering:
            own = chance.dirichlet(np.array(shares) * (1 / clustering - 1), size=files)
        else:
            own = np.tile(shares, (files, 1))
        counts = chance.multinomial(size, own).astype(float)
        yield counts[n_earlier:], counts[:n_earlier]


def told_apart(new: np.ndarray, before: np.ndarray, least: float) -> np.ndarray:
    """Apply the rule of `schemas/delivery_checks.yaml` as it is written there."""
    rule = delivery_checks.earlier()
    asked = rule.beyond * largest_before(before)
    asked = max(asked, least) if len(before) >= rule.enough else max(asked, least, rule.few_distance)
    return (p_values(new, before) < FALSE_ALARMS) & (distances(new, before) > asked)


@pytest.mark.parametrize("clustering", [0.0, 0.05, 0.3, 0.9])
@pytest.mark.parametrize("shares", [[0.17, 0.83], [0.5, 0.5], [0.02, 0.98], [0.6, 0.2, 0.1, 0.05, 0.03, 0.02]])
def test_false_alarms_of_files_of_fifteen_interviews(shares: list[float], clustering: float) -> None:
    """At most 2 in 1,000 files beside 200 earlier ones: the truth is that nothing has changed.

    The bound of any source is 1 in 201 (exchangeability), and the factor `beyond` brings it down.
    """
    alarms = sum(int(told_apart(new, before, 0.2).sum()) for new, before in drawn(shares, clustering, 15, 200))
    assert alarms / FILES <= 0.002


@pytest.mark.parametrize(
    ("n_earlier", "clustering", "largest"),
    [(1, 0.0, 0.0015), (5, 0.0, 0.0005), (20, 0.0, 0.0005), (1, 0.05, 0.015), (5, 0.05, 0.002), (20, 0.05, 0.002)],
)
def test_false_alarms_beside_few_earlier_files(n_earlier: int, clustering: float, largest: float) -> None:
    """One earlier file does not tell how files of its source differ: then alarms are as many as files are unlike."""
    alarms = sum(
        int(told_apart(new, before, 0.2).sum()) for new, before in drawn([0.3, 0.7], clustering, 15, n_earlier)
    )
    assert alarms / FILES <= largest


@pytest.mark.parametrize(("size", "least"), [(15, 0.5), (100, 0.9)])
def test_yes_and_no_that_changed_places_are_seen(size: int, least: float) -> None:
    """One family in six says yes; in the new files five in six do. The share that is seen must not be small."""
    seen = [told_apart(new[:, ::-1], before, 0.2).mean() for new, before in drawn([1 / 6, 5 / 6], 0.05, size, 200)]
    assert np.mean(seen) >= least
