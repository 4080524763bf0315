"""Robust distances and flags: medians by brute force, distances by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimators import interviewer_diagnostics as diagnostics
from schemas.fieldwork import FieldworkRules, Measure, rules

COUNTS = (
    "interviews", "zero_reports", "reports", "repeated", "repeated_reports", "relatives_known", "relatives",
    "relatives_squared", "relatives_from_3", "relatives_ending_0_5", "cases", "cases_squared", "pairs",
    "near_duplicates", "most_on_one_day", "duration_known", "duration_minutes", "duration_squared",
)  # fmt: skip
HEAPING = rules().measures["heaping"]


def work(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """One row per interviewer; counts that are not named are those of an unremarkable hundred interviews."""
    numbers = (100, 70, 30, 5, 1, 100, 900, 9000, 98, 20, 60, 150, 40, 2, 9, 100, 2500.0, 65_000.0)
    usual = dict(zip(COUNTS, numbers, strict=True))
    return pd.DataFrame(
        [{"country": "KG", "region": "KG-B", "interviewer": f"I{n:02d}", **usual, **row} for n, row in enumerate(rows)]
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-5, 5).map(float), min_size=2, max_size=12))
def test_the_median_of_the_others_is_that_of_the_list_without_one(values: list[float]) -> None:
    got = diagnostics.median_of_others(np.array(values))
    assert list(got) == [np.median(values[:at] + values[at + 1 :]) for at in range(len(values))]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-50, 50).map(float), min_size=2, max_size=12))
def test_the_spread_of_the_others_is_about_their_own_median(values: list[float]) -> None:
    centre, spread = diagnostics.others(np.array(values))
    for at in range(len(values)):
        rest = np.array(values[:at] + values[at + 1 :])
        assert centre[at] == np.median(rest)
        assert spread[at] == np.median(np.abs(rest - np.median(rest)))


def test_a_distance_is_what_the_formula_gives_by_hand() -> None:
    """Nine of 20 in 98 end in 0 or 5, one 60 in 98: the others do not differ, so the error is chance alone."""
    frame = work([*[{}] * 9, {"relatives_ending_0_5": 60}])
    found = diagnostics.diagnose(frame, rules())
    place, usual = (math.asin(math.sqrt((x + 0.375) / 98.75)) for x in (60, 20))
    error = math.sqrt(2 / (4 * 98 + 2))  # `clustering` is 2; 1 / (4 n + 2) is Anscombe's variance
    assert found["z_heaping"].iloc[9] == pytest.approx((place - usual) / error)
    assert found["z_heaping"].iloc[0] == 0
    assert found["flags"].iloc[9] == "heaping"
    assert found["score"].iloc[9] == pytest.approx(min((place - usual) / error - 2, 8))


def test_a_mean_is_compared_by_its_root() -> None:
    """Four interviewers with 900 relatives in 100 interviews, one with 1,600: sqrt(16) - sqrt(9) = 1 over its error."""
    frame = work([{}] * 4 + [{"relatives": 1600, "relatives_squared": 30_000}])
    found = diagnostics.diagnose(frame, rules())
    mean, squares = 5200 / 500, (4 * 9000 + 30_000) / 500
    error = math.sqrt(2 * (squares - mean**2) / (4 * mean * 100))
    assert found["z_relatives"].iloc[4] == pytest.approx(1 / error)


def test_short_interviews_stand_out_and_long_ones_do_not() -> None:
    """Means of 25 minutes, one of 9 and one of 49: sqrt(9) - sqrt(25) = -2 over its error, and 2 over it.

    The others do not differ, and count as an eighth apart (`apart`), which is a sixteenth of the root of 25.
    """
    short = {"duration_minutes": 900.0, "duration_squared": 9_000.0}
    long = {"duration_minutes": 4900.0, "duration_squared": 250_000.0}
    found = diagnostics.diagnose(work([*[{}] * 8, short, long]), rules())
    mean, squares = (8 * 2500 + 900 + 4900) / 1000, (8 * 65_000 + 9_000 + 250_000) / 1000
    error = math.hypot(5 / 16, math.sqrt(2 * (squares - mean**2) / (4 * mean * 100)))
    assert found["z_duration"].iloc[8] == pytest.approx(-2 / error)
    assert found["z_duration"].iloc[9] == pytest.approx(2 / error)
    assert list(found["flags"].iloc[8:]) == ["duration", ""]
    assert found["score"].iloc[8] == pytest.approx(2 / error - 2)
    assert found["score"].iloc[9] == 0


def test_interviews_whose_length_is_unknown_do_not_count() -> None:
    """Nine known ones of an interviewer are too few, whatever they say; with none known nobody is judged."""
    nine = {"duration_known": 9, "duration_minutes": 18.0, "duration_squared": 36.0}
    found = diagnostics.diagnose(work([*[{}] * 6, nine]), rules())
    assert found.loc[6, ["duration", "z_duration"]].isna().all()
    none = dict.fromkeys(("duration_known", "duration_minutes", "duration_squared"), 0)
    unknown = diagnostics.diagnose(work([none] * 6), rules())
    assert unknown[["duration", "z_duration"]].isna().all(axis=None)
    assert set(unknown["flags"]) == {""}


def test_so_few_interviews_are_not_judged() -> None:
    few = {"interviews": 9, "zero_reports": 0, "relatives_known": 9, "relatives_from_3": 9, "relatives_ending_0_5": 9}
    found = diagnostics.diagnose(work([{}] * 6 + [few]), rules())
    assert found.loc[6, ["zero_reports", "z_zero_reports", "heaping", "z_heaping"]].isna().all()
    assert found["flags"].iloc[6] == ""


def test_with_few_peers_the_country_is_compared_where_regions_do_not_differ() -> None:
    rows: list[dict[str, object]] = [{}] * 6 + [{"region": "KG-C", "relatives_ending_0_5": 70, "relatives": 100}]
    found = diagnostics.diagnose(work(rows), rules())
    assert list(found["peers"]) == ["region"] * 6 + ["country"]
    assert found["flags"].iloc[6] == "heaping"
    assert math.isnan(found["z_relatives"].iloc[6])  # within_region: regions differ in the size of families


def test_alone_in_a_country_nobody_is_judged() -> None:
    found = diagnostics.diagnose(work([{"relatives_ending_0_5": 98}]), rules())
    assert math.isnan(found["z_heaping"].iloc[0])
    assert found["flags"].iloc[0] == ""


def test_the_busiest_day_has_a_limit_of_its_own() -> None:
    """The limit is 20: twenty pass, twenty-one are flagged, whatever the others did."""
    found = diagnostics.diagnose(work([{"most_on_one_day": n} for n in (20, 21)]), rules())
    assert list(found["flags"]) == ["", "most_on_one_day"]


def test_a_measure_of_one_end_is_not_flagged_at_the_other() -> None:
    found = diagnostics.diagnose(work([{}] * 9 + [{"relatives_ending_0_5": 0}]), rules())
    assert found["z_heaping"].iloc[9] < -3.5
    assert found["flags"].iloc[9] == ""


def test_zeros_stand_out_at_both_ends() -> None:
    rows: list[dict[str, object]] = [{}] * 8 + [{"zero_reports": 100}, {"zero_reports": 20}]
    found = diagnostics.diagnose(work(rows), rules())
    assert list(found["flags"].iloc[8:]) == ["zero_reports", "zero_reports"]


def test_no_interviewer_gives_no_row() -> None:
    empty = work([{}]).iloc[:0]
    assert len(diagnostics.diagnose(empty, rules())) == 0


def test_equal_work_without_a_case_is_no_distance() -> None:
    """Nobody reports a case: means are 0, and 0 over 0 must not become a number that flags."""
    found = diagnostics.diagnose(work([{"cases": 0, "cases_squared": 0}] * 6), rules())
    assert (found["z_cases"] == 0).all()


def test_every_measure_counts_columns_that_are_kept() -> None:
    from warehouse.fieldwork import MINUTES, SUMMED

    for measure in rules().measures.values():
        assert {measure.of, measure.among, measure.squares or measure.of} <= {*SUMMED, *MINUTES, "most_on_one_day"}
        assert (measure.above is not None) == (measure.kind == "most")
        assert (measure.squares is not None) == (measure.kind == "mean")


def test_rules_refuse_a_key_they_do_not_know() -> None:
    content = rules().model_dump()
    content["limits"]["min_peer"] = 3
    with pytest.raises(ValueError, match="min_peer"):
        FieldworkRules.model_validate(content)


def test_a_share_of_nothing_is_unknown() -> None:
    frame = work([{"relatives_from_3": 0, "relatives_ending_0_5": 0}])
    assert diagnostics.value(frame, HEAPING).isna().all()
    assert isinstance(HEAPING, Measure)
