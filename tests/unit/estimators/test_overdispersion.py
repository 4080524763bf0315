"""Quasi-Poisson and negative binomial rates of the invented survey against R's glm and MASS::glm.nb."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from estimators.overdispersion import GroupRates, negative_binomial, quasi_poisson
from tests.unit.estimators.invented_survey import expected, interviews

LIKELIHOOD = 1e-5  # R stops at a relative change of 1e-8 in the deviance


@pytest.mark.parametrize(
    ("name", "fit"), [("glm_quasipoisson_unweighted", quasi_poisson), ("glm_nb_unweighted", negative_binomial)]
)
def test_rates_of_countries(name: str, fit: Callable[..., GroupRates]) -> None:
    frame, r = interviews(), expected()[name]
    got = fit(*(frame[c].to_numpy(float) for c in ("victims", "relatives")), frame["country"].to_numpy() - 1)
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
