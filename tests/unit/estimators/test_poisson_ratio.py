"""Ratios of Poisson counts against R's Poisson regression and the printed limits of the Kyrgyz funnel."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from estimators.poisson_ratio import poisson_ratio
from estimators.simple_random import normal_quantile
from tests.unit.estimators.golden_pairs import GOLDEN


def test_ratios_are_those_of_a_poisson_regression() -> None:
    # R 4: glm(c(x, y) ~ c(1, 0), family = poisson): exp of the coefficient and of its Wald limits, and
    # its standard error times exp(b).
    for case in pd.read_csv(GOLDEN / "poisson_ratio" / "crimes_and_victims.csv").itertuples(index=False):
        got = poisson_ratio(case.numerator, case.denominator, case.confidence, case.per)
        assert got == pytest.approx((case.estimate, case.ci_low, case.ci_high, case.std_error), rel=1e-7)


def test_crimes_per_hundred_victims_have_the_printed_limits() -> None:
    # 55 crimes, 355 victims: printed 15.5, 11.7 to 20.6. The exact conditional limits would begin at 11.4.
    estimate, low, high, _ = poisson_ratio(55, 355, 0.95, 100)
    assert (round(estimate, 1), round(low, 1), round(high, 1)) == (15.5, 11.7, 20.6)


def test_no_numerator_has_an_exact_upper_limit() -> None:
    # R: poisson.test(c(0, 10))$conf.int is 0 and 0.446125549591925.
    estimate, low, high, error = poisson_ratio(0, 10, 0.95)
    assert (estimate, low) == (0, 0)
    assert high == pytest.approx(0.446125549591925, rel=1e-12)
    assert error * normal_quantile(0.95) == pytest.approx(high)


def test_no_denominator_says_nothing() -> None:
    assert all(math.isnan(value) for value in poisson_ratio(3, 0, 0.95))


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more, not -1 and 5"):
        poisson_ratio(-1, 5, 0.95)
