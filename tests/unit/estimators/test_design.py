"""Method `design` as published: against R on the invented survey, by hand, and its coherence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import estimators
from estimators.domain_totals import COUNT_COLUMNS
from tests.unit.estimators.golden_pairs import check
from tests.unit.estimators.invented_survey import expected, interviews
from tests.unit.estimators.two_countries import KEY, METHODS, NUMBERS, RATES, THRESHOLDS, population, run, survey


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return run(survey(), **METHODS)


def as_psu_totals() -> pd.DataFrame:
    """The invented survey as PSU totals: all victims of both windows stand in one cell."""
    frame = interviews()
    key = ["country", "region", "stratum", "psu"]
    rows = frame.groupby([*key, "weight", "frame_psus"])[["families", "relatives", "victims"]].sum().reset_index()
    rows = rows.rename(columns={"families": "n_respondents", "victims": "sexual_abroad_last_3_years"})
    rows = rows.astype({"country": "str", "region": "str", "stratum": "str", "psu": "str"})
    return rows.assign(**{name: 0 for name in COUNT_COLUMNS if name not in rows})


def test_weights_strata_and_sampled_shares_reach_the_published_table() -> None:
    # R: svyby(~I(1000 * yall), ~country, strata_cluster_fpc, svymean).
    nobody = pd.DataFrame({"country": [], "region": [], "population_thousands": []})
    settings = {
        "rates": {"years": 1, "confidence": 0.95},
        "methods": {"design_pooled": {}},
        "reliability": THRESHOLDS,
    }
    got = estimators.estimate(as_psu_totals(), nobody, settings)
    got = got.query(
        "level == 'national' and indicator == 'victims_per_1000_families' and exploitation == 'sexual'"
        " and location == 'abroad' and sex == 'all'"
    )
    r = expected()["strata_cluster_fpc"]["by_country_per1000"]
    np.testing.assert_allclose(got["estimate"], r["I(1000 * yall)"], rtol=1e-10)
    np.testing.assert_allclose(got["std_error"], r["se"], rtol=1e-10)
    sizes = estimators.estimate(as_psu_totals(), nobody, settings).query("indicator == 'family_size'")
    assert set(sizes["level"]) == {"regional", "national"}


@pytest.mark.parametrize("scenario", ["two_regions_of_two_settlements", "one_region_without_a_case"])
def test_scenario(scenario: str) -> None:
    check("design", scenario, RATES, {})


def test_every_published_cell_has_all_it_rests_on(table: pd.DataFrame) -> None:
    needed = [*NUMBERS, "confidence", "n_respondents", "n_psu", "df", "reliability"]
    assert table[needed].notna().all(axis=None)
    counted = table[~table["indicator"].isin(["family_size", "families"])]
    assert counted["n_cases"].notna().all()
    assert (table["std_error"] > 0).all()
    assert (table["ci_low"] <= table["estimate"]).all() and (table["estimate"] <= table["ci_high"]).all()
    spread = table[(table["estimate"] > 0) & ~((table["unit"] == "share") & (table["estimate"] == 1))]
    assert spread["deff"].notna().all()
    assert table["lonely_psu"].isna().all()


@pytest.mark.parametrize("method", METHODS)
def test_parts_add_up(table: pd.DataFrame, method: str) -> None:
    rates = table[(table["method"] == method) & table["indicator"].str.startswith("victims")]
    rates = rates.fillna({"country": "", "region": ""})
    for dimension, parts, whole in (
        ("sex", ["women", "men"], "all"),
        ("location", ["inside", "abroad"], "both"),
        ("exploitation", ["labour", "sexual"], "all"),
    ):
        known = rates if dimension != "sex" else rates[rates["exploitation"] != "sexual"]
        known = known if dimension != "exploitation" else known[known["sex"] != "men"]
        wide = known.pivot_table(index=[n for n in KEY if n != dimension], columns=dimension, values="estimate")
        np.testing.assert_allclose(wide[parts].sum(axis=1), wide[whole], rtol=1e-12)


def test_regions_add_up_to_their_nation_and_nations_to_the_group(table: pd.DataFrame) -> None:
    totals = table[(table["method"] == "design") & table["indicator"].isin(["victims", "families"])]
    cell = ["indicator", "exploitation", "location", "sex"]
    of = dict(iter(totals.groupby("level")))
    regional = of["regional"].groupby(["country", *cell])["estimate"].sum()
    national = of["national"].set_index(["country", *cell])["estimate"]
    np.testing.assert_allclose(regional, national.reindex(regional.index), rtol=1e-12)
    group = of["group"].set_index(cell)["estimate"]
    np.testing.assert_allclose(national.groupby(cell).sum().reindex(group.index), group, rtol=1e-12)
    # strata of different regions are independent, so their variances add too
    squared = of["regional"].assign(v=lambda rows: rows["std_error"].mask(rows["estimate"] == 0, 0) ** 2)
    errors = of["national"].set_index(["country", *cell])["std_error"]
    np.testing.assert_allclose(
        np.sqrt(squared.groupby(["country", *cell])["v"].sum()), errors.reindex(regional.index), rtol=1e-10
    )


def test_no_case_has_a_zero_with_an_upper_limit_and_an_error(table: pd.DataFrame) -> None:
    zero = table[(table["estimate"] == 0) & (table["indicator"] == "victims_per_1000_families")]
    assert set(zero["region"].dropna()) == {"KZ-3", "KG-3"}
    one = zero.query("region == 'KZ-3' and method == 'design'").iloc[0]
    # 3.68887945411394 (R poisson.test(0)) cases in n families and three years.
    upper = 3.68887945411394 * 1000 / one["n_respondents"] / 3
    # The limit is as many times higher as cases of the country's other regions vary more than Poisson's.
    cell = [*KEY[3:], "method"]
    lent = table.query("country == 'KZ' and level == 'regional' and n_cases > 0").merge(one[cell].to_frame().T, on=cell)
    assert len(lent) == 2
    times = max(1.0, float((lent["n_cases"] * lent["deff"]).sum() / lent["n_cases"].sum()))
    # Of one case, the part that a borrowed design effect leaves: a gamma quantile in place of that of shape 1.
    part = stats.gamma.ppf(0.975, (1 + 1 / times) / 2) / 3.68887945411394
    assert one["ci_high"] == pytest.approx(upper * times * part, rel=1e-12) and one["ci_low"] == 0
    assert one["std_error"] == pytest.approx(upper / 1.959963984540054, rel=1e-12)
    assert one["cv"] == pytest.approx(1 / 1.959963984540054, rel=1e-12)
    assert set(zero["reliability"]) == {"suppress"}


def test_limits_of_counts_rest_on_design_effects_that_neighbours_steady() -> None:
    psu = survey(empty=False)
    # Regions unlike each other in clustering: all of the second region's inside cases told in one settlement.
    inside = [name for name in psu if name.startswith("labour_inside") and name.endswith("_3_years")]
    here = psu["region"] == "KZ-2"
    psu.loc[here & (psu["psu"] == "s0"), inside] = psu.loc[here, inside].sum().to_numpy()
    psu.loc[here & (psu["psu"] != "s0"), inside] = 0
    cell = "indicator == 'victims' and exploitation == 'labour' and location == 'inside' and sex == 'all'"
    steadied, own = (
        run(psu, design=option).query(cell).set_index(["level", "country", "region"])
        for option in ({}, {"limits": "garwood_own"})
    )
    numbers = ["estimate", "std_error", "cv", "deff", "df"]
    pd.testing.assert_frame_equal(steadied[numbers], own[numbers], check_exact=True)
    regions = steadied.loc["regional", "KZ"]
    k, d = regions["n_cases"].to_numpy(), regions["deff"].to_numpy()
    together = max(1.0, float((k * d).sum() / k.sum()))
    trust = k / together / (k / together + 10)
    expected_deff = trust * np.maximum(d, 1) + (1 - trust) * together
    # Three degrees of freedom each; every row is a domain, its columns the weights of the regions' own variances.
    weights = (1 - trust)[:, None] * k / k.sum() + np.diag(trust)
    df = np.floor(3 / (weights**2).sum(axis=1))
    # Limits are chi-square quantiles; degrees of freedom make cases fewer, a step is one case in effective ones.
    count = k / expected_deff * (1.959963984540054 / stats.t.ppf(0.975, df)) ** 2
    step = np.diag(weights) + (1 - np.diag(weights)) / expected_deff
    value = regions["estimate"].to_numpy()
    for side, tail, shape in (("low", 0.025, count + (1 - step) / 2), ("high", 0.975, count + (1 + step) / 2)):
        np.testing.assert_allclose(
            regions[f"ci_{side}"], value * stats.chi2.ppf(tail, 2 * shape) / 2 / count, rtol=1e-9
        )
    width, alone = (table["ci_high"] / table["ci_low"] for table in (steadied, own))
    assert width["regional", "KZ", "KZ-1"] > alone["regional", "KZ", "KZ-1"]
    assert width["regional", "KZ", "KZ-2"] < alone["regional", "KZ", "KZ-2"]


def test_a_question_the_form_does_not_ask_has_no_row(table: pd.DataFrame) -> None:
    assert not ((table["exploitation"] == "sexual") & (table["sex"] == "men")).any()
    shares = table[(table["indicator"] == "share_women") & (table["level"] == "regional")]
    assert "KZ-3" not in set(shares["region"])  # nobody to be a share of


def test_order_and_thread_free(table: pd.DataFrame) -> None:
    shuffled = survey().sample(frac=1, random_state=3)
    again = run(shuffled, population().iloc[::-1], **METHODS)
    pd.testing.assert_frame_equal(table, again, check_exact=True)


def test_variants_differ_in_limits_and_combination_alone(table: pd.DataFrame) -> None:
    by = {method: rows.set_index(KEY) for method, rows in table.groupby("method")}
    for method in ("design_log_t", "design_wald"):
        np.testing.assert_array_equal(by[method]["std_error"], by["design"]["std_error"])
        count = by[method].index.get_level_values("indicator") == "victims"
        assert (by[method]["ci_high"] != by["design"]["ci_high"])[count & (by["design"]["estimate"] > 0)].all()
    np.testing.assert_array_equal(by["jackknife"]["estimate"], by["design"]["estimate"])
    rate = by["design_wald"].query("estimate > 0 and indicator == 'victims' and level == 'group'").iloc[0]
    assert rate["ci_high"] - rate["estimate"] == pytest.approx(STUDENT_18 * rate["std_error"], rel=1e-9)
    log = by["design_log_t"].query("estimate > 0 and indicator == 'victims' and level == 'group'").iloc[0]
    assert np.log(log["ci_high"] / log["estimate"]) == pytest.approx(STUDENT_18 * log["cv"], rel=1e-9)


STUDENT_18 = 2.10092204024104  # R qt(0.975, 18): 24 PSUs in 6 strata


def test_only_the_levels_asked_for_are_published() -> None:
    assert set(run(survey(), design={"publish_levels": ["national"]})["level"]) == {"national"}


def test_a_single_psu_is_refused_or_its_rule_is_published() -> None:
    lonely = survey().query("region != 'KZ-1' or psu == 's0'")
    with pytest.raises(ValueError, match=r"stratum KZ-1 \(KZ\) has one PSU"):
        run(lonely)
    got = run(lonely, design={"lonely_psu": "average"})
    assert set(got.query("country == 'KZ' and level == 'national'")["lonely_psu"]) == {"average"}
    assert got.query("country == 'KG'")["lonely_psu"].isna().all()
    own = got.query("region == 'KZ-1'")  # one PSU says nothing about its own error: a part of sums, without limits
    assert own["estimate"].notna().all()
    assert own[["std_error", "cv", "ci_low", "ci_high"]].isna().all(axis=None)
    assert "share" not in set(own["unit"])
    parts = got.query("level == 'regional' and country == 'KZ' and indicator == 'families'")["estimate"]
    nation = got.query("level == 'national' and country == 'KZ' and indicator == 'families'")["estimate"]
    assert parts.sum() == pytest.approx(nation.item(), rel=1e-12)
    for method in ("jackknife", "bootstrap"):
        with pytest.raises(ValueError, match="replicates cannot do"):
            run(lonely, **{method: {"lonely_psu": "adjust", "replicates": 10, "seed": 1}})


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ({"limits": "exact"}, "limits: .*known are garwood_effective, garwood_own, log_t, wald"),
        ({"share_limits": "wilson"}, "share_limits: .*known are korn_graubard"),
        ({"combination": "raked"}, "combination: .*known are post_stratified, pooled"),
    ],
)
def test_an_unknown_option_is_refused(own: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        run(survey(), design=own)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9))
def test_scale_order_and_pieces_do_not_matter(seed: int, factor: int) -> None:
    psu = survey(seed, psus=3)
    base = run(psu)
    # twice the families with twice the cases: rates stay, and so do the errors that the sample shows
    counts = list(COUNT_COLUMNS)
    scaled = psu.assign(**{name: psu[name] * factor for name in counts})
    again = run(scaled)
    rate = base["indicator"] == "victims_per_1000_families"
    plain = base["estimate"] / np.sqrt(base["n_cases"])  # the error of as many cases drawn at random
    some = rate & np.isclose(base["std_error"], plain * np.sqrt(base["deff"]), rtol=1e-6)  # the sample shows a spread
    assert some.sum() > rate.sum() / 2
    np.testing.assert_allclose(again.loc[some, "std_error"], base.loc[some, "std_error"], rtol=1e-9)
    np.testing.assert_allclose(again.loc[rate, "estimate"], base.loc[rate, "estimate"], rtol=1e-12)
    # another country changes nothing in the ones that were there
    more = pd.concat([psu, psu.query("country == 'KZ'").assign(country="UZ")], ignore_index=True)
    wider = run(more).query("country in ('KZ', 'KG')").reset_index(drop=True)
    narrow = base.query("country in ('KZ', 'KG')").reset_index(drop=True)
    pd.testing.assert_frame_equal(wider, narrow, check_exact=True)


def test_aggregated_and_single_interviews_give_the_same_errors() -> None:
    # the ultimate cluster: only sums by PSU matter, however finely the rows are cut
    from estimators.linearised import quotient, summed
    from estimators.sampling_design import sampling_design, variance

    frame = interviews().astype({"psu": "str", "stratum": "str"})
    fine = frame.assign(**{name: frame[name] * frame["weight"] for name in ("victims", "relatives")})
    coarse = fine.groupby(["country", "stratum", "psu"])[["victims", "relatives"]].sum().reset_index()
    results = []
    for rows in (fine.drop(columns="frame_psus"), coarse):
        code = rows["country"].to_numpy() - 1
        rate = quotient(*(summed(rows[[name]].to_numpy(float), code, 5) for name in ("victims", "relatives")))
        assert rate.influence is not None
        results.append(variance(sampling_design(rows, {}), rate.influence, code, 5))
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12)


def test_the_groups_implied_design_effect_lies_between_its_countries(table: pd.DataFrame) -> None:
    # Variances the 2010 rule takes: families^2 x rate; of as many cases at random: the same over n x years / 1000.
    rows = table.query("method == 'design' and exploitation == 'all' and sex == 'all'").fillna({"country": ""})
    national = rows[rows["level"] == "national"]
    families = national.query("indicator == 'families'").set_index("country")["estimate"]
    both = national[national["location"] == "both"]
    rates = both.query("indicator == 'victims_per_1000_families'").set_index("country")
    np.testing.assert_allclose(rates["implied_deff"], rates["n_respondents"] * 3 / 1000, rtol=1e-14)
    assumed = families**2 * rates["estimate"]
    expected = assumed.sum() / (assumed / rates["implied_deff"]).sum()
    group = rows.query("level == 'group' and indicator == 'victims'")["implied_deff"]
    np.testing.assert_allclose(group, expected, rtol=1e-12)
    assert rates["implied_deff"].min() < expected < rates["implied_deff"].max()


def test_limits_of_shares_rest_on_design_effects_that_neighbours_steady() -> None:
    from scipy.stats import beta

    psu = survey(empty=False)
    # In one region all women were told of in one settlement, in the others they are spread: unlike design effects.
    women = [name for name in psu if name.startswith("labour") and "women" in name]
    here = psu["region"] == "KZ-2"
    psu.loc[here & (psu["psu"] == "s0"), women] = psu.loc[here, women].sum().to_numpy()
    psu.loc[here & (psu["psu"] != "s0"), women] = 0
    cell = "indicator == 'share_women' and location == 'abroad' and period == 'last_3_years'"
    steadied, own = (
        run(psu, design=option).query(cell).set_index(["level", "country", "region"])
        for option in ({}, {"share_limits": "korn_graubard_own"})
    )
    numbers = ["estimate", "std_error", "cv", "deff", "df"]
    pd.testing.assert_frame_equal(steadied[numbers], own[numbers], check_exact=True)
    regions = steadied.loc["regional", "KZ"]
    p, d, df = (regions[name].to_numpy() for name in ("estimate", "deff", "df"))
    counts = psu[psu["country"] == "KZ"].groupby("region")
    n = sum(counts[f"labour_abroad_{sex}_last_3_years"].sum() for sex in ("women", "men")).to_numpy()
    together = max(1.0, float((n * d).sum() / n.sum()))
    effect = (n / together * np.maximum(d, 1) + 10 * together) / (n / together + 10)
    from scipy.stats import t

    size = n / effect * (t.ppf(0.975, n - 1) / t.ppf(0.975, df)) ** 2
    np.testing.assert_allclose(regions["ci_low"], beta.ppf(0.025, size * p, size * (1 - p) + 1), rtol=1e-9)
    np.testing.assert_allclose(regions["ci_high"], beta.ppf(0.975, size * p + 1, size * (1 - p)), rtol=1e-9)
    width, alone = (rows["ci_high"] - rows["ci_low"] for rows in (steadied, own))
    assert width["regional", "KZ", "KZ-2"] < alone["regional", "KZ", "KZ-2"]
    assert width["regional", "KZ", "KZ-1"] > alone["regional", "KZ", "KZ-1"]
