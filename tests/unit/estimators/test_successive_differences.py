"""Variances of PSUs drawn systematically: by hand, over domains that lack PSUs, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from estimators.sampling_design import degrees_of_freedom, sampling_design, variance
from tests.unit.estimators.two_countries import run, survey

SYSTEMATIC = {"psu_selection": "systematic"}


def listed() -> pd.DataFrame:
    """Two strata of four and two PSUs; the list's order is not that of the names."""
    return pd.DataFrame(
        {
            "country": "KZ", "stratum": ["a"] * 4 + ["b"] * 2, "psu": ["n", "o", "p", "q", "r", "s"],
            "list_position": [30, 10, 20, 40, 2, 1],
        }
    )  # fmt: skip


TOTALS = np.array([[2.0], [1.0], [4.0], [7.0], [5.0], [3.0]])  # along the list: 1, 4, 2, 7 and 3, 5


def of_everything(options: dict[str, Any], totals: np.ndarray = TOTALS) -> float:
    design = sampling_design(listed(), {**SYSTEMATIC, **options})
    return float(variance(design, totals, np.zeros(len(totals), int), 1)[0, 0])


def test_by_hand() -> None:
    # Steps 3, -2, 5 and 2: 4 / (2 x 3) x (9 + 4 + 25) + 2 / (2 x 1) x 4 = 76 / 3 + 4.
    assert of_everything({}) == pytest.approx(76 / 3 + 4, rel=1e-14)
    # Four of eight and two of ten PSUs: (1 - 1/2) 76 / 3 + (1 - 1/5) 4.
    assert of_everything({"frame_psus": {"a": 8, "b": 10}}) == pytest.approx(38 / 3 + 3.2, rel=1e-14)


def test_a_trend_along_the_list_is_no_error() -> None:
    # PSUs 1, 2, 3, 4 along the list: steps of 1 give 4 / 6 x 3 = 2, where deviations from the mean give 4 / 3 x 5.
    rising = np.array([[3.0], [1.0], [2.0], [4.0], [0.0], [0.0]])
    assert of_everything({}, rising) == pytest.approx(2, rel=1e-14)
    assert of_everything({"psu_selection": "random"}, rising) == pytest.approx(20 / 3, rel=1e-14)


def test_psus_without_a_case_of_the_domain_are_steps_to_zero() -> None:
    # Domain 0 has PSUs n (third in the list: 2) and o (first: 1) of stratum a: 1, 0, 2, 0, so steps -1, 2, -2:
    # 4 / 6 x 9 = 6. Domain 1 has p and q (0, 4, 0, 7: 16 + 16 + 49 = 81, 4 / 6 x 81 = 54) and r, s (4): 58.
    design = sampling_design(listed(), SYSTEMATIC)
    got = variance(design, TOTALS, np.array([0, 0, 1, 1, 1, 1]), 2)[:, 0]
    np.testing.assert_allclose(got, [6, 58], rtol=1e-14)


def test_any_domain_as_the_formula_says_it() -> None:
    draw = np.random.default_rng(3)
    rows = pd.DataFrame({"country": "KZ", "stratum": np.repeat(list("abc"), 7), "psu": [f"{i:02d}" for i in range(21)]})
    rows["list_position"] = draw.permutation(21)
    design = sampling_design(rows, SYSTEMATIC)
    z, domain = draw.normal(size=(21, 3)), draw.integers(0, 4, 21)
    expected = np.zeros((4, 3))
    for d in range(4):
        for stratum in "abc":
            mine = rows[rows["stratum"] == stratum].sort_values("list_position").index
            line = np.where((domain[mine] == d)[:, None], z[mine], 0.0)
            expected[d] += 7 / (2 * 6) * (np.diff(line, axis=0) ** 2).sum(axis=0)
    np.testing.assert_allclose(variance(design, z, domain, 4), expected, rtol=1e-12)


def test_a_lonely_psu_follows_its_rule() -> None:
    rows, totals = listed().iloc[:5], TOTALS[:5]
    with pytest.raises(ValueError, match=r"stratum b \(KZ\) has one PSU"):
        sampling_design(rows, SYSTEMATIC)
    # `adjust`: the lonely 5 less the mean of all five, 19 / 5, squared, on top of stratum a.
    design = sampling_design(rows, {**SYSTEMATIC, "lonely_psu": "adjust"})
    got = variance(design, totals, np.zeros(5, int), 1)[0, 0]
    assert got == pytest.approx(76 / 3 + (5 - 19 / 5) ** 2, rel=1e-14)


def test_degrees_of_freedom_stay_psus_less_strata() -> None:
    design = sampling_design(listed(), SYSTEMATIC)
    assert degrees_of_freedom(design, np.zeros(6, int), 1, np.ones((6, 1), bool))[0, 0] == 4


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        (listed().drop(columns="list_position"), SYSTEMATIC, "one is not known"),
        (listed().assign(list_position=[1, 2, None, 3, 4, 5]), SYSTEMATIC, "one is not known"),
        (listed().assign(list_position=[1, 2, 2, 3, 4, 5]), SYSTEMATIC, "same place"),
        (listed(), {"psu_selection": "by eye"}, "known are random, systematic"),
    ],
)
def test_an_order_that_is_not_known_is_refused(rows: pd.DataFrame, options: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        sampling_design(rows, options)


def test_the_published_table_keeps_its_estimates_and_changes_its_errors() -> None:
    psu = survey(empty=False).assign(list_position=range(24))
    random, systematic = (run(psu, design=options) for options in ({}, SYSTEMATIC))
    np.testing.assert_array_equal(random["estimate"], systematic["estimate"])
    assert (random["std_error"] != systematic["std_error"]).mean() > 0.9
    with pytest.raises(ValueError, match="psu_selection: random"):
        run(psu, jackknife=SYSTEMATIC)
    assert len(run(psu, jackknife={"psu_selection": "random"}))
