"""Regional rates that borrow strength: what is borrowed, what adds up, and what is said where nothing can be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from estimators import design, small_area
from estimators.domain_totals import COUNT_COLUMNS, SurveyTotals, survey_totals
from estimators.small_area import by_fay_herriot, by_gamma_poisson
from estimators.small_area_inputs import KEYS, raked, smoothed_deff

OPTIONS: dict[str, Any] = {"years": 3, "confidence": 0.95, "replicates": 60}
METHODS = {"small_area": small_area.estimate, "small_area_fay_herriot": small_area.estimate_fay_herriot}
CELL = ["exploitation", "location", "sex"]


def survey(regions: int, spread: float, seed: int = 1, rate: float = 0.5) -> SurveyTotals:
    """Ten settlements of twelve families in each invented region of one country; rates vary by `spread`."""
    generator = np.random.default_rng(seed)
    rows = []
    for region in range(regions):
        mean = rate * float(generator.gamma(1 / spread, spread)) if spread else rate
        for psu in range(10):
            women, men, sexual = (int(generator.poisson(mean * part)) for part in (4, 6, 2))
            row = dict.fromkeys(COUNT_COLUMNS, 0) | {"n_respondents": 12, "relatives": 120, "relatives_squared": 1300}
            row |= {"labour_abroad_women": women, "labour_abroad_women_last_3_years": women, "labour_abroad_men": men}
            row |= {"labour_abroad_men_last_3_years": men, "labour_abroad_total": women + men}
            row |= {"labour_abroad_total_last_3_years": women + men, "labour_abroad_any_last_3_years": women + men}
            row |= {"sexual_inside": sexual, "sexual_inside_last_3_years": sexual}
            name = f"KZ-{region:02d}"
            rows.append({"country": "KZ", "region": name, "stratum": name, "psu": f"{name}/{psu}"} | row)
    population = [{"country": "KZ", "region": f"KZ-{r:02d}", "population_thousands": 100.0 + r} for r in range(regions)]
    population.append({"country": "KZ", "region": None, "population_thousands": sum(100.0 + r for r in range(regions))})
    return survey_totals(pd.DataFrame(rows), pd.DataFrame(population))


def headline(frame: pd.DataFrame, indicator: str = "victims_per_1000_families") -> pd.DataFrame:
    chosen = (frame["indicator"] == indicator) & (frame[CELL] == ["all", "both", "all"]).all(axis=1)
    return frame[chosen & (frame["level"] == "regional")].set_index("region")


@pytest.mark.parametrize("method", METHODS)
def test_regions_add_up_to_the_design_based_nation_in_every_cell(method: str) -> None:
    totals = survey(8, 0.5)
    got = METHODS[method](totals, OPTIONS)
    victims = got[got["indicator"] == "victims"]
    regional = victims[victims["level"] == "regional"].groupby(CELL)["estimate"].sum()
    nation = victims[victims["level"] == "national"].set_index(CELL)["estimate"]
    by_design = design.estimate(totals, OPTIONS).query("level == 'national' and indicator == 'victims'")
    assert len(nation) == len(KEYS)
    pd.testing.assert_series_equal(regional.sort_index(), nation.sort_index(), check_exact=False, rtol=1e-9, atol=1e-9)
    pd.testing.assert_series_equal(nation.sort_index(), by_design.set_index(CELL)["estimate"].sort_index())


@pytest.mark.parametrize("method", METHODS)
def test_parts_add_up_in_every_region(method: str) -> None:
    got = METHODS[method](survey(8, 0.5), OPTIONS)
    wide = got[got["indicator"] == "victims"].set_index(["level", "region", *CELL])["estimate"]
    for column, parts, whole in (
        ("sex", ("women", "men"), "all"), ("location", ("inside", "abroad"), "both"),
        ("exploitation", ("labour", "sexual"), "all"),
    ):  # fmt: skip
        table = wide.unstack(column).dropna(subset=[*parts, whole])
        assert len(table)
        assert table[list(parts)].sum(axis=1).to_numpy() == pytest.approx(table[whole].to_numpy(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_rates_are_drawn_together_and_limits_hold_them(method: str) -> None:
    totals = survey(8, 0.5)
    got = METHODS[method](totals, OPTIONS)
    numbers = got[["estimate", "std_error", "ci_low", "ci_high"]]
    assert numbers.notna().all(axis=None)
    assert ((got["ci_low"] <= got["estimate"]) & (got["estimate"] <= got["ci_high"])).all()
    own = headline(design.estimate(totals, OPTIONS))["estimate"]
    assert headline(got)["estimate"].std() < own.std()
    assert np.corrcoef(headline(got)["estimate"], own)[0, 1] > 0.9


def test_the_weight_is_published_and_gives_the_model_rate() -> None:
    models = small_area.models(survey(8, 0.5), OPTIONS, "small_area")
    drawn = models["shrinkage"] * models["direct_rate"] + (1 - models["shrinkage"]) * models["model_mean"]
    said = models["model_mean"].notna()
    assert drawn[said].to_numpy() == pytest.approx(models.loc[said, "model_rate"].to_numpy(), rel=1e-9, abs=1e-12)
    assert models["shrinkage"].between(0, 1).all()
    assert (models["rate"] - models["model_rate"] * models["benchmark"]).abs().max() < 1e-9
    assert models.columns.tolist() == small_area.MODEL_COLUMNS


@pytest.mark.parametrize("method", METHODS)
def test_no_spread_is_said_and_gives_one_rate(method: str) -> None:
    models = small_area.models(survey(8, 0.0, seed=3), OPTIONS, method)
    all_victims = models[(models[CELL] == ["all", "both", "all"]).all(axis=1)]
    assert all_victims["note"].str.startswith("no spread between regions").all()
    assert (all_victims["shrinkage"] == 0).all()
    assert all_victims["model_rate"].nunique() == 1


def test_fewer_than_three_regions_keep_the_design_rates() -> None:
    totals = survey(2, 0.5)
    got = headline(small_area.estimate(totals, OPTIONS))
    own = headline(design.estimate(totals, OPTIONS))
    assert got["estimate"].to_numpy() == pytest.approx(own["estimate"].to_numpy(), rel=1e-9)
    models = small_area.models(totals, OPTIONS, "small_area")
    assert (models["shrinkage"] == 1).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_country_without_a_case_has_an_upper_limit(method: str) -> None:
    got = METHODS[method](survey(4, 0.0, rate=0.0), OPTIONS)
    regional = headline(got)
    assert (regional["estimate"] == 0).all()
    # 3.689 cases (chi-square, one tail of 2.5 %) in 4 regions x 10 settlements x 12 families x 3 years.
    assert regional["ci_high"].to_numpy() == pytest.approx(np.full(4, 3.688879 / (4 * 10 * 12 * 3) * 1000), rel=1e-6)


def test_the_same_survey_gives_the_same_numbers() -> None:
    totals = survey(6, 0.5)
    again = SurveyTotals(totals.psu, totals.domains, totals.nation)
    first, second = (small_area.estimate(t, OPTIONS) for t in (totals, again))
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_the_smoothed_design_effect_by_hand() -> None:
    # Counts R E: 2 and 6 of 10 and 20 family-years; variances of counts 4 and 20, so (4 + 20) / (2 + 6) = 3.
    rate, exposure = np.array([0.2, 0.3, 0.0]), np.array([10.0, 20.0, 5.0])
    variance = np.array([4 / 100, 20 / 400, 0.0])
    assert smoothed_deff(rate, variance, exposure) == pytest.approx(3, rel=1e-12)
    assert smoothed_deff(rate, variance / 10, exposure) == 1
    (cell,) = by_gamma_poisson(rate[None], variance[None], exposure, {"seed": 1, "replicates": 0}, ["key"])
    assert cell.effective == pytest.approx([2 / 3, 2, 0], rel=1e-12)


def test_a_region_without_a_case_takes_the_synthetic_log_rate() -> None:
    rate, exposure = np.array([10.0, 200.0, 60.0, 0.0]), np.full(4, 0.5)
    (cell,) = by_fay_herriot(rate[None], (rate / exposure)[None], exposure, {}, ["key"])
    assert cell.weight[3] == 0
    assert cell.rate[3] == pytest.approx(cell.mean * np.exp(cell.spread / 2), rel=1e-12)
    assert "1 regions without a case" in cell.note


def test_raking_by_hand() -> None:
    # Rows 6 and 4, columns 5 and 5, from a table of ones: independence, 3 3 / 2 2.
    assert raked(np.ones((2, 2)), np.array([6.0, 4.0]), np.array([5.0, 5.0])) == pytest.approx(
        np.array([[3.0, 3.0], [2.0, 2.0]]), rel=1e-12
    )
