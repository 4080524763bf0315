"""Degrees of freedom and design effects beside the 2010 methods: by hand, and only where there is a design."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from estimators.domain_totals import COUNT_COLUMNS
from tests.unit.estimators.two_countries import run, survey

STUDY = {"pennington": {"cdf_decimals": 4}, "poisson": {}, "poisson_ppf": {}}
CELL = "indicator == 'victims_per_1000_families' and exploitation == 'sexual' and location == 'inside' and sex == 'all'"


def test_the_design_effect_beside_poisson_is_that_of_the_pooled_sample_by_hand() -> None:
    psu = survey()
    got = run(psu, design={}, **STUDY).query(f"{CELL} and level == 'national' and country == 'KG'")
    here = psu[psu["country"] == "KG"]
    cases, n = (here[name].to_numpy(float) for name in ("sexual_inside_last_3_years", "n_respondents"))
    rate = cases.sum() / n.sum()
    z = pd.Series((cases - rate * n) / n.sum())  # Woodruff's residuals of a ratio
    spread = z.groupby(here["region"].to_numpy()).apply(lambda part: 4 / 3 * ((part - part.mean()) ** 2).sum()).sum()
    for method in STUDY:
        row = got.set_index("method").loc[method]
        assert row["deff"] == pytest.approx(spread * cases.sum() / rate**2, rel=1e-9)
        assert row["df"] == 12 - 3  # PSUs less strata


def test_few_degrees_of_freedom_are_caution_under_the_2010_methods_too() -> None:
    psu = survey()
    many = psu.assign(**{name: psu[name] * 20 for name in COUNT_COLUMNS})  # enough cases for narrow limits
    got = run(many, design={}, **STUDY).query(f"{CELL} and method == 'poisson' and region == 'KG-1'").iloc[0]
    assert got["df"] == 3  # four settlements in one stratum
    assert got["reliability"] == "caution"
    assert (
        run(many, **STUDY).query(f"{CELL} and method == 'poisson' and region == 'KG-1'")["reliability"].item()
        == "publish"
    )


def test_a_survey_that_declares_no_design_has_none_beside_its_numbers() -> None:
    assert run(survey(), **STUDY)[["df", "deff"]].isna().all(axis=None)


def test_limits_and_estimates_do_not_move() -> None:
    numbers = ["estimate", "std_error", "cv", "ci_low", "ci_high", "implied_deff"]
    alone = run(survey(), **STUDY)
    beside = run(survey(), design={}, **STUDY).query("method != 'design'").reset_index(drop=True)
    pd.testing.assert_frame_equal(alone[numbers], beside[numbers], check_exact=True)


def test_every_cell_with_a_number_says_what_it_rests_on() -> None:
    got = run(survey(), design={}, jackknife={}, small_area={}, small_area_fay_herriot={}, **STUDY)
    known = got[got["estimate"].notna()]
    rests_on = ["std_error", "cv", "ci_low", "ci_high", "n_psu", "df", "deff", "reliability"]
    bare = known[known[rests_on].isna().any(axis=1)]
    # The last region has no case, so of its victims' shares there is no number at all, and none without a basis.
    assert bare.empty, bare
    none = known.query("method == 'design' and estimate == 0 and indicator == 'victims' and country == 'KG'")
    assert (none["deff"] >= 1).all() and np.isfinite(none["deff"]).all() and len(none)
