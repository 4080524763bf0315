"""Two-stage sampling against a published example, and the marks of rules for single PSUs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from estimators import design_effect
from estimators.sampling_design import covariance, rule_applied, sampling_design, variance

# Three of five municipalities' values in each of five of fifty clusters: data(mu284) of R survey 4.1.1, from
# Särndal, Swensson and Wretman (1992), appendix B.
MU284 = {
    19: (5, [41, 49, 49]), 45: (8, [49, 49, 45]), 47: (5, [31, 31, 35]), 50: (9, [39, 41, 61]), 31: (7, [49, 51, 33]),
}  # fmt: skip
KNOWN = {"second_stage": "known"}


def test_two_stages_with_both_sampled_shares_are_those_of_r() -> None:
    # ?mu284: svytotal(~y1, svydesign(id = ~id1 + id2, fpc = ~n1 + n2)) is 15080, SE 2274.3 (2274.25470087333).
    rows = families()
    z = rows.pop("z").to_numpy()
    assert z.sum() == pytest.approx(15080)
    total = variance(sampling_design(rows, KNOWN), z[:, None], np.zeros(15, int), 1)
    assert np.sqrt(total[0, 0]) == pytest.approx(2274.25470087333, rel=1e-10)


def families() -> pd.DataFrame:
    """The families (municipalities) of mu284, a row each, with their influence z on the total."""
    rows = [
        {"psu": str(psu), "z": 50 / 5 * size / 3 * y, "families_living": size}
        for psu, (size, values) in MU284.items()
        for y in values
    ]
    return pd.DataFrame(rows).assign(country="SE", stratum="all", frame_psus=50, n_respondents=1)


def test_families_who_answered_alike_may_share_a_row() -> None:
    rows = families()
    alike = rows.groupby(["country", "stratum", "psu", "z"], as_index=False).agg(
        {"frame_psus": "first", "families_living": "first", "n_respondents": "sum"}
    )
    assert len(alike) == 12  # of three municipalities in each, PSUs 19, 45 and 47 have two with one value
    z = alike["z"].to_numpy() * alike["n_respondents"].to_numpy()
    total = variance(sampling_design(alike, KNOWN), z[:, None], np.zeros(12, int), 1)
    assert np.sqrt(total[0, 0]) == pytest.approx(2274.25470087333, rel=1e-10)


def test_families_outside_a_domain_have_no_influence_and_count() -> None:
    rows = families()
    z, domain = rows["z"].to_numpy(), np.arange(15) % 2
    design = sampling_design(rows, KNOWN)
    cut = variance(design, z[:, None], domain, 2)[:, 0]
    zeros = variance(design, np.where(domain[:, None] == [0, 1], z[:, None], 0.0), np.zeros(15, int), 1)[0]
    np.testing.assert_allclose(cut, zeros, rtol=1e-12)


def test_a_second_stage_reaches_covariances_and_the_least_design_effect() -> None:
    rows = families()
    z = np.stack([rows["z"], rows["z"] ** 2], axis=1)
    design = sampling_design(rows, KNOWN)
    matrix = covariance(design, z)
    np.testing.assert_allclose(np.diag(matrix), variance(design, z, np.zeros(15, int), 1)[0], rtol=1e-12)
    # a tenth of the clusters, and at least a third (3 of 9) of the municipalities in each
    assert design_effect.least_effect(design, np.zeros(15, int), 1)[0] == pytest.approx(1 - 0.1 / 3)
    first = sampling_design(rows, {})
    assert design_effect.least_effect(first, np.zeros(15, int), 1)[0] == pytest.approx(0.9)


def test_one_family_of_a_psu_shows_no_spread_and_all_of_them_leave_none() -> None:
    rows = pd.DataFrame({"country": "SE", "stratum": "all", "psu": ["a", "b", "b"], "frame_psus": 4})
    rows = rows.assign(n_respondents=1, families_living=[7, 2, 2])
    z = np.array([[1.0], [2.0], [5.0]])
    two, one = (variance(sampling_design(rows, known), z, np.zeros(3, int), 1) for known in (KNOWN, {}))
    np.testing.assert_allclose(two, one, rtol=1e-14)
    half = sampling_design(rows.assign(families_living=[7, 4, 4]), KNOWN)
    # f_h (1 - 2/4) 2/1 ((2 - 3.5)^2 + (5 - 3.5)^2) = 0.5 x 1 x 4.5
    np.testing.assert_allclose(variance(half, z, np.zeros(3, int), 1) - one, 2.25, rtol=1e-12)


@pytest.mark.parametrize(
    ("living", "message"),
    [
        ([7, 1, 1], "PSU b: more families were interviewed than live there"),
        ([7, 2, 3], "rows of one PSU name different numbers"),
        ([7, 2, None], "one number is not known"),
    ],
)
def test_families_that_cannot_be_are_refused(living: list[int | None], message: str) -> None:
    rows = pd.DataFrame({"country": "SE", "stratum": "all", "psu": ["a", "b", "b"], "frame_psus": 4})
    with pytest.raises(ValueError, match=message):
        sampling_design(rows.assign(n_respondents=1, families_living=living), KNOWN)
    with pytest.raises(ValueError, match='second_stage: "yes" is not known'):
        sampling_design(rows, {"second_stage": "yes"})


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
