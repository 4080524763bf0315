"""Means and shares under simple random sampling, against hand arithmetic and published worked numbers."""

from __future__ import annotations

import numpy as np
import pytest

from estimators.simple_random import mean, normal_quantile, share, weighted_share


def test_mean_of_four_families() -> None:
    # Sizes 2, 4, 6, 8: mean 5, s^2 = 20/3, standard error sqrt(20/3/4) = 1.290994.
    got = mean(np.array([20.0]), np.array([120.0]), np.array([4.0]), 0.95)
    assert got.value[0] == 5
    assert got.std_error[0] == pytest.approx(1.2909944487, rel=1e-9)
    assert got.high[0] == pytest.approx(5 + 1.9599639845 * 1.2909944487, rel=1e-9)


def test_wilson_limits_of_a_share() -> None:
    # Newcombe (1998), table I: 81/263 gives 0.2553 to 0.3662; 15/148 0.0624 to 0.1605;
    # 0/20 0 to 0.1611; 1/29 0.0061 to 0.1718.
    got = share(np.array([81.0, 15, 0, 1]), np.array([263.0, 148, 20, 29]), 0.95)
    np.testing.assert_allclose(got.low, [0.2553, 0.0624, 0, 0.0061], atol=5e-5)
    np.testing.assert_allclose(got.high, [0.3662, 0.1605, 0.1611, 0.1718], atol=5e-5)


def test_shares_of_nobody_and_of_everybody() -> None:
    got = share(np.array([0.0, 7, 0]), np.array([0.0, 7, 7]), 0.95)
    assert np.isnan([got.value[0], got.std_error[0], got.low[0], got.high[0]]).all()
    assert (got.value[1], got.high[1]) == (1, 1) and got.low[1] < 1
    assert (got.value[2], got.low[2]) == (0, 0) and got.high[2] > 0


def test_share_of_two_strata_by_weight() -> None:
    # 20/100 standing for 300 families and 30/60 for 100: 0.75 x 0.2 + 0.25 x 0.5 = 0.275;
    # variance 0.75^2 x 0.16/100 + 0.25^2 x 0.25/60 = 0.0011604167.
    got = weighted_share(np.array([[20.0], [30]]), np.array([[100.0], [60]]), np.array([[300.0], [100]]), 0.95)
    assert got.value[0] == pytest.approx(0.275)
    assert got.std_error[0] == pytest.approx(0.0011604167**0.5, rel=1e-7)
    n = 0.275 * 0.725 / 0.0011604167  # 171.8 equally precise observations
    z = 1.9599639845
    centre, half = 0.275 + z**2 / (2 * n), z * (0.275 * 0.725 / n + z**2 / (4 * n**2)) ** 0.5
    assert got.low[0] == pytest.approx((centre - half) / (1 + z**2 / n), rel=1e-6)
    assert got.high[0] == pytest.approx((centre + half) / (1 + z**2 / n), rel=1e-6)


def test_a_stratum_without_observations_counts_nothing() -> None:
    one = weighted_share(np.array([[20.0], [0]]), np.array([[100.0], [0]]), np.array([[300.0], [100]]), 0.95)
    alone = share(np.array([20.0]), np.array([100.0]), 0.95)
    assert one.value[0] == alone.value[0] and one.high[0] == pytest.approx(alone.high[0])
    none = weighted_share(np.zeros((2, 1)), np.zeros((2, 1)), np.ones((2, 1)), 0.95)
    assert np.isnan(none.value[0])


def test_normal_quantile() -> None:
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, rel=1e-12)
