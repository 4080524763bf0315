"""Exact limits of observed counts, and quantiles of rates, against R and the study's own counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import estimators
from estimators.poisson_distribution import garwood, quantiles
from tests.unit.estimators.golden_pairs import check, pair
from tests.unit.estimators.study_survey import SETTINGS, population, psu_totals

PLAIN = {"years": 3, "confidence": 0.95}


def test_garwood_limits_equal_those_of_r() -> None:
    counts, expected = pair("poisson", "garwood_exact_limits")
    low, high = garwood(counts["count"].to_numpy(), 0.95)
    np.testing.assert_allclose(low, expected["lower"], rtol=1e-10)
    np.testing.assert_allclose(high, expected["upper"], rtol=1e-10)


def test_garwood_of_a_large_count_equals_r_poisson_test() -> None:
    low, high = garwood(np.array([137.0]), 0.95)  # ?poisson.test: 137 in 24.19893
    assert low[0] / 24.19893 == pytest.approx(4.75312480484875, rel=1e-10)
    assert high[0] / 24.19893 == pytest.approx(6.69270933417607, rel=1e-10)


def test_quantiles_equal_those_of_r() -> None:
    rates, expected = pair("poisson", "quantiles_of_small_rates")
    rate = rates["rate_per_1000_families"].to_numpy()
    assert quantiles(rate, 0.025).tolist() == expected["lower"].tolist()
    assert quantiles(rate, 0.975).tolist() == expected["upper"].tolist()


@pytest.mark.parametrize("scenario", ["ten_cases_and_none", "two_countries_together"])
def test_scenario(scenario: str) -> None:
    check("poisson", scenario, PLAIN, {})


def test_garwood_of_the_cases_the_study_observed() -> None:
    _, expected = pair("poisson", "garwood_of_the_observed_cases")
    got = estimators.estimate(psu_totals(), population(), SETTINGS)
    got = got.query("method == 'poisson' and level == 'national' and exploitation == 'all' and sex == 'all'")
    rates = got[got["indicator"] == "victims_per_1000_families"].set_index(["country", "location"])
    persons = got[got["indicator"] == "victims"].set_index(["country", "location"])
    for row in expected.itertuples():
        rate, total = rates.loc[(row.country, row.location)], persons.loc[(row.country, row.location)]
        assert rate["n_cases"] == pytest.approx(row.cases, abs=0.05)
        assert rate["estimate"] == pytest.approx(row.rate_per_1000_families, abs=0.005)
        assert rate["ci_low"] == pytest.approx(row.rate_lower, abs=0.0051)
        assert rate["ci_high"] == pytest.approx(row.rate_upper, abs=0.0051)
        assert total["ci_low"] == pytest.approx(row.persons_lower, abs=1)
        assert total["ci_high"] == pytest.approx(row.persons_upper, abs=1)


def test_eight_printed_limits_are_one_unit_below_the_quantiles() -> None:
    rates, printed = pair("pennington", "twenty_printed_limits")
    rate, thousand = rates["rate_per_1000_families"].to_numpy(), rates["thousand_families"].to_numpy()
    k = pd.concat([printed["lower_printed"] / thousand, printed["upper_printed"] / thousand]).round()
    ours = np.concatenate([quantiles(rate, 0.025), quantiles(rate, 0.975)])
    # study-method C2: 12 of 20 agree, the others are always one unit lower in print.
    assert sorted((ours - k).tolist()) == [0.0] * 12 + [1.0] * 8


def test_countries_together_are_narrower_than_the_sum_of_their_limits() -> None:
    got = estimators.estimate(psu_totals(), population(), SETTINGS)
    cell = got.query(
        "level == 'group' and indicator == 'victims' and exploitation == 'all' and location == 'both' and sex == 'all'"
    ).set_index("method")
    # study-method C10: half-widths in squares give 1,054,850 to 1,210,313 from the printed limits.
    assert cell.loc["poisson_ppf", "ci_low"] == pytest.approx(1_054_850, rel=0.005)
    assert cell.loc["poisson_ppf", "ci_high"] == pytest.approx(1_210_313, rel=0.005)
    assert cell.loc["pennington", "ci_high"] == pytest.approx(1_326_207, abs=1)
    assert cell["ci_low"].idxmax() == "poisson"
