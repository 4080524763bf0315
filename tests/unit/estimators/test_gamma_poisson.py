"""Gamma-Poisson empirical Bayes: against R's negative binomial fit, Scottish lip cancer and closed forms."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma

from estimators import gamma_poisson
from estimators.gamma_poisson import NO_SPREAD, Prior
from tests.unit.estimators.golden_pairs import GOLDEN, pair


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def test_twelve_regions_against_r() -> None:
    given_, expected = pair("small_area", "twelve_regions_with_spread")
    count, exposure = given_["count"].to_numpy(float), given_["exposure"].to_numpy(float)
    prior = gamma_poisson.fit(count, exposure)
    assert prior.shape[0] == pytest.approx(expected["shape"][0], rel=1e-5)
    assert prior.mean[0] == pytest.approx(expected["mean"][0], rel=1e-7)
    after = gamma_poisson.posterior(count, exposure, prior.shape, prior.mean)
    assert after.mean == pytest.approx(expected["posterior_mean"].to_numpy(), rel=1e-6)


def find_oracles() -> Path:
    for parent in GOLDEN.parents:
        folder = parent / "shared" / "oracles" / "small_area"
        if (folder / "scotland_lip.csv").exists():
            return folder
    pytest.skip("the published Scottish counts are not beside this checkout")


def test_scottish_lip_cancer() -> None:
    folder = find_oracles()
    areas = pd.read_csv(folder / "scotland_lip.csv")
    expected = json.loads((folder / "gamma_poisson_eb_expected.json").read_text(encoding="utf-8"))
    count, exposure = areas["cases"].to_numpy(float), areas["expected"].to_numpy(float)
    prior, likelihood = gamma_poisson.fit(count, exposure), expected["scotland_ml"]
    assert prior.source == "likelihood"
    assert prior.shape[0] == pytest.approx(likelihood["theta"], rel=1e-5)
    assert np.log(prior.mean[0]) == pytest.approx(likelihood["log_mu"], rel=1e-6)
    after = gamma_poisson.posterior(count, exposure, prior.shape, prior.mean)
    assert after.mean == pytest.approx(likelihood["RR"], rel=1e-6)
    rate = prior.shape / prior.mean + exposure
    assert gamma.ppf(0.5, prior.shape + count, scale=1 / rate) == pytest.approx(likelihood["RR_median"], rel=1e-6)
    by_moments, moment = gamma_poisson.moments(count, exposure), expected["scotland_moment"]
    assert by_moments.shape[0] == pytest.approx(moment["nu"], rel=1e-6)
    assert by_moments.shape[0] / by_moments.mean[0] == pytest.approx(moment["alpha"], rel=1e-6)
    smooth = gamma_poisson.posterior(count, exposure, by_moments.shape, by_moments.mean)
    assert smooth.mean == pytest.approx(moment["RR"], rel=1e-6)


def test_a_known_prior_by_hand() -> None:
    # Gamma(2, rate 2 / 0.5 = 4) and 6 cases in 8: Gamma(8, 12), mean 2/3, variance 8/144; own weight 8 / 12.
    after = gamma_poisson.posterior(array(6), array(8), array(2), array(0.5))
    assert (after.mean[0], after.variance[0], after.weight[0]) == pytest.approx((2 / 3, 8 / 144, 2 / 3), rel=1e-14)
    low, high = gamma_poisson.limits(after.mean, after.variance, 0.95)
    assert (low[0], high[0]) == pytest.approx(gamma.ppf([0.025, 0.975], 8, scale=1 / 12), rel=1e-12)


def test_counts_without_spread_give_the_pooled_rate() -> None:
    # Exactly proportional counts vary less than Poisson ones, so the areas are alike.
    exposure = array(10, 20, 30, 40)
    prior = gamma_poisson.fit(exposure * 0.3, exposure)
    assert prior.shape[0] == NO_SPREAD
    after = gamma_poisson.posterior(exposure * 0.3, exposure, prior.shape, prior.mean)
    assert after.mean == pytest.approx(np.full(4, 0.3), rel=1e-12)
    assert (after.weight == 0).all()
    assert gamma_poisson.moments(exposure * 0.3, exposure).shape[0] == NO_SPREAD


def test_the_bootstrap_adds_to_the_variance() -> None:
    given_, _ = pair("small_area", "twelve_regions_with_spread")
    count, exposure = given_["count"].to_numpy(float), given_["exposure"].to_numpy(float)
    prior = gamma_poisson.fit(count, exposure)
    plain = gamma_poisson.posterior(count, exposure, prior.shape, prior.mean).variance
    wide, again = (
        gamma_poisson.bootstrap_variance(count, exposure, prior, 400, np.random.default_rng(1)) for _ in range(2)
    )
    assert (wide == again).all()
    assert (wide > plain * 0.9).all()
    assert wide.mean() > plain.mean()
    alike = Prior(array(NO_SPREAD), array(count.sum() / exposure.sum()))
    assert (gamma_poisson.bootstrap_variance(count, exposure, alike, 200, np.random.default_rng(1)) > 0).all()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.floats(0.5, 50)), min_size=3, max_size=15),
    st.floats(0.01, 100),
)
def test_rates_lie_between_their_own_and_the_mean_whatever_the_unit(
    areas: list[tuple[int, float]], unit: float
) -> None:
    count, exposure = (np.array(column, dtype=float) for column in zip(*areas, strict=True))
    if not count.any():
        return
    prior = gamma_poisson.fit(count, exposure)
    after = gamma_poisson.posterior(count, exposure, prior.shape, prior.mean)
    low, high = np.minimum(count / exposure, prior.mean), np.maximum(count / exposure, prior.mean)
    assert ((after.mean >= low * (1 - 1e-9)) & (after.mean <= high * (1 + 1e-9))).all()
    assert ((after.weight >= 0) & (after.weight < 1)).all()
    other = gamma_poisson.fit(count, exposure * unit)
    assert other.mean[0] * unit == pytest.approx(prior.mean[0], rel=1e-4)
