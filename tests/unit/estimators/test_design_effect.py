"""Design effects steadied by neighbours, against sums by hand."""

from __future__ import annotations

import numpy as np
import pytest

from estimators import design_effect
from estimators.design_effect import Steadied
from estimators.sampling_design import Design


def steadied(effect: list[float], cases: list[float], df: float = 10.0, least: float = 1.0) -> Steadied:
    """Steady domains of one group: estimates of 1, so that the variance is the effect over the cases."""
    k = np.array(cases)
    variance = np.divide(effect, k, out=np.zeros_like(k), where=k > 0)
    value, v, k, f = (a[:, None] for a in (np.where(k > 0, 1.0, 0.0), variance, k, np.full(k.shape, df)))
    group = np.zeros(len(k), dtype=int)
    return design_effect.for_limits(value, v, k, f, group, np.full(len(k), least)).of((slice(None), 0))


def test_own_is_the_variance_over_that_of_a_poisson_count() -> None:
    # 8 cases make a rate of 4 per 1,000: a Poisson variance of 16 / 8 = 2, of which 6 is three times.
    found = design_effect.own(np.array([4.0, 0.0]), np.array([6.0, 0.0]), np.array([8, 0]))
    np.testing.assert_allclose(found, [3.0, np.nan])


def test_a_group_lends_the_mean_by_cases() -> None:
    effect = np.array([[2.0], [5.0], [np.nan], [0.5], [np.nan]])
    cases = np.array([[30], [10], [0], [4], [0]])
    mean, share = design_effect.lent(effect, cases, np.array([0, 0, 0, 1, 2]))
    # (30 x 2 + 10 x 5) / 40 = 2.75; the last group has nobody.
    np.testing.assert_allclose(mean[:, 0], [2.75, 2.75, 2.75, 0.5, np.nan])
    np.testing.assert_allclose(share[:, 0], [0.75, 0.25, 0.0, 1.0, 0.0])


def test_a_steadied_effect_lies_between_the_groups_and_its_own_by_effective_cases() -> None:
    # 40 cases of 3 and 40 of 5: the group has 4, each 10 effective cases, so half of each effect is its own.
    found = steadied([3.0, 5.0, 0.0], [40.0, 40.0, 0.0])
    np.testing.assert_allclose(found.effect, [3.5, 4.5, 4.0])
    # And half of the group's is the domain's own: 1/2 + 1/2 x 1/2. Nothing is, without a case.
    np.testing.assert_allclose(found.own, [0.75, 0.75, 0.0])
    # 1 / (0.75^2 / 10 + 0.25^2 / 10) = 16; without a case 1 / (0.5^2 / 10 + 0.5^2 / 10) = 20.
    np.testing.assert_allclose(found.df, [16.0, 16.0, 20.0])
    # One case more: all of one in the own part, a part of one by the effect in the other.
    np.testing.assert_allclose(found.step, [0.75 + 0.25 / 3.5, 0.75 + 0.25 / 4.5, 1 / 4])


def test_a_domain_alone_rests_on_itself() -> None:
    for df in (3.0, 18.0, 180.0):
        found = steadied([4.0], [6.0], df=df)
        assert (found.effect, found.own, found.step, found.df) == (pytest.approx(4.0), 1.0, 1.0, df)


def test_effects_below_one_count_as_one_or_as_what_a_sampled_share_leaves() -> None:
    assert steadied([0.2], [1000.0]).effect == pytest.approx(1.0)
    found = steadied([0.2], [1000.0], least=0.8)
    assert found.effect == pytest.approx(0.8)
    assert found.step == 1.0  # never more than Garwood's


def test_the_least_effect_is_what_the_smallest_sampled_share_leaves() -> None:
    # A half and a fifth; a fifth and nobody knows; a census.
    design = Design(
        psu=np.arange(8),
        stratum=np.repeat(np.arange(4), 2),
        drawn=np.full(4, 2),
        sampled=np.array([0.5, 0.2, 0.0, 1.0]),
        ruled=np.zeros(8, dtype=bool),
    )
    found = design_effect.least_effect(design, np.array([0, 0, 0, 1, 1, 1, 2, 2]), 3)
    np.testing.assert_allclose(found, [0.8, 1.0, 1.0])


def test_nothing_is_lent_by_a_variance_without_degrees_of_freedom() -> None:
    k = np.array([[20.0], [20.0]])
    variance = np.array([[6.0], [2.0]]) / 20
    found = design_effect.for_limits(
        np.ones((2, 1)), variance, k, np.array([[0.0], [10.0]]), np.zeros(2, dtype=int), np.ones(2)
    )
    np.testing.assert_allclose(found.effect[:, 0], [2.0, 2.0])
    np.testing.assert_allclose(found.df[:, 0], [np.nan, 10.0])


def test_nobody_has_a_case() -> None:
    found = steadied([0.0, 0.0], [0.0, 0.0])
    np.testing.assert_array_equal([found.effect, found.step, found.df], [[1, 1], [1, 1], [10, 10]])
