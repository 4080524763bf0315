"""The whole table of estimates: its cells, its coherence, and input that is thin, empty or malformed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import estimators
from estimators.estimate_table import COLUMNS
from tests.unit.estimators.study_survey import SETTINGS, country_sums, population, psu_row, psu_totals

KEY = ["level", "country", "region", "indicator", "exploitation", "location", "sex", "period", "method"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return estimators.estimate(psu_totals(), population(), SETTINGS)


def one_country(**sums: int) -> pd.DataFrame:
    """A survey of one PSU with the given sums."""
    return pd.DataFrame([psu_row("KZ", "KZ-1", "a", **sums)])


def test_columns_and_key(table: pd.DataFrame) -> None:
    assert list(table.columns) == COLUMNS
    assert not table.duplicated(KEY).any()
    pd.testing.assert_frame_equal(table, table.sort_values(KEY, na_position="first", ignore_index=True))
    # 8 regions and 5 countries and the group: 72 rate cells for three methods (81 less men in sexual exploitation, whom
    # the form does not ask for: 3 indicators x 3 places), 18 others for one.
    assert len(table) == (8 + 5 + 1) * (3 * 72 + 18)


def test_row_order_of_the_input_does_not_matter(table: pd.DataFrame) -> None:
    shuffled = psu_totals().sample(frac=1, random_state=7)
    again = estimators.estimate(shuffled, population().iloc[::-1], SETTINGS)
    pd.testing.assert_frame_equal(table, again, check_exact=True)


def test_splitting_a_psu_changes_only_the_number_of_psus(table: pd.DataFrame) -> None:
    whole = psu_totals()
    part, rest = whole.copy(), whole.copy()
    counts = whole.columns[5:]
    part[counts] = whole[counts] // 2
    rest[counts] = whole[counts] - part[counts]
    halves = pd.concat([part, rest.assign(psu="2")], ignore_index=True)
    again = estimators.estimate(halves, population(), SETTINGS)
    assert (again["n_psu"] == 2 * table["n_psu"]).all()
    pd.testing.assert_frame_equal(table.drop(columns="n_psu"), again.drop(columns="n_psu"), check_exact=True)


def test_sexes_places_and_forms_add_up(table: pd.DataFrame) -> None:
    rates = table[table["indicator"].str.startswith("victims")]
    for dimension, parts, whole in (
        ("sex", ["women", "men"], "all"),
        ("location", ["inside", "abroad"], "both"),
        ("exploitation", ["labour", "sexual"], "all"),
    ):
        known = rates if dimension != "sex" else rates[rates["exploitation"] != "sexual"]
        known = known if dimension != "exploitation" else known[known["sex"] != "men"]
        wide = known.fillna({"country": "", "region": ""}).pivot_table(
            index=[name for name in KEY if name != dimension], columns=dimension, values="estimate"
        )
        np.testing.assert_allclose(wide[parts].sum(axis=1), wide[whole], rtol=1e-12)


def test_men_in_sexual_exploitation_have_no_row_under_any_method(table: pd.DataFrame) -> None:
    # The form asks no sex there and the study counts all as women: neither zero nor missing, but not asked.
    sexual = table[table["exploitation"] == "sexual"]
    assert set(sexual["sex"]) == {"all", "women"}
    assert set(sexual["method"]) == {"pennington", "poisson", "poisson_ppf"}


def test_limits_enclose_every_estimate(table: pd.DataFrame) -> None:
    known = table[table["estimate"].notna() & table["ci_high"].notna()]
    assert (known["ci_low"] <= known["estimate"]).all()
    assert (known["estimate"] <= known["ci_high"]).all()
    assert (known["ci_low"] >= 0).all()


def test_regions_without_a_population_have_rates_but_no_totals(table: pd.DataFrame) -> None:
    regional = table[table["level"] == "regional"]
    totals = regional[regional["indicator"].isin(["victims", "families", "victims_per_1000_population"])]
    assert totals["estimate"].isna().all() and set(totals["obs_status"]) == {"M"}
    rates = regional[(regional["indicator"] == "victims_per_1000_families") & (regional["sex"] == "all")]
    assert rates["estimate"].notna().all()


def test_implied_design_effect_of_the_studys_limits(table: pd.DataFrame) -> None:
    of = table.query("method == 'pennington' and level == 'national' and indicator == 'victims'")
    implied = of.groupby("country")["implied_deff"].first()
    assert implied["KZ"] == pytest.approx(2234 * 3 / 1000)  # 6.702: 2.54 squared is 6.5 (study-method C2)
    assert table.query("method == 'poisson'")["implied_deff"].isna().all()


def test_nobody_interviewed_gives_missing_cells_and_no_warning() -> None:
    table = estimators.estimate(one_country(), population(), SETTINGS)
    assert set(table["obs_status"]) == {"M"}
    assert table[["estimate", "std_error", "cv", "ci_low", "ci_high"]].isna().all(axis=None)


def test_no_case_gives_zero_with_an_upper_limit() -> None:
    table = estimators.estimate(one_country(n_respondents=400, relatives=2000), population(), SETTINGS)
    zero = table.query("indicator == 'victims_per_1000_families' and level == 'national' and sex == 'all'")
    assert (zero["estimate"] == 0).all() and (zero["ci_low"] == 0).all()
    # No case shows no spread: the error is the upper limit over the normal quantile, which is 1 / z of that limit.
    assert zero["std_error"].to_numpy() == pytest.approx(zero["ci_high"].to_numpy() / 1.959963984540054)
    assert zero["cv"].to_numpy() == pytest.approx(np.full(len(zero), 1 / 1.959963984540054))
    place = zero[zero["location"] == "inside"].groupby("method")["ci_high"].first()
    # R poisson.test(0): 3.688879, per 1,000 families or per 1,200 family-years.
    assert place["pennington"] == pytest.approx(3.68887945411394)
    assert place["poisson_ppf"] == pytest.approx(3.68887945411394)
    assert place["poisson"] == pytest.approx(3.68887945411394 / 1.2)
    shares = table.query("indicator == 'share_women' and level == 'national'")
    assert set(shares["obs_status"]) == {"M"}


def test_cases_without_a_split_by_time_or_sex_are_missing() -> None:
    survey = one_country(n_respondents=400, relatives=2000, labour_inside_total=7)
    table = estimators.estimate(survey, population(), SETTINGS).query("method == 'poisson' and level == 'national'")
    rate = table[table["indicator"] == "victims_per_1000_families"].set_index(["exploitation", "location", "sex"])
    assert rate.loc[("labour", "inside", "all"), "obs_status"] == "M"
    assert rate.loc[("labour", "abroad", "all"), "estimate"] == 0
    assert rate.loc[("all", "both", "all"), "obs_status"] == "M"


@pytest.mark.parametrize("people", [0.0, np.nan])
def test_no_population_and_no_relatives_are_missing_not_a_crash(people: float) -> None:
    empty = population().assign(population_thousands=people)
    table = estimators.estimate(one_country(n_respondents=3, sexual_inside=1), empty, SETTINGS)
    totals = table[table["indicator"].isin(["victims_per_1000_population", "families"])]
    assert set(totals["obs_status"]) == {"M"}


def test_one_interview_has_a_mean_but_no_error() -> None:
    survey = one_country(n_respondents=1, relatives=6, relatives_squared=36)
    table = estimators.estimate(survey, population(), SETTINGS)
    size = table.query("indicator == 'family_size' and level == 'national'").iloc[0]
    assert size["estimate"] == 6 and np.isnan(size["std_error"]) and np.isnan(size["ci_low"])


def test_a_population_that_is_missing_leaves_the_group_without_totals() -> None:
    table = estimators.estimate(psu_totals(), population().query("country != 'TJ'"), SETTINGS)
    group = table.query("level == 'group' and indicator == 'victims'")
    assert group["estimate"].isna().all()
    assert table.query("country == 'UZ' and indicator == 'victims' and sex == 'all'")["estimate"].notna().any()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"methods": {"no_such_method": {}}}, r"no_such_method.*known are .*pennington"),
        ({"rates": {"years": 3, "confidence": 0.95, "countries": {"KG": {"national_rate": "mean"}}}}, "victim_share"),
        ({"rates": {"years": 3, "confidence": 0.95, "countries": {"KG": {"rate_decimal": 2}}}}, "rate_decimal"),
        ({"reliability": {"min_cases": 10}}, "min_base"),
    ],
)
def test_a_wrong_declaration_is_refused_with_what_is_allowed(change: dict, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        estimators.estimate(psu_totals(), population(), {**SETTINGS, **change})


def test_malformed_psu_totals_are_refused() -> None:
    good = psu_totals()
    with pytest.raises(ValueError, match=r"lacks 1 of .*: relatives_raw"):
        estimators.estimate(good.drop(columns="relatives_raw"), population(), SETTINGS)
    with pytest.raises(ValueError, match="no row"):
        estimators.estimate(good.iloc[:0], population(), SETTINGS)
    with pytest.raises(ValueError, match=r"PSU twice.*KZ-1"):
        estimators.estimate(pd.concat([good, good.iloc[:1]]), population(), SETTINGS)
    with pytest.raises(ValueError, match=r"mixes surveys \(other, study\)"):
        estimators.estimate(pd.concat([good, good.assign(survey_id="other")]), population(), SETTINGS)


def test_a_method_is_a_module_with_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    import types

    module = types.ModuleType("estimators.half_poisson")
    module.estimate = estimators.find_method("poisson")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "estimators.half_poisson", module)
    monkeypatch.setattr(estimators, "METHODS", dict(estimators.METHODS))
    table = estimators.estimate(psu_totals(), population(), {**SETTINGS, "methods": {"half_poisson": {}}})
    assert set(table["method"]) == {"half_poisson"}


def test_reliability_follows_the_declared_thresholds() -> None:
    survey = pd.DataFrame([psu_row("KZ", "KZ-1", "a", **country_sums("KZ"))])
    rare = {**SETTINGS, "reliability": {**SETTINGS["reliability"], "min_cases": 200}}
    cell = "indicator == 'victims' and level == 'national' and exploitation == 'labour' and sex == 'all'"
    for declared, abroad in ((SETTINGS, "publish"), (rare, "suppress")):
        got = estimators.estimate(survey, population(), declared).query(f"{cell} and method == 'poisson'")
        marks = got.set_index("location")["reliability"]
        # 482 cases inside, 167 abroad (study-method C2 less the sexual cases).
        assert (marks["inside"], marks["abroad"]) == ("publish", abroad)
