"""Victims on no list: against R's SparseMSE and Rcapture, closed forms, and the exact treatment of empty overlaps."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimators.multiple_systems import chao, estimate_lists, limits
from estimators.multiple_systems.loglinear import fit
from estimators.multiple_systems.model_choice import bic_average, main_effects, stepwise_aic, stepwise_p
from estimators.multiple_systems.overlaps import Overlaps, overlaps
from tests.unit.estimators.golden_pairs import GOLDEN
from warehouse.home import CHECKOUT

FOLDER = GOLDEN / "multiple_systems"
FIVE = pd.read_csv(CHECKOUT / "samples/victim_lists/united_kingdom_2013.csv")
QUICK = {"replicates": 40}


def lists(**cells: int) -> Overlaps:
    """Overlaps of lists A, B, C... from counts by name, as A=10, AB=3."""
    names = sorted(set("".join(cells)))
    rows = [{**{name: int(name in cell) for name in names}, "count": count} for cell, count in cells.items()]
    return overlaps(pd.DataFrame(rows))


def test_five_lists_of_the_united_kingdom() -> None:
    expected = pd.read_csv(FOLDER / "united_kingdom_five_lists_output.csv").fillna({"interactions": ""})
    got = estimate_lists(FIVE, QUICK).set_index(["model", "limits"])
    assert set(got["n_observed"]) == {2744}
    for row in expected.itertuples():
        ours = got.loc[(row.model, row.limits)]
        for number in ("estimate", "ci_low", "ci_high", "aic", "deviance"):
            if pd.notna(getattr(row, number)):
                assert ours[number] == pytest.approx(getattr(row, number), rel=row.tolerance), number
        assert ours["interactions"] == row.interactions


def test_every_model_is_published_and_none_hides_the_others() -> None:
    got = estimate_lists(FIVE, QUICK)
    assert got["model"].drop_duplicates().tolist() == [
        "main_effects", "stepwise_p", "stepwise_aic", "bic_average", "chao", "chao_unequal_lists"
    ]  # fmt: skip
    assert ((got["ci_low"] <= got["estimate"]) & (got["estimate"] <= got["ci_high"])).all()
    assert (got["ci_low"] >= 2744).all()


def test_two_lists_give_lincoln_and_petersen() -> None:
    # 60 + 20 on A, 30 + 20 on B, 20 on both: (80 x 50) / 20 = 200; unseen 60 x 30 / 20 = 90.
    data = lists(A=60, B=30, AB=20)
    model = main_effects(data)
    assert model.estimate == pytest.approx(200, rel=1e-12)
    # Variance of the log of n10 n01 / n11 is the sum of reciprocals.
    assert model.log_dark_error == pytest.approx(np.sqrt(1 / 60 + 1 / 30 + 1 / 20), rel=1e-9)
    assert chao.unequal_lists(data).dark == pytest.approx(90, rel=1e-12)


def test_three_lists_with_one_interaction_have_a_closed_form() -> None:
    # A and B dependent, C independent of both: unseen = (A + B + AB without C) x C alone / (AC + BC + ABC)
    # (Fienberg 1972, the model [AB][C]).
    data = lists(A=50, B=40, C=30, AB=25, AC=12, BC=10, ABC=6)
    model = fit(data, ((0, 1),))
    assert model.estimate - data.observed == pytest.approx((50 + 40 + 25) * 30 / (12 + 10 + 6), rel=1e-9)


def test_all_interactions_of_three_lists_have_a_closed_form() -> None:
    # Without the interaction of three: unseen = n1 n2 n3 n123 / (n12 n13 n23) (Bishop, Fienberg and Holland 1975, 6.4).
    data = lists(A=50, B=40, C=30, AB=25, AC=12, BC=10, ABC=6)
    model = fit(data, data.pairs)
    assert model.estimate - data.observed == pytest.approx(50 * 40 * 30 * 6 / (25 * 12 * 10), rel=1e-9)


def test_an_empty_overlap_is_a_limit_and_not_a_large_number() -> None:
    # B and C share nobody. With their interaction at minus infinity the cells BC and ABC are gone, and what is
    # left has B and C each crossed with A only: the maximum equals the limit of ever more negative parameters.
    data = lists(A=50, B=40, C=30, AB=20, AC=15)
    exact = fit(data, ((1, 2),))
    assert exact.removed == ((1, 2),)
    assert exact.n_cells == 5
    nearly = fit(lists(A=50_000_000, B=40_000_000, C=30_000_000, AB=20_000_000, AC=15_000_000, BC=1), ((1, 2),))
    assert nearly.removed == ()
    unseen = (nearly.estimate - nearly.expected.sum()) / 1_000_000 if nearly.expected is not None else np.nan
    assert exact.estimate - data.observed == pytest.approx(unseen, rel=1e-5)


def test_a_likelihood_without_maximum_is_said_and_not_fitted() -> None:
    # Whoever is on A is also on B: A alone and AC are empty, so no table without a zero has the same totals
    # once A:B is in the model.
    model = fit(lists(B=40, C=30, AB=20, BC=10, ABC=5, A=0), ((0, 1), (0, 2), (1, 2)))
    assert model.status == "no_maximum"
    assert np.isnan(model.estimate)


def test_a_model_that_the_cells_cannot_tell_apart_is_said() -> None:
    # Two lists that share nobody: with their interaction removed, two cells must carry three parameters.
    data = lists(A=40, B=30, AB=0)
    assert fit(data, ((0, 1),)).status == "not_identifiable"
    rows = estimate_lists(pd.DataFrame({"A": [1, 0], "B": [0, 1], "count": [40, 30]}), QUICK).set_index("model")
    assert rows.loc["main_effects", "status"] == "no_maximum"
    assert rows.loc["chao_unequal_lists", "status"] == "no_maximum"


def test_chao_of_the_five_lists() -> None:
    # f1 = 54 + 463 + 995 + 695 + 316 = 2,523 and f2 = 15 + 19 + 3 + 62 + 19 + 1 + 76 + 11 + 8 = 214.
    data = overlaps(FIVE)
    assert chao.lower_bound(data).dark == pytest.approx(2523**2 / (2 * 214), rel=1e-12)
    # Pairs of singletons: (2,523^2 - 54^2 - 463^2 - 995^2 - 695^2 - 316^2) / 2 = 2,287,669.
    assert chao.unequal_lists(data).dark == pytest.approx(2_287_669 / 214, rel=1e-12)


def test_every_model_of_five_lists_is_weighed() -> None:
    average = bic_average(overlaps(FIVE))
    assert (average.considered, average.every_model) == (2**10, True)
    assert average.weights.sum() == pytest.approx(1, rel=1e-12)
    assert min(f.estimate for f in average.fits) <= average.estimate <= max(f.estimate for f in average.fits)
    low, high = limits.mixture(average, 2744, 0.95)
    assert low < average.estimate < high


def test_six_lists_are_weighed_near_the_path() -> None:
    table = pd.DataFrame([dict(zip("ABCDEF", marks, strict=True)) for marks in product((0, 1), repeat=6)])
    table["count"] = [0, *(int(300 * 0.3 ** (sum(marks) - 1)) for marks in list(product((0, 1), repeat=6))[1:])]
    average = bic_average(overlaps(table))
    assert not average.every_model
    assert average.considered >= 16


def test_aic_goes_at_least_as_far_as_the_p_values() -> None:
    data = overlaps(FIVE)
    assert set(stepwise_p(data).pairs) <= set(stepwise_aic(data).pairs)
    assert stepwise_aic(data).aic <= stepwise_p(data).aic <= main_effects(data).aic


def test_the_same_seed_gives_the_same_limits() -> None:
    data = overlaps(FIVE)
    first, again, other = (limits.bootstrap(data, main_effects, 0.95, 50, seed) for seed in (1, 1, 2))
    assert first == again
    assert first[1] != other[1]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"A": [1, 0], "count": [3, 4]}), "1 lists"),
        (pd.DataFrame({"A": [1, 0], "B": [0, 1]}), "count is missing"),
        (pd.DataFrame({"A": [1, 2], "B": [0, 1], "count": [3, 4]}), "something else than 0 and 1"),
        (pd.DataFrame({"A": [1, 0], "B": [0, 1], "count": [3, -4]}), "whole number"),
        (pd.DataFrame({"A": [1, 0], "B": [0, 0], "count": [3, 4]}), "on no list"),
        (pd.DataFrame({"A": [1, 1], "B": [0, 1], "count": [3, 0]}), "list B has no case"),
    ],
)
def test_a_table_that_is_wrong_is_refused(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        estimate_lists(table)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=7, max_size=7), st.integers(2, 9))
def test_scaling_all_counts_scales_the_estimate(counts: list[int], factor: int) -> None:
    names = ("A", "B", "C", "AB", "AC", "BC", "ABC")
    once = main_effects(lists(**dict(zip(names, counts, strict=True))))
    more = main_effects(lists(**dict(zip(names, [factor * c for c in counts], strict=True))))
    assert more.estimate == pytest.approx(factor * once.estimate, rel=1e-6)
    assert once.estimate > sum(counts)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=7, max_size=7))
def test_the_fit_keeps_the_totals_it_fits_or_says_why_not(counts: list[int]) -> None:
    names = ("A", "B", "C", "AB", "AC", "BC", "ABC")
    table = dict(zip(names, counts, strict=True))
    if any(sum(n for cell, n in table.items() if name in cell) == 0 for name in "ABC"):
        return
    data = lists(**table)
    model = fit(data, ((0, 1),))
    if model.status != "fitted":
        assert np.isnan(model.estimate)
        return
    assert model.expected is not None
    for column in (*data.on.T, data.both((0, 1))):
        assert model.expected[column].sum() == pytest.approx(data.count[column].sum(), rel=1e-6, abs=1e-6)
