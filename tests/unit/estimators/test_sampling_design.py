"""Two-stage sampling against a published example, and the marks of rules for single PSUs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from estimators.sampling_design import rule_applied, sampling_design, second_stage, variance

# Three of five municipalities' values in each of five of fifty clusters: data(mu284) of R survey 4.1.1, from
# Särndal, Swensson and Wretman (1992), appendix B.
MU284 = {
    19: (5, [41, 49, 49]), 45: (8, [49, 49, 45]), 47: (5, [31, 31, 35]), 50: (9, [39, 41, 61]), 31: (7, [49, 51, 33]),
}  # fmt: skip


def test_two_stages_with_both_sampled_shares_are_those_of_r() -> None:
    # ?mu284: svytotal(~y1, svydesign(id = ~id1 + id2, fpc = ~n1 + n2)) is 15080, SE 2274.3 (2274.25470087333).
    frame = pd.DataFrame({"country": "SE", "stratum": "all", "psu": list(MU284), "frame_psus": 50})
    design = sampling_design(frame, {})
    expansion = np.array([50 / 5 * size / 3 for size, _ in MU284.values()])
    values = np.array([y for _, y in MU284.values()], dtype=float)
    total = (expansion[:, None] * values).sum(axis=1)
    squares = ((expansion[:, None] * values) ** 2).sum(axis=1)
    order = np.argsort([str(psu) for psu in MU284])
    first = variance(design, total[:, None], np.zeros(5, int), 1)[0]
    second = second_stage(
        design,
        np.full(5, 3.0),
        np.array([size for size, _ in MU284.values()], dtype=float)[order],
        total[order, None],
        squares[order, None],
    )
    assert total.sum() == pytest.approx(15080)
    assert np.sqrt(first + second)[0] == pytest.approx(2274.25470087333, rel=1e-10)


def test_the_rule_is_written_where_a_stratum_needed_it() -> None:
    rows = pd.DataFrame({"country": "KZ", "stratum": ["a", "a", "b", "c", "c"], "psu": list("12345")})
    domain = np.array([0, 0, 1, 2, 2])
    for rule in ("remove", "adjust", "average", "certainty"):
        design = sampling_design(rows, {"lonely_psu": rule})
        assert rule_applied(design, domain, 3).tolist() == [None, rule, None]
    merged = sampling_design(rows, {"lonely_psu": "collapse", "collapse": {"b": "c"}})
    assert rule_applied(merged, domain, 3).tolist() == [None, "collapse", None]
    assert merged.drawn.tolist() == [2, 3]


def test_a_psu_taken_with_certainty_by_its_frame_needs_no_rule() -> None:
    rows = pd.DataFrame({"country": "KZ", "stratum": ["a", "a", "b"], "psu": list("123"), "frame_psus": [9, 9, 1]})
    design = sampling_design(rows, {})
    assert rule_applied(design, np.zeros(3, int), 1).tolist() == [None]
    by_option = sampling_design(rows.drop(columns="frame_psus"), {"frame_psus": {"a": 9, "b": 1}})
    np.testing.assert_array_equal(by_option.sampled, design.sampled)


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(ValueError, match=r"lonely_psu: .*known are fail, remove"):
        sampling_design(pd.DataFrame({"country": "KZ", "stratum": ["a"], "psu": ["1"]}), {"lonely_psu": "ignore"})
