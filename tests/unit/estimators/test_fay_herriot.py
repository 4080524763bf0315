"""The Fay-Herriot model: against R's sae and metafor, and what must hold whatever the data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimators import fay_herriot
from tests.unit.estimators.golden_pairs import pair


def test_milk_expenditure_against_sae() -> None:
    areas, expected = pair("small_area", "forty_three_areas_of_milk_expenditure")
    group = areas["group"].to_numpy()[:, None] == np.array([1, 2, 3, 4])
    group[:, 0] = True
    fitted = fay_herriot.fit(areas["direct"].to_numpy(), areas["std_error"].to_numpy() ** 2, group.astype(float))
    # sae prints these with seven figures, after an iteration that stops at 1e-4.
    assert fitted.coefficients == pytest.approx([0.9681890, 0.1327801, 0.2269462, -0.2413011], abs=2e-5)
    assert fitted.estimate == pytest.approx(expected["eblup"].to_numpy(), abs=2e-5)
    assert fitted.mse == pytest.approx(expected["mse"].to_numpy(), rel=5e-4)


def test_vaccine_trials_against_metafor() -> None:
    trials, expected = pair("small_area", "thirteen_vaccine_trials")
    fitted = fay_herriot.fit(trials["direct"].to_numpy(), trials["variance"].to_numpy())
    assert fitted.effect_variance == pytest.approx(0.313243258136, rel=1e-5)
    assert fitted.coefficients[0] == pytest.approx(-0.714532342158, rel=1e-6)
    assert fitted.synthetic_variance[0] ** 0.5 == pytest.approx(0.179781516105, rel=1e-6)
    assert fitted.estimate == pytest.approx(expected["eblup"].to_numpy(), abs=1e-6)


def test_areas_closer_than_their_errors_are_synthetic() -> None:
    # Inverse-variance mean of 1, 2 and 4 with variances 10, 20, 20: (0.1 + 0.1 + 0.2) / 0.2 = 2.
    fitted = fay_herriot.fit(np.array([1.0, 2.0, 4.0]), np.array([10.0, 20.0, 20.0]))
    assert fitted.effect_variance == 0
    assert fitted.estimate == pytest.approx([2, 2, 2], rel=1e-12)
    assert (fitted.weight == 0).all()
    assert (fitted.mse > 0).all()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 4)), min_size=4, max_size=20), st.floats(-3, 3))
def test_an_estimate_lies_between_its_own_and_the_mean_and_moves_with_the_data(
    areas: list[tuple[float, float]], shift: float
) -> None:
    direct, variance = (np.array(column) for column in zip(*areas, strict=True))
    fitted = fay_herriot.fit(direct, variance)
    low, high = np.minimum(direct, fitted.synthetic), np.maximum(direct, fitted.synthetic)
    assert ((fitted.estimate >= low - 1e-9) & (fitted.estimate <= high + 1e-9)).all()
    moved = fay_herriot.fit(direct + shift, variance)
    assert moved.estimate - shift == pytest.approx(fitted.estimate, abs=1e-4)


def test_an_area_without_an_estimate_is_synthetic_and_moves_no_other() -> None:
    direct, variance = np.array([1.0, 3.0, 7.0, 5.0]), np.array([0.5, 1.0, 2.0, np.inf])
    with_it, without = fay_herriot.fit(direct, variance), fay_herriot.fit(direct[:3], variance[:3])
    assert with_it.effect_variance == pytest.approx(without.effect_variance, rel=1e-12)
    assert with_it.estimate[:3] == pytest.approx(without.estimate, rel=1e-12)
    assert with_it.mse[:3] == pytest.approx(without.mse, rel=1e-12)
    assert with_it.weight[3] == 0
    assert with_it.estimate[3] == with_it.synthetic[3]
    # Its error is that of the mean and of an effect nobody has seen.
    assert with_it.mse[3] == pytest.approx(with_it.effect_variance + with_it.synthetic_variance[3], rel=1e-12)


def test_the_restricted_likelihood_is_flat_where_it_is_largest() -> None:
    # Equal variances: REML is the analysis of variance, s2 = sum (y - mean)^2 / (m - 1) - psi, exactly.
    direct = np.array([1.0, 3.0, 7.0, 5.0, 4.0])
    assert fay_herriot.fit(direct, np.full(5, 2.0)).effect_variance == pytest.approx(5.0 - 2.0, rel=1e-12)
