"""The invented survey against R survey 4.1.1: every value of expected.json that a survey design gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from estimators.contrasts import log_ratio
from estimators.jackknife import deleted_sums
from estimators.jackknife import variance as jackknife_variance
from estimators.linearised import summed
from estimators.quotients import ratio
from estimators.sampling_design import LONELY_RULES, LonelyPsu, covariance, sampling_design, variance
from tests.unit.estimators.invented_survey import (
    DESIGNS,
    codes,
    design_of,
    df,
    error,
    expected,
    interviews,
    ratios,
    rows_by,
    rows_under,
)

EXACT = 1e-10
OVERALL = {
    "overall_ratio_yall_family": ("victims", "relatives", 1.0),
    "overall_per1000": ("victims", "families", 1000.0),
    "mean_family": ("relatives", "families", 1.0),
    "trend_ratio_rec_over_old": ("recent", "earlier", 1.0),
    "women_share_recent": ("recent_women", "recent", 1.0),
}
BY = {
    "by_country_ratio": (["country"], "victims", "relatives", 1.0),
    "by_country_per1000": (["country"], "victims", "families", 1000.0),
    "by_sex_ratio": (["sex"], "victims", "relatives", 1.0),
    "by_region_sex_ratio": (["sex", "region"], "victims", "relatives", 1.0),
}


@pytest.mark.parametrize("name", OVERALL)
@pytest.mark.parametrize("under", DESIGNS)
def test_a_ratio_of_the_whole_sample(under: str, name: str) -> None:
    above, below, factor = OVERALL[name]
    rows = rows_under(under, [])
    estimate = ratios(rows, above, below, [])
    r = expected()[under][name]
    assert estimate.value[0, 0] * factor == pytest.approx(r["est"], rel=EXACT)
    assert error(design_of(under, rows), estimate)[0] * factor == pytest.approx(r["se"], rel=EXACT)


@pytest.mark.parametrize("name", BY)
@pytest.mark.parametrize("under", DESIGNS)
def test_a_ratio_of_every_domain(under: str, name: str) -> None:
    domain, above, below, factor = BY[name]
    rows = rows_under(under, domain)
    estimate = ratios(rows, above, below, domain)
    got = estimate.value[:, 0] * factor, error(design_of(under, rows), estimate) * factor
    r = pd.DataFrame(expected()[under][name])
    np.testing.assert_allclose(got[0], r[next(c for c in r if "yall" in c and not c.startswith("se"))], rtol=EXACT)
    np.testing.assert_allclose(got[1], r[next(c for c in r if c.startswith("se") and c != "sex")], rtol=EXACT)


@pytest.mark.parametrize("under", DESIGNS)
def test_degrees_of_freedom(under: str) -> None:
    rows = rows_under(under, [])
    assert df(design_of(under, rows), *codes(rows, []))[0] == expected()[under]["degf"]


@pytest.mark.parametrize("under", DESIGNS)
def test_design_effect_of_the_mean(under: str) -> None:
    # R: svymean(deff = "replace"), the variance over that of as many interviews drawn with replacement.
    rows = rows_under(under, [])
    mean = ratios(rows, "victims", "families", [])
    n, families, squares = len(interviews()), rows["families"].sum(), rows["squares"].sum()
    spread = (squares / families - mean.value[0, 0] ** 2) * n / (n - 1)
    got = error(design_of(under, rows), mean)[0] ** 2 / (spread / n)
    assert got == pytest.approx(expected()[under]["deff_mean_yall"], rel=EXACT)


def test_contrast_of_two_countries() -> None:
    rows = rows_by(["country"])
    design = design_of("strata_cluster", rows)
    estimate = ratios(rows, "victims", "relatives", ["country"])
    assert estimate.influence is not None
    in_each = np.zeros((len(rows), 5))
    in_each[np.arange(len(rows)), estimate.domain] = estimate.influence[:, 0]
    r = expected()["contrast_country3_minus_country2"]
    assert estimate.value[2, 0] - estimate.value[1, 0] == pytest.approx(r["est"], rel=EXACT)
    everywhere = np.zeros(len(rows), int)
    difference = in_each[:, [2]] - in_each[:, [1]]
    assert np.sqrt(variance(design, difference, everywhere, 1)[0, 0]) == pytest.approx(r["se"], rel=EXACT)
    matrix = covariance(design, in_each)
    contrast = np.array([0, -1, 1, 0, 0])
    assert np.sqrt(contrast @ matrix @ contrast) == pytest.approx(r["se"], rel=EXACT)


def test_log_ratios_of_countries_are_the_coefficients_of_a_quasi_poisson_model() -> None:
    # svyglm(victims ~ factor(country) + offset(log(family)), quasipoisson): a saturated log-linear model.
    rows = rows_by(["country"])
    design = design_of("strata_cluster", rows)
    estimate = ratios(rows, "victims", "relatives", ["country"])
    rate, se = estimate.value[:, 0], error(design, estimate)
    coefficients, errors = (list(expected()["svyglm_quasipoisson"][part].values()) for part in ("coef", "se"))
    got = [np.log(rate[0]), *log_ratio(rate[1:], np.repeat(rate[0], 4))]
    # R stops its iterations at a relative change of 1e-8 in the deviance.
    np.testing.assert_allclose(got, coefficients, rtol=1e-8)
    cv = se / rate
    np.testing.assert_allclose([cv[0], *np.hypot(cv[1:], cv[0])], errors, rtol=1e-7)


# R survey 4.1.1 on the same file: as.svrepdesign(strata_cluster, type = "JKn", mse = TRUE).
JKN_AROUND_THE_ESTIMATE = {
    "overall_ratio": [0.00784736081958321],
    "by_country_ratio": [
        0.00837122895568689, 0.00427862583799345, 0.02171966194065238, 0.00811029928322111, 0.03003346451418477,
    ],
    "by_sex_ratio": [0.01255642852582632, 0.00519571928408839],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "domain"), [("overall_ratio", []), ("by_country_ratio", ["country"]), ("by_sex_ratio", ["sex"])]
)
def test_jackknife_with_both_centres(name: str, domain: list[str]) -> None:
    rows = rows_by(domain)
    design = design_of("strata_cluster", rows)
    code, n = codes(rows, domain)
    sums = deleted_sums(design, code, rows[["victims", "relatives"]].to_numpy(float), n)
    replicates = ratio(sums[..., [0]], sums[..., [1]])
    r = expected()["JKn"][name]
    got = np.sqrt(jackknife_variance(design, replicates, None))[:, 0]
    np.testing.assert_allclose(got, np.atleast_1d(r["se"] if "se" in r else r["se.yall/family"]), rtol=EXACT)
    estimate = ratios(rows, "victims", "relatives", domain).value
    np.testing.assert_allclose(
        np.sqrt(jackknife_variance(design, replicates, estimate))[:, 0], JKN_AROUND_THE_ESTIMATE[name], rtol=EXACT
    )


@pytest.mark.parametrize("rule", ["remove", "certainty", "adjust", "average"])
def test_a_stratum_of_one_psu(rule: str) -> None:
    everyone = interviews()
    first = everyone.loc[everyone["stratum"] == 1, "psu"].min()
    frame = everyone[(everyone["stratum"] != 1) | (everyone["psu"] == first)]
    r = expected("lonely_expected")[rule]
    for name, domain in (("overall_ratio", []), ("by_country", ["country"])):
        rows = rows_by(domain, frame)
        estimate = ratios(rows, "victims", "relatives", domain)
        got = error(design_of("strata_cluster", rows, lonely_psu=rule), estimate)
        of = r[name] if domain else {"yall/family": r[name]["est"], "se.yall/family": r[name]["se"]}
        np.testing.assert_allclose(estimate.value[:, 0], np.atleast_1d(of["yall/family"]), rtol=EXACT)
        np.testing.assert_allclose(got, np.atleast_1d(of["se.yall/family"]), rtol=EXACT)


def test_a_stratum_of_one_psu_is_refused_by_default_and_every_way_out_is_named() -> None:
    everyone = interviews()
    frame = everyone[(everyone["stratum"] != 1) | (everyone["psu"] == 1)]
    with pytest.raises(LonelyPsu, match=r"stratum 1 \(1\) has one PSU") as refused:
        design_of("strata_cluster", rows_by([], frame))
    assert all(rule in str(refused.value) for rule in LONELY_RULES[1:])


def test_collapsing_a_stratum_is_the_design_with_one_stratum_less() -> None:
    everyone = interviews()
    rows = rows_by([], everyone[(everyone["stratum"] != 1) | (everyone["psu"] == 1)])
    estimate = ratios(rows, "victims", "relatives", [])
    collapsed = error(design_of("strata_cluster", rows, lonely_psu="collapse", collapse={"1": "2"}), estimate)
    by_hand = error(sampling_design(rows.drop(columns="frame_psus").replace({"stratum": {1: 2}}), {}), estimate)
    assert collapsed == pytest.approx(by_hand, rel=1e-14)
    with pytest.raises(LonelyPsu, match="stratum 1"):
        design_of("strata_cluster", rows, lonely_psu="collapse")
    with pytest.raises(ValueError, match="99 is not a stratum"):
        design_of("strata_cluster", rows, lonely_psu="collapse", collapse={"1": "99"})
    with pytest.raises(ValueError, match="circle"):
        design_of("strata_cluster", rows, lonely_psu="collapse", collapse={"1": "2", "2": "1"})


def test_a_census_of_psus_has_no_variance_and_more_psus_than_the_frame_are_refused() -> None:
    rows = rows_by([])
    drawn = rows.groupby("stratum")["psu"].transform("nunique")
    estimate = ratios(rows, "victims", "relatives", [])
    assert error(sampling_design(rows.assign(frame_psus=drawn), {}), estimate) == pytest.approx(0, abs=1e-18)
    with pytest.raises(ValueError, match="more PSUs were drawn"):
        sampling_design(rows.assign(frame_psus=drawn - 1), {})


def test_absent_psus_of_the_design_count_as_zeros() -> None:
    rows = rows_by([])
    some = rows["psu"] % 3 == 0
    sparse = rows[["victims", "relatives"]].where(some, 0.0).to_numpy()
    design = design_of("strata_cluster", rows)
    z = summed(sparse, np.zeros(len(rows), int), 1).influence
    assert z is not None
    whole = variance(design, z, np.zeros(len(rows), int), 1)
    apart = variance(design, z, np.where(some, 0, 1), 2)
    np.testing.assert_allclose(apart[0], whole[0], rtol=1e-12)
    assert (apart[1] == 0).all()
