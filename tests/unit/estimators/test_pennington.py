"""The 2010 study's rule: its printed limits, its country variants, and what it does where there is nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimators.pennington import rate_limits
from estimators.poisson_distribution import coverage_limits
from tests.unit.estimators.golden_pairs import check, pair

PLAIN = {"years": 3, "confidence": 0.95}
OWN = {"cdf_decimals": 4}


def test_twenty_printed_limits_of_the_country_tables() -> None:
    rates, printed = pair("pennington", "twenty_printed_limits")
    low, high = coverage_limits(rates["rate_per_1000_families"].to_numpy(), 0.95, 4)
    thousand = rates["thousand_families"].to_numpy()
    # Families are known to +-0.0015 thousand, so 316 of them to +-0.5 person.
    assert np.abs(low * thousand - printed["lower_printed"]).max() < 0.75
    assert np.abs(high * thousand - printed["upper_printed"]).max() < 0.75


@pytest.mark.parametrize(
    ("scenario", "rates"),
    [
        ("total_field_carries_the_rate", PLAIN),
        ("regions_use_the_national_share_of_the_window", PLAIN),
        (
            "victim_share_weighting_of_two_regions",
            {**PLAIN, "countries": {"KG": {"national_rate": "victim_share", "labour_rate_decimals": 2}}},
        ),
    ],
)
def test_scenario(scenario: str, rates: dict) -> None:
    check("pennington", scenario, rates, OWN)


@settings(max_examples=60, deadline=None)
@given(st.floats(min_value=0.05, max_value=900, allow_nan=False))
def test_limits_are_those_found_by_trying_every_count(rate: float) -> None:
    from scipy.stats import poisson  # another implementation of the distribution function

    k = np.arange(0, int(rate + 12 * rate**0.5 + 40))
    table = np.rint(poisson.cdf(k, rate) * 10_000).astype(int)
    table = table[: int(np.argmax(table == 10_000)) + 1]
    lower = min(range(len(table)), key=lambda i: abs(table[i] - 250))
    distance = np.abs(table - table[lower] - 9_500)
    upper = int(np.flatnonzero(distance == distance.min())[-1])
    low, high = coverage_limits(np.array([rate]), 0.95, 4)
    assert (low[0], high[0]) == (lower, upper)
    assert low[0] <= rate <= high[0] + 1


def test_no_case_has_an_exact_upper_limit_and_an_unknown_rate_has_none() -> None:
    low, high = rate_limits(np.array([[0.0, np.nan]]), 0.95, 4)
    assert low[0, 0] == 0
    assert high[0, 0] == pytest.approx(3.68887945411394, rel=1e-12)  # R poisson.test(0)
    assert np.isnan(low[0, 1]) and np.isnan(high[0, 1])


def test_limits_of_nothing_known_are_null() -> None:
    low, high = coverage_limits(np.full((2, 2), np.nan), 0.95, 4)
    assert pd.isna(low).all() and pd.isna(high).all()
