"""Contrasts and the trend: tests against R and by hand, and what the two tables hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from estimators.comparisons import COLUMNS, comparisons
from estimators.contrasts import holm, log_ratio, satterthwaite, t_test, wald_f
from estimators.trend import trend
from schemas.result_tables import conform
from tests.unit.estimators.invented_survey import design_of, error, expected, ratios, rows_by
from tests.unit.estimators.two_countries import RATES, THRESHOLDS, population, run, survey

SETTINGS: dict[str, Any] = {
    "rates": {**RATES, "earlier_years": 10, "earlier_years_grid": [5, 7, 10]},
    "methods": {"design": {}},
    "reliability": THRESHOLDS,
}
MARK = {"release_id": "r1", "survey_id": "invented"}


def test_holm_is_that_of_r() -> None:
    # R p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.2), "holm"), with a null that does not count
    got = holm(np.array([0.01, 0.04, np.nan, 0.03, 0.005, 0.2]))
    np.testing.assert_allclose(got, [0.040, 0.090, np.nan, 0.090, 0.025, 0.200], rtol=1e-12)


def test_satterthwaite_of_equal_variances_adds_degrees_of_freedom() -> None:
    assert satterthwaite(*(np.array([x]) for x in (2.0, 9.0, 2.0, 9.0)))[0] == pytest.approx(18)


def test_wald_f_of_two_is_the_square_of_t() -> None:
    effects, spread = np.log([0.03, 0.05]), np.diag([0.02, 0.03])
    f, upper, lower, p = wald_f(effects, spread, 40)
    t = t_test(np.array([effects[1] - effects[0]]), np.array([0.05]), np.array([40.0]))
    assert (f, upper, lower) == (pytest.approx(t.statistic[0] ** 2), 1, 40)
    assert p == pytest.approx(t.p_value[0], rel=1e-9)


def test_wald_f_of_the_invented_survey_is_that_of_r() -> None:
    rows = rows_by(["country"])
    estimate = ratios(rows, "victims", "relatives", ["country"])
    rate, se = estimate.value[:, 0], error(design_of("strata_cluster", rows), estimate)
    assert np.log(rate[0]) == pytest.approx(expected()["svyglm_quasipoisson"]["coef"]["(Intercept)"], rel=1e-9)
    f, upper, lower, p = wald_f(np.log(rate), np.diag((se / rate) ** 2), 150)
    assert (upper, lower) == (4, 147)
    # R: regTermTest(svyglm(...), ~factor(country), df = 150) gives X2 / 4; ours is that times 147 / 150
    assert f * 150 / 147 == pytest.approx(3.44742030191149, rel=1e-6)
    assert 0.009989 < p < 0.02  # R, with 150 instead of 147: 0.009989


def test_a_ratio_with_zero_is_null() -> None:
    assert np.isnan(log_ratio(np.array([0.0, 1.0]), np.array([1.0, 0.0]))).all()


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return comparisons(survey(), population(), SETTINGS)


def test_comparisons_are_the_tables_shape(table: pd.DataFrame) -> None:
    assert list(table.columns) == COLUMNS
    assert len(conform("comparisons", table.assign(**MARK))) == len(table)
    # 24 cells: one pair of countries and one test of all; 3 sexes and 8 places for two countries and the group
    assert table["contrast"].value_counts().to_dict() == {
        "countries": 24, "all_countries": 24, "sexes": 9, "locations": 24,
    }  # fmt: skip
    again = comparisons(survey().sample(frac=1, random_state=1), population(), SETTINGS)
    pd.testing.assert_frame_equal(table, again, check_exact=True)


def test_countries_are_compared_as_independent_samples(table: pd.DataFrame) -> None:
    cells = run(survey()).query("level == 'national' and indicator == 'victims_per_1000_families'")
    pick = "exploitation == 'all' and location == 'both' and sex == 'all'"
    kg, kz = (cells.query(f"country == '{c}' and {pick}").iloc[0] for c in ("KG", "KZ"))
    row = table.query(f"contrast == 'countries' and {pick}").iloc[0]
    assert row["ratio"] == pytest.approx(kg["estimate"] / kz["estimate"], rel=1e-12)
    assert row["log_ratio_std_error"] == pytest.approx(np.hypot(kg["cv"], kz["cv"]), rel=1e-10)
    assert row["difference_std_error"] == pytest.approx(np.hypot(kg["std_error"], kz["std_error"]), rel=1e-10)
    assert row["p_value_holm"] == row["p_value"]  # one pair
    both = table.query(f"contrast == 'all_countries' and {pick}").iloc[0]
    assert both["statistic"] == pytest.approx(row["statistic"] ** 2, rel=1e-9)


def test_places_in_one_sample_are_compared_with_their_covariance(table: pd.DataFrame) -> None:
    # V(inside + abroad) + V(abroad - inside) = 2 V(inside) + 2 V(abroad), for any covariance
    cells = run(survey()).query("level == 'national' and indicator == 'victims_per_1000_families' and sex == 'all'")
    errors = cells.query("exploitation == 'labour'").pivot_table(
        index="country", columns="location", values="std_error"
    )
    difference = table.query(
        "contrast == 'locations' and level == 'national' and exploitation == 'labour' and sex == 'all'"
    ).set_index("country")["difference_std_error"]
    np.testing.assert_allclose(
        errors["both"] ** 2 + difference**2, 2 * errors["inside"] ** 2 + 2 * errors["abroad"] ** 2, rtol=1e-9
    )


def test_the_trend_moves_with_the_assumed_length_and_its_error_does_not() -> None:
    table = trend(survey(), population(), SETTINGS)
    assert len(conform("trend", table.assign(**MARK))) == len(table) == 3 * 9 * 3
    cell = table.query("country == 'KZ' and exploitation == 'labour' and location == 'both'").set_index("earlier_years")
    assert cell["assumed"].to_dict() == {5: "no", 7: "no", 10: "yes"}
    assert cell.loc[10, "ratio"] == pytest.approx(2 * cell.loc[5, "ratio"], rel=1e-12)
    assert cell["log_ratio_std_error"].nunique() == 1
    psu = survey().query("country == 'KZ'")
    recent = psu[["labour_inside_any_last_3_years", "labour_abroad_any_last_3_years"]].sum().sum()
    assert cell.loc[5, "n_recent"] == recent


def test_the_trend_of_the_invented_survey_is_that_of_r() -> None:
    # one country, so that only the windows differ: log error = SE / estimate of R's svyratio(~recent, ~earlier)
    rows = rows_by([])
    r = expected()["strata_cluster"]["trend_ratio_rec_over_old"]
    estimate = ratios(rows, "recent", "earlier", [])
    got = error(design_of("strata_cluster", rows), estimate)[0] / estimate.value[0, 0]
    assert got == pytest.approx(r["se"] / r["est"], rel=1e-10)


def test_a_trend_without_a_declared_length_is_refused() -> None:
    with pytest.raises(ValueError, match="earlier_years is not declared"):
        trend(survey(), population(), {**SETTINGS, "rates": RATES})
