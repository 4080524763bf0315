"""Ranks that tests leave open, limits from limits, and forgetting: expected values by hand."""

from __future__ import annotations

import numpy as np
import pytest

from estimators.comparisons import comparisons
from estimators.country_ranks import pairs, rank_ranges
from estimators.forgetting import apparent_ratio, loss_that_explains
from estimators.variance_recovery import difference_limits, of_part_with_whole, sum_limits
from tests.unit.estimators.two_countries import RATES, population, run, survey


def test_a_rank_is_open_between_those_that_cannot_be_told_apart() -> None:
    # A is above B and C; B and C are not told apart; nothing is known of B against D and C against D; A is above D
    first, other = np.array([0, 0, 0, 1, 1, 2]), np.array([1, 2, 3, 2, 3, 3])
    ratio = np.array([2.0, 2.5, 3.0, 1.2, np.nan, 1.4])
    best, worst = rank_ranges(4, first, other, ratio, np.array([0.01, 0.05, 0.001, 0.4, np.nan, 0.06]), 0.05)
    assert best.tolist() == [1, 2, 2, 2]
    assert worst.tolist() == [1, 4, 4, 4]


def test_a_ratio_below_one_puts_the_first_below() -> None:
    best, worst = rank_ranges(2, np.array([0]), np.array([1]), np.array([0.5]), np.array([0.01]), 0.05)
    assert (best.tolist(), worst.tolist()) == ([2, 1], [2, 1])


def test_pairs_are_limits_and_tests_by_hand() -> None:
    # log 2 with SE sqrt(0.03^2 + 0.04^2) = 0.05 and so many degrees of freedom that t is the normal 1.959964
    found = pairs(np.array([20.0, 10.0]), np.array([0.03, 0.04]), np.array([1e9, 1e9]), 0.95)
    half = 1.959964 * 0.05
    assert found.ratio[0] == pytest.approx(2)
    assert (found.low[0], found.high[0]) == (
        pytest.approx(2 * np.exp(-half), rel=1e-5),
        pytest.approx(2 * np.exp(half), rel=1e-5),
    )
    assert found.p_value_holm[0] < 1e-40


def test_pairs_of_published_rates_are_the_comparisons_of_countries() -> None:
    settings = {"rates": RATES, "methods": {"design": {}}}
    pick = "exploitation == 'all' and location == 'both' and sex == 'all'"
    row = comparisons(survey(), population(), settings).query(f"contrast == 'countries' and {pick}").iloc[0]
    rates = run(survey()).query(f"level == 'national' and indicator == 'victims_per_1000_families' and {pick}")
    rates = rates.set_index("country").loc[[row["country"], row["other_country"]]]
    rate, cv, df = (rates[name].to_numpy(float) for name in ("estimate", "cv", "df"))
    found = pairs(rate, cv, df, 0.95)
    got = [found.ratio[0], found.low[0], found.high[0], found.p_value_holm[0]]
    np.testing.assert_allclose(got, row[["ratio", "ratio_low", "ratio_high", "p_value_holm"]].astype(float), rtol=1e-9)


def test_a_rate_of_zero_is_compared_with_nothing() -> None:
    found = pairs(np.array([0.0, 10.0]), np.array([np.nan, 0.1]), np.array([9.0, 9.0]), 0.95)
    assert np.isnan(found.ratio[0]) and np.isnan(found.p_value_holm[0])
    assert pairs(np.array([1.0]), np.array([0.1]), np.array([9.0]), 0.95).ratio.size == 0


def test_limits_of_a_sum_are_the_root_of_squared_distances() -> None:
    # distances 3 and 4 below, 6 and 8 above
    low, high = sum_limits(np.array([10.0, 20.0]), np.array([7.0, 16.0]), np.array([16.0, 28.0]))
    assert (low, high) == (25.0, 40.0)


def test_limits_of_a_difference_take_the_far_limit_of_the_other() -> None:
    # independent: below sqrt(3^2 + 4^2) = 5, above sqrt(12^2 + 5^2) = 13
    first = (np.array(10.0), np.array(7.0), np.array(22.0))
    other = (np.array(8.0), np.array(3.0), np.array(12.0))
    assert difference_limits(first, other, np.array(0.0)) == (2 - 5, 2 + 13)
    # of one and the same nothing is left
    same = (np.array(10.0), np.array(7.0), np.array(13.0))
    assert difference_limits(same, same, np.array(1.0)) == (0, 0)


def test_a_part_is_correlated_with_the_whole_as_its_share_of_the_error() -> None:
    # two strata of weight 1/2 with errors 6 and 8: the whole has sqrt(9 + 16) = 5, the first 0.5 * 6 / 5
    assert of_part_with_whole(np.array([0.5]), np.array([6.0]), np.array([5.0]))[0] == pytest.approx(0.6)
    assert of_part_with_whole(np.array([1.0]), np.array([5.0]), np.array([5.0]))[0] == 1.0


def test_equal_windows_tell_as_many_as_are_left_after_one() -> None:
    # both windows 3 years: cases of the earlier one are 3 years older, so the ratio is e^(3 d), 8 for a loss of half
    three = np.array([3.0])
    assert apparent_ratio(np.log(np.array([2.0])), three, three)[0] == pytest.approx(8)
    assert loss_that_explains(np.array([8.0]), three, three)[0] == pytest.approx(0.5)
    assert np.isnan(loss_that_explains(np.array([1.0]), three, three)[0])
    assert np.isnan(loss_that_explains(np.array([np.nan]), three, three)[0])
