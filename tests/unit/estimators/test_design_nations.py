"""Nations and groups under method `design`: how regions are weighted, and whose population they stand for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from estimators.domain_totals import COUNT_COLUMNS
from tests.unit.estimators.golden_pairs import pair
from tests.unit.estimators.two_countries import KEY, NUMBERS, population, run, survey


def test_a_region_without_population_leaves_its_nation_pooled() -> None:
    apart, pooled = run(survey(), population(**{"KZ-2": None})), run(survey(), design_pooled={})
    pick = "country == 'KZ' and level == 'national'"
    columns = [*KEY[3:], "estimate", "std_error"]
    pd.testing.assert_frame_equal(
        apart.query(pick)[columns].reset_index(drop=True), pooled.query(pick)[columns].reset_index(drop=True)
    )
    assert apart.query("region == 'KZ-2' and indicator == 'victims'").empty
    assert len(apart.query("region == 'KZ-2' and indicator == 'victims_per_1000_families'")) == 24


def test_nations_weight_their_regions_by_population() -> None:
    psu, _ = pair("design", "two_regions_of_two_settlements")
    psu = psu.drop(columns="population_thousands").reindex(
        columns=["country", "region", "stratum", "psu", *COUNT_COLUMNS], fill_value=0
    )
    got = run(psu, population(**{"KZ-1": 1000.0, "KZ-2": 2000.0})).query(
        "level == 'national' and exploitation == 'sexual' and location == 'inside' and sex == 'all'"
    )
    rows = got.set_index("indicator")
    # 200 and 400 thousand families of 15 and 10 per thousand, with errors of 5 and 20/3
    assert rows.loc["victims", "estimate"] == pytest.approx(7000)
    assert rows.loc["victims", "std_error"] == pytest.approx(np.hypot(200 * 5, 400 * 20 / 3))
    assert rows.loc["victims_per_1000_families", "estimate"] == pytest.approx(7000 / 600)
    assert rows.loc["victims_per_1000_population", "estimate"] == pytest.approx(7000 / 3000)
    assert rows.loc["victims", "df"] == 2


def test_cases_without_a_sex_take_the_share_of_their_country() -> None:
    psu = survey()
    here = psu["region"] == "KZ-1"
    for sex in ("women", "men"):
        psu.loc[here, [f"labour_inside_{sex}_last_3_years", f"labour_inside_{sex}"]] = 0
    got = run(psu).query("indicator == 'victims' and exploitation == 'labour' and location == 'inside'")
    wide = got.fillna({"region": ""}).pivot_table(
        index=["level", "country", "region"], columns="sex", values="estimate"
    )
    share = wide["women"] / wide["all"]
    other = psu[(psu["country"] == "KZ") & ~here]
    scale = other["region"].map({"KZ-2": 900, "KZ-3": 250})
    relatives = other.groupby("region")["relatives"].transform("sum")
    women, men = ((other[f"labour_inside_{sex}_last_3_years"] * scale / relatives).sum() for sex in ("women", "men"))
    # the country's other regions, each weighted by the people that its sample stands for
    assert share["regional", "KZ", "KZ-1"] == pytest.approx(women / (women + men), rel=1e-12)
    np.testing.assert_allclose(wide["women"] + wide["men"], wide["all"], rtol=1e-12)


def test_nations_may_stand_for_their_own_published_population() -> None:
    # KZ's regions hold 500 + 900 + 250 = 1,650 thousand, its own row 1,700; KG's 900 and 950.
    people = population()
    of = {way: run(survey(), people, design={"calibrate_nations": way}) for way in ("regions", "published")}
    assert of["regions"].equals(run(survey(), people))
    for level, country, times in (("national", "KZ", 1700 / 1650), ("national", "KG", 950 / 900)):
        pick = f"level == '{level}' and country == '{country}'"
        before, after = (of[way].query(pick).set_index(KEY) for way in ("regions", "published"))
        totals = before.index.get_level_values("indicator").isin(["victims", "families"])
        for number in NUMBERS:
            scale = np.where(totals & (number != "cv"), times, 1.0)
            np.testing.assert_allclose(after[number], before[number] * scale, rtol=1e-12)
    regional = [of[way].query("level == 'regional'") for way in of]
    pd.testing.assert_frame_equal(*regional)
    totals = of["published"].query("indicator == 'victims'").groupby(["level", "exploitation", "location", "sex"])
    sums = totals["estimate"].sum()
    np.testing.assert_allclose(sums["group"], sums["national"], rtol=1e-12)


def test_without_a_published_population_regions_stand() -> None:
    people = population()
    unknown = people[people["region"].notna() | (people["country"] == "KZ")]
    published, regions = (run(survey(), unknown, design={"calibrate_nations": w}) for w in ("published", "regions"))
    pick = "level == 'national' and country == 'KG'"
    pd.testing.assert_frame_equal(published.query(pick), regions.query(pick))
    with pytest.raises(ValueError, match="known are regions, published"):
        run(survey(), design={"calibrate_nations": "sample"})
