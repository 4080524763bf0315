"""Limits under a design: against R, and at the edges of what a sample can show."""

from __future__ import annotations

import numpy as np
import pytest

from estimators.design_effect import Steadied
from estimators.sampling_limits import (
    garwood_effective,
    garwood_steadied,
    korn_graubard,
    log_t,
    logit_t,
    no_case,
    wald,
)

MANY = np.array([np.inf])
# R poisson.test (Garwood 1936): count, lower, upper
GARWOOD = [
    (1, 0.0253178079842899, 5.5716433909389), (2, 0.242209278543965, 7.22468766772396),
    (3, 0.618672122895601, 8.76727306974232), (5, 1.62348639011842, 11.6683320793227),
    (8, 3.4538321767485, 15.7631892201933), (10, 4.79538869613243, 18.3903560420178),
    (17, 9.90312646960729, 27.2186468159066), (25, 16.1786818478293, 36.9049316975304),
    (50, 37.1109637374619, 65.9187666643368), (100, 81.3639912509231, 121.626793792426),
]  # fmt: skip


@pytest.mark.parametrize(("count", "low", "high"), GARWOOD)
def test_without_clustering_and_with_many_psus_limits_are_garwoods(count: float, low: float, high: float) -> None:
    k = np.array([float(count)])
    for variance in (k, k / 2):  # a design effect below 1 is taken as 1
        got = garwood_effective(k, variance, k, MANY, 0.95)
        np.testing.assert_allclose(np.ravel(got), [low, high], rtol=1e-10)


def test_a_design_effect_of_ten_makes_a_hundred_cases_ten() -> None:
    got = garwood_effective(np.array([100.0]), np.array([1000.0]), np.array([100.0]), MANY, 0.95)
    np.testing.assert_allclose(np.ravel(got), [10 * 4.79538869613243, 10 * 18.3903560420178], rtol=1e-10)


def test_few_degrees_of_freedom_make_cases_fewer() -> None:
    # (1.95996398454005 / 2.10092204024104)^2 = 0.870322... of the cases: R qnorm(0.975), qt(0.975, 18)
    k = np.array([10.0 / (1.95996398454005 / 2.10092204024104) ** 2])
    got = garwood_effective(k, k, k, np.array([18.0]), 0.95)
    np.testing.assert_allclose(np.ravel(got) * 10 / k, [4.79538869613243, 18.3903560420178], rtol=1e-10)


@pytest.mark.parametrize(("count", "low", "high"), GARWOOD)
def test_a_steadied_effect_of_one_or_all_a_domains_own_leaves_garwoods_limits(
    count: float, low: float, high: float
) -> None:
    for effect, own in ((1.0, 0.0), (1.0, 1.0), (4.0, 1.0)):
        k = np.array([effect * count])
        got = garwood_steadied(k, k, Steadied(np.array([effect]), np.array([own]), MANY), 0.95)
        np.testing.assert_allclose(np.ravel(got), [effect * low, effect * high], rtol=1e-10)


def test_one_case_more_is_worth_less_under_a_borrowed_design_effect() -> None:
    # A borrowed 2 makes 3.5 and 4.5 cases 1.75 and 2.25, in steps of a half: shapes from 1.75 + 1/4 and to 2.25 + 3/4.
    # R qgamma(0.025, 2), and qgamma(0.975, 3) = poisson.test(2)
    k = np.array([3.5, 4.5])
    got = garwood_steadied(k, k, Steadied(np.full(2, 2.0), np.zeros(2), np.full(2, np.inf)), 0.95)
    np.testing.assert_allclose([got[0][0], got[1][1]], [2 * 0.242209278543965, 2 * 7.22468766772396], rtol=1e-10)


def test_a_lower_limit_is_not_above_the_estimate() -> None:
    # One case of a design effect of 5,000: the 2.5 % quantile of a gamma of shape 1/2 is larger than 1 / 5,000.
    one = np.ones(1)
    low, high = garwood_steadied(one, one, Steadied(np.array([5_000.0]), np.zeros(1), MANY), 0.95)
    assert low[0] == 1 < high[0]


def test_no_case_leaves_one_tail() -> None:
    assert no_case(np.array([2.0]), 0.95)[0] == pytest.approx(2 * 3.68887945411394, rel=1e-12)


def test_no_case_takes_the_neighbours_design_effect() -> None:
    # 4 times R qgamma(0.975, (1 + 1/4) / 2); neighbours without clustering leave the limit alone.
    lent = Steadied(np.array([4.0, 1.0]), np.zeros(2), np.full(2, 18.0))
    got = no_case(np.array([2.0, 2.0]), 0.95, lent)
    np.testing.assert_allclose(got, [2 * 4 * 2.8375686363097, 2 * 3.68887945411394], rtol=1e-10)


def test_shares_against_r() -> None:
    # R survey 4.1.1, the invented survey under strata_cluster: families that report anybody, svymean and degf
    share, variance = np.array([0.1588588897164198710]), np.array([0.0002336076397713527])
    df, n = np.array([150.0]), np.array([2400.0])
    # svyciprop(method = "beta") and (method = "logit")
    got = korn_graubard(share, variance, n, df, 0.95)
    np.testing.assert_allclose(np.ravel(got), [0.129640695674085, 0.191707275055878], rtol=1e-10)
    got = logit_t(share, variance, df, 0.95)
    np.testing.assert_allclose(np.ravel(got), [0.130930784180231, 0.191431977753536], rtol=1e-7)


def test_a_design_effect_below_one_does_not_make_more_persons_than_there_are() -> None:
    share, n, df = np.array([0.4]), np.array([50.0]), np.array([20.0])
    tight, plain = (korn_graubard(share, np.array([0.24 / 50 * deff]), n, df, 0.95) for deff in (0.2, 1.0))
    np.testing.assert_array_equal(tight, plain)


def test_shares_of_zero_and_one_have_one_limit_each() -> None:
    # Clopper and Pearson (1934): none of 20 is at most 1 - 0.025^(1/20) = 0.1684335
    low, high = korn_graubard(np.array([0.0, 1.0]), np.zeros(2), np.array([20.0, 20.0]), np.array([19.0]), 0.95)
    np.testing.assert_allclose([low, high], [[0, 1 - 0.168433469], [0.168433469, 1]], rtol=1e-6)


def test_without_degrees_of_freedom_there_are_no_limits() -> None:
    one, none = np.array([5.0]), np.array([0.0])
    for limits in (
        garwood_effective(one, one, one, none, 0.95),
        log_t(one, one, none, 0.95),
        wald(one, one, none, 0.95),
        korn_graubard(one / 10, one, one, none, 0.95),
    ):
        assert np.isnan(np.ravel(limits)).all()
