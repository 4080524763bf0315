"""Quasi-Poisson and negative binomial rates against R's glm and MASS::glm.nb; the clustered test by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from estimators.overdispersion import GroupRates, negative_binomial, quasi_poisson
from estimators.overdispersion_rows import clustered_tests, overdispersion
from tests.unit.estimators.invented_survey import expected, interviews

LIKELIHOOD = 1e-5  # R stops at a relative change of 1e-8 in the deviance


@pytest.mark.parametrize(
    ("name", "fit"), [("glm_quasipoisson_unweighted", quasi_poisson), ("glm_nb_unweighted", negative_binomial)]
)
def test_rates_of_countries(name: str, fit: Callable[..., GroupRates]) -> None:
    frame, r = interviews(), expected()[name]
    given = *(frame[c].to_numpy(float) for c in ("victims", "relatives")), frame["country"].to_numpy() - 1
    got = fit(*given, np.ones(len(frame)))
    differences = got.log_rate - np.append(0, np.repeat(got.log_rate[0], 4))  # R's factor coding
    errors = np.append(got.std_error[0], np.hypot(got.std_error[1:], got.std_error[0]))
    np.testing.assert_allclose(differences, list(r["coef"].values()), rtol=LIKELIHOOD)
    np.testing.assert_allclose(errors, list(r["se"].values()), rtol=LIKELIHOOD)
    if name == "glm_quasipoisson_unweighted":
        # R takes the residuals of the last iteration but one
        assert got.dispersion == pytest.approx(r["dispersion"], rel=2e-5)
    else:
        assert got.size == pytest.approx(r["theta"], rel=LIKELIHOOD)
        # R's theta.ml stops at a step of eps^0.25 and gives the curvature before that step
        assert got.size_error == pytest.approx(r["se_theta"], rel=1e-3)
        assert got.log_likelihood == pytest.approx(r["loglik"], rel=1e-10)


def test_families_of_a_kind_count_as_often_as_there_are() -> None:
    frame = interviews()
    kinds = frame.groupby(["country", "relatives", "victims"]).size().reset_index(name="families")
    one = [frame[c].to_numpy(float) for c in ("victims", "relatives")]
    many = [kinds[c].to_numpy(float) for c in ("victims", "relatives")]
    fits: tuple[Callable[..., GroupRates], ...] = (quasi_poisson, negative_binomial)
    for fit in fits:
        single = fit(*one, frame["country"].to_numpy() - 1, np.ones(len(frame)))
        counted = fit(*many, kinds["country"].to_numpy() - 1, kinds["families"].to_numpy(float))
        np.testing.assert_allclose(counted.log_rate, single.log_rate, rtol=1e-9)
        for number in ("dispersion", "size"):
            assert getattr(counted, number) == pytest.approx(getattr(single, number), rel=1e-9, nan_ok=True)


def test_cases_that_spread_less_than_chance_have_no_theta() -> None:
    one_each = negative_binomial(np.ones(50), np.full(50, 10.0), np.zeros(50, int), np.ones(50))
    assert one_each.size == np.inf


OPTIONS = {"years": 3, "confidence": 0.95}


def families(draw: np.random.Generator, extra: float, psus: int = 200, inside: int = 12) -> pd.DataFrame:
    """Families of one region whose cases have variance mu + extra mu^2, none of it shared within a settlement."""
    n = psus * inside
    relatives = draw.integers(3, 15, n)
    mean = 0.1 * relatives
    luck = draw.gamma(1 / extra, extra, n) if extra else 1.0
    frame = pd.DataFrame({"psu": np.repeat([f"s{i:03d}" for i in range(psus)], inside), "relatives": relatives})
    return frame.assign(country="KZ", region="KZ-1", stratum="KZ-1", labour=draw.poisson(mean * luck), sexual=0)


def by_psu(frame: pd.DataFrame) -> pd.DataFrame:
    products = frame.assign(
        relatives_squared=frame["relatives"] ** 2, labour_labour=frame["labour"] ** 2, sexual_sexual=0, labour_sexual=0,
        labour_relatives=frame["labour"] * frame["relatives"], sexual_relatives=0,
    )  # fmt: skip
    return products.groupby(["country", "region", "stratum", "psu"]).sum().reset_index()


def counted(frame: pd.DataFrame) -> pd.DataFrame:
    key = ["country", "region", "relatives", "labour", "sexual"]
    return frame.groupby(key).size().reset_index(name="families")


def test_extra_variance_by_hand() -> None:
    # Two settlements of two families of ten relatives; cases 0, 4 and 1, 3. R = 8/40, mu = 2 for each family.
    # Sum (y - 2)^2 - y = (4 + 4 + 1 + 1) - 8 = 2, sum mu^2 = 16, a = 1/8. Each settlement has R's own rate, so their
    # influences are (8 - 4 - 1/8 x 8) / 16 = 3/16 and (2 - 4 - 1) / 16 = -3/16, V = 2/1 x 2 x (3/16)^2, SE = 3/8.
    frame = pd.DataFrame({"psu": ["a", "a", "b", "b"], "labour": [0, 4, 1, 3], "relatives": 10, "sexual": 0})
    frame = frame.assign(country="KZ", region="KZ-1", stratum="KZ-1")
    got = clustered_tests(by_psu(frame), OPTIONS)["labour"].loc["KZ"]
    assert got["extra_variance"] == pytest.approx(1 / 8, rel=1e-12)
    assert got["extra_variance_std_error"] == pytest.approx(3 / 8, rel=1e-12)
    # Student's t on one degree of freedom is Cauchy's: 1/2 - arctan(1/3) / pi.
    assert got["p_value"] == pytest.approx(0.5 - np.arctan(1 / 3) / np.pi, rel=1e-9)


def test_influences_are_the_slopes_of_the_estimate() -> None:
    # The influence of a settlement is the derivative of a with respect to its weight: V of two settlements by slopes.
    rows = by_psu(families(np.random.default_rng(5), 0.8, psus=8))
    numbers = [name for name in rows if rows[name].dtype.kind == "i"]
    slopes, step = [], 1e-6
    for psu in range(len(rows)):
        moved = []
        for weight in (1 + step, 1 - step):
            weighted = rows.astype(dict.fromkeys(numbers, float))
            weighted.loc[psu, numbers] *= weight
            moved.append(clustered_tests(weighted, OPTIONS)["all"].loc["KZ", "extra_variance"])
        slopes.append((moved[0] - moved[1]) / (2 * step))
    z = np.array(slopes)
    error = np.sqrt(8 / 7 * ((z - z.mean()) ** 2).sum())
    got = clustered_tests(rows, OPTIONS)["all"].loc["KZ", "extra_variance_std_error"]
    assert got == pytest.approx(error, rel=1e-6)


def test_known_spread_is_found_and_chance_is_not_called_spread() -> None:
    settings = {"rates": OPTIONS}
    draw = np.random.default_rng(11)
    spread, chance = (families(draw, extra) for extra in (0.5, 0.0))
    found, none = (overdispersion(counted(f), by_psu(f), settings).set_index("exploitation") for f in (spread, chance))
    labour = found.loc["labour"]
    assert labour["theta"] == pytest.approx(2.0, abs=3 * labour["theta_std_error"])
    assert labour["extra_variance"] == pytest.approx(0.5, abs=3 * labour["extra_variance_std_error"])
    assert labour["p_value"] < 1e-6
    assert none.loc["labour", "dispersion"] == pytest.approx(1.0, abs=0.1)
    assert none.loc["labour", "p_value"] > 0.01
    sexual = found.loc["sexual"]
    assert sexual["n_cases"] == 0
    assert sexual[["dispersion", "theta", "extra_variance", "p_value"]].isna().all()
