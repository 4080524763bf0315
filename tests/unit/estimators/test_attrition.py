"""Scenarios of the Kyrgyz funnel against the published grid, and the points at which its claim breaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from estimators.attrition import COLUMNS, scenarios
from tests.unit.estimators.golden_pairs import GOLDEN

GRID = {
    "people": "assisted", "crimes": "crimes_registered",
    "victims_per_crime": [1, 1.5, 2, 3, 5], "overlap": [0, 0.1, 0.2, 0.3], "claim_above": 0.5,
}  # fmt: skip


def computed(
    people: float | None = 355, crimes: float | None = 55, gap: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    records = pd.DataFrame({"country": ["KG"]})
    estimates = pd.DataFrame(
        {"country": ["KG", "KG"], "indicator": ["assisted", "crimes_registered"], "estimate": [people, crimes]}
    )
    return scenarios(records, estimates, {"under_registration": {**GRID, **(gap or {})}})


def test_the_grid_is_the_published_one() -> None:
    # Golden: under-registration in percent, one decimal, as derived from M-Vector (2021); infeasible below 0.
    expected = pd.read_csv(GOLDEN / "attrition" / "kyrgyz_funnel.csv")
    got = computed().query("scenario == 'under_registration'").set_index(["overlap", "victims_per_crime"])
    assert len(got) == len(expected) == 20
    for row in expected.to_dict("records"):
        cell = got.loc[(row["overlap"], row["victims_per_crime"])]
        assert round(100 * cell["estimate"], 1) == row["percent"]
        assert cell["feasible"] == ("yes" if row["percent"] >= 0 else "no")


def test_limits_are_those_of_the_ratio_carried_through() -> None:
    # One victim per crime, nobody twice: 1 - 0.2058 and 1 - 0.1166. Two victims: 1 - 2 x 0.2058 and 1 - 2 x 0.1166.
    cells = computed().set_index("assumptions")
    one, two = cells.loc["victims_per_crime=1;overlap=0"], cells.loc["victims_per_crime=2;overlap=0"]
    assert (one["ci_low"], one["ci_high"]) == pytest.approx((1 - 0.205817073, 1 - 0.116623823), abs=1e-8)
    assert (two["ci_low"], two["ci_high"]) == pytest.approx((1 - 2 * 0.205817073, 1 - 2 * 0.116623823), abs=1e-8)


def test_the_claim_breaks_at_half_of_people_per_crime() -> None:
    # 355 / 55 = 6.4545; half of it 3.2273; with 30 % counted twice 0.7 times these.
    cells = computed().set_index(["scenario", "overlap"])["estimate"]
    assert cells["claim_break_even", 0] == pytest.approx(3.2272727)
    assert cells["claim_break_even", 0.3] == pytest.approx(0.7 * 3.2272727)
    assert cells["registered_break_even", 0] == pytest.approx(6.4545454)


def test_the_claim_holds_below_the_break_even_and_fails_above() -> None:
    cells = computed(gap={"victims_per_crime": [3.22, 3.23], "overlap": [0]}).set_index("assumptions")
    assert cells.loc["victims_per_crime=3.22;overlap=0", "claim_holds"] == "yes"
    assert cells.loc["victims_per_crime=3.23;overlap=0", "claim_holds"] == "no"
    # Limits at 3.22: 1 - 3.22 x 0.2058 = 0.34 and 1 - 3.22 x 0.1166 = 0.62, on both sides of a half.
    assert set(cells.loc[["victims_per_crime=3.22;overlap=0", "victims_per_crime=3.23;overlap=0"], "claim_sure"]) == {
        "no"
    }


def test_what_contradicts_the_counts_says_nothing_of_the_claim() -> None:
    cell = computed().set_index("assumptions").loc["victims_per_crime=5;overlap=0.3"]
    assert (cell["feasible"], cell["estimate"] < 0) == ("no", True)
    assert pd.isna(cell["claim_holds"]) and pd.isna(cell["claim_sure"])
    assert "contradict the counts" in cell["reason"]


@pytest.mark.parametrize(("people", "crimes"), [(None, 55), (0, 55), (355, None)])
def test_without_a_count_there_is_no_number(people: float | None, crimes: float | None) -> None:
    cells = computed(people, crimes).query("scenario == 'under_registration'")
    assert cells["estimate"].isna().all() and cells["feasible"].isna().all()


@pytest.mark.parametrize("gap", [{"overlap": [1]}, {"overlap": [-0.1]}, {"victims_per_crime": [0]}])
def test_assumptions_that_cannot_be_are_refused(gap: dict[str, list[float]]) -> None:
    with pytest.raises(ValueError, match="victims_per_crime is above 0"):
        computed(gap=gap)


def test_a_count_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="crimes: crimes_solved has 0 numbers"):
        computed(gap={"crimes": "crimes_solved"})


def _listed(*rows: tuple[str, str]) -> pd.DataFrame:
    records = pd.DataFrame(rows, columns=["person", "organisation"], dtype="str").assign(country="KG")
    found = scenarios(records, pd.DataFrame(columns=["country", "indicator", "estimate"]), {"people_on_lists": LISTS})
    assert list(found.columns) == COLUMNS
    return found


LISTS = {"person": "person", "list": "organisation"}


def test_lists_that_share_nobody_give_bounds_and_a_reason() -> None:
    cell = _listed(("a", "X"), ("b", "X"), ("c", "Y")).iloc[0]
    assert (cell["scenario"], cell["assumptions"]) == ("people_on_lists", "not_estimable")
    assert pd.isna(cell["estimate"]) and (cell["ci_low"], cell["ci_high"]) == (2, 3)
    assert "no key stands on two of the 2 lists" in cell["reason"]


def test_lists_that_share_people_feed_the_models() -> None:
    # 4 on X only, 2 on Y only, 2 on both: independent lists leave 4 x 2 / 2 = 4 on none, 12 in all.
    rows = [(f"x{n}", "X") for n in range(4)] + [(f"y{n}", "Y") for n in range(2)]
    rows += [(f"b{n}", name) for n in range(2) for name in "XY"]
    found = _listed(*rows).set_index("assumptions")
    assert found.loc["one key is one person", "estimate"] == 8
    assert found.loc["main_effects:wald", "estimate"] == pytest.approx(12, rel=1e-6)
