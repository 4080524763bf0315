"""Design effects steadied by neighbours, against sums by hand."""

from __future__ import annotations

import numpy as np

from estimators import design_effect


def test_own_is_the_variance_over_that_of_a_poisson_count() -> None:
    # 8 cases make a rate of 4 per 1,000: a Poisson variance of 16 / 8 = 2, of which 6 is three times.
    found = design_effect.own(np.array([4.0, 0.0]), np.array([6.0, 0.0]), np.array([8, 0]))
    np.testing.assert_allclose(found, [3.0, np.nan])


def test_pooled_weights_by_cases_within_the_group_and_stays_above_one() -> None:
    effect = np.array([[2.0], [5.0], [np.nan], [0.5], [np.nan]])
    cases = np.array([[30], [10], [0], [4], [0]])
    found = design_effect.pooled(effect, cases, np.array([0, 0, 0, 1, 2]))
    # (30 x 2 + 10 x 5) / 40 = 2.75; a group below 1 and a group without a case have 1.
    np.testing.assert_allclose(found[:, 0], [2.75, 2.75, 2.75, 1.0, 1.0])


def test_steadied_goes_from_the_neighbours_to_its_own_as_cases_grow() -> None:
    # Neighbours 4: 0, 40 and 4,000 cases are 0, 10 and 1,000 effective ones, against a weight of 10.
    found = design_effect.steadied(np.array([np.nan, 2.0, 2.0]), np.array([0, 40, 4000]), np.array([4.0, 4.0, 4.0]))
    np.testing.assert_allclose(found, [4.0, 3.0, (1000 * 2 + 10 * 4) / 1010])


def test_own_below_one_counts_as_one() -> None:
    found = design_effect.steadied(np.array([0.2]), np.array([1000]), np.array([1.0]))
    np.testing.assert_allclose(found, [1.0])
