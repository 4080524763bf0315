"""The invented survey: what it promises about size, seed, columns, and truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from samples.synthetic import COUNTS, frame, plan_of, write
from samples.synthetic.clustering import Clustering, FamilySizes, clustering_for, unit_gamma
from samples.synthetic.files import PSUS_OF_PART
from samples.synthetic.plan import SHARES, WEIGHT_STEP


@pytest.fixture(scope="module")
def families() -> pd.DataFrame:
    return frame(plan_of(120_007))


def test_every_row_asked_for_and_no_other(families: pd.DataFrame) -> None:
    assert len(families) == 120_007
    assert sorted(families["country"].unique()) == [1, 2, 3, 4, 5]
    assert families["region"].nunique() == 25
    assert families.groupby("psu")["stratum"].nunique().max() == 1
    assert families.groupby("stratum")["psu"].nunique().min() >= 2
    assert (families.groupby("stratum")["frame_psus"].first() > families.groupby("stratum")["psu"].nunique()).all()
    assert families.groupby("psu").size().between(12, 13).mean() > 0.99


def test_the_seed_and_nothing_else_decides(families: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(families, frame(plan_of(120_007)))
    assert not families["relatives"].equals(frame(plan_of(120_007, seed=2010))["relatives"])


def test_the_file_is_the_frame_over_several_parts(tmp_path: Path) -> None:
    plan = plan_of(12 * (PSUS_OF_PART + 100))
    read = pd.read_parquet(write(plan, tmp_path / "survey.parquet"))
    pd.testing.assert_frame_equal(read, frame(plan))
    assert [path.name for path in tmp_path.iterdir()] == ["survey.parquet"]


def test_weighted_sums_are_exact_in_any_order(families: pd.DataFrame) -> None:
    assert (families["weight"] / WEIGHT_STEP == np.floor(families["weight"] / WEIGHT_STEP)).all()
    weighted = (families["weight"] * families["relatives"]).to_numpy()
    shuffled = np.random.default_rng(1).permutation(weighted)
    assert np.cumsum(weighted)[-1] == np.cumsum(shuffled)[-1]


def test_totals_regardless_of_sex_are_women_and_men(families: pd.DataFrame) -> None:
    for place in ("inside", "abroad"):
        both = families[f"labour_{place}_women_earlier"] + families[f"labour_{place}_men_earlier"]
        assert families[f"labour_{place}_total_earlier"].equals(both)


def test_rates_come_out_as_promised(families: pd.DataFrame) -> None:
    """Every stratum's rate of all victims within five standard errors of the truth; errors from the design effect."""
    plan = plan_of(120_007)
    truth = plan.truth().query("level == 'stratum'").pivot_table(index="area", columns="count", values="rate")
    expected = truth[list(SHARES)].sum(axis=1)
    np.testing.assert_allclose(expected.to_numpy(), plan.rate, rtol=1e-12)
    weighted = families[[*SHARES, "relatives"]].mul(families["weight"], axis=0).groupby(families["stratum"]).sum()
    found = weighted[list(SHARES)].sum(axis=1) / weighted["relatives"]
    people = families.groupby("stratum")["relatives"].sum()
    error = np.sqrt(expected * plan.design_effect / people)
    away = (found - expected) / error
    assert away.abs().max() < 5
    assert abs(away.mean()) < 5 / np.sqrt(len(away))


def test_truth_of_larger_areas_is_the_weighted_mean_of_strata(families: pd.DataFrame) -> None:
    plan = plan_of(120_007)
    truth = plan.truth().set_index(["level", "area", "count"])["rate"]
    people = plan.base_weight * plan.drawn
    inside = plan.region == 7
    by_hand = (people * plan.rate)[inside].sum() / people[inside].sum() * SHARES["sexual_abroad_earlier"]
    assert truth["region", 7, "sexual_abroad_earlier"] == pytest.approx(by_hand)
    assert set(truth.index.get_level_values("count")) == set(COUNTS)


def test_design_effect_of_a_small_share_is_smaller() -> None:
    plan = plan_of(120_007, design_effect=12)
    assert (plan.true_design_effect("sexual_inside_earlier") < 2).all()
    everything = plan.clustering.design_effect(plan.rate, plan.rows / plan.drawn.sum(), plan.sizes)
    np.testing.assert_allclose(everything * np.exp(plan.weight_spread**2), 12)


def test_design_effect_from_first_principles() -> None:
    """10 families of exactly 4 relatives: Var(y - r x) of a PSU by hand, over its mean count."""
    sizes = FamilySizes(mean=4, shape=1e12)
    square = 16 + 3  # 1 + Poisson(3) relatives: mean 4, variance 3
    own = 0.1 * square * (1.5 * 3 - 1) / 4
    shared = 9 * 0.1 * 4 * 0.5
    found = Clustering(np.array(0.5), np.array(2.0)).design_effect(np.array(0.1), 10, sizes)
    assert found == pytest.approx(1 + own + shared)


def test_no_clustering_at_a_design_effect_of_one() -> None:
    clustering = clustering_for(1.0, np.array([0.01]), 12, FamilySizes())
    assert clustering.of_psus == 0
    assert clustering.of_families == 0
    assert (unit_gamma(np.random.default_rng(1), np.zeros(3), (3,)) == 1).all()


def test_what_cannot_be_made_is_refused() -> None:
    with pytest.raises(ValueError, match="1,200 or more"):
        plan_of(1_199)
    with pytest.raises(ValueError, match="1 or more"):
        clustering_for(0.5, np.array([0.01]), 12, FamilySizes())
    assert len(frame(plan_of(1_200))) == 1_200
