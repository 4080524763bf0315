"""How far numbers may move between releases, with small shares worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from schemas.declaration import Plausibility
from tasks.gates.plausibility import plausibility
from tests.unit.tasks import small_tables

BOUNDS = Plausibility(largest_change=0.5, min_cases=100)
HEADLINE = {"level": "national", "country": "KZ", "exploitation": "all", "location": "both", "sex": "all"}
SMALL = {"level": "regional", "region": "KZ-15", "exploitation": "labour", "location": "inside", "sex": "men"}


def moved(factor: float, place: dict[str, str], n_cases: float = 60.0) -> pd.DataFrame:
    frame = small_tables.estimates().assign(n_cases=n_cases)
    chosen = (frame[list(place)] == list(place.values())).all(axis=1)
    assert chosen.sum() == 1
    frame.loc[chosen, "estimate"] *= factor
    return frame


def told(
    now: pd.DataFrame, before: pd.DataFrame, reason: str | None = None, bounds: Plausibility = BOUNDS
) -> dict[str, tuple[str, float, str]]:
    checks = plausibility(now, before, bounds, reason)
    return {check.check_id: (check.verdict, check.value, check.detail) for check in checks}


@pytest.mark.parametrize(
    ("factor", "verdict"), [(1.0, "passed"), (1.5, "passed"), (1.51, "refused"), (0.5, "passed"), (0.49, "refused")]
)
def test_a_nation_may_move_by_half(factor: float, verdict: str) -> None:
    seen = told(moved(factor, HEADLINE), moved(1.0, HEADLINE))["no_number_moved_too_far"]
    assert seen[0] == verdict
    assert seen[1] == pytest.approx(abs(factor - 1))


def test_a_region_counts_when_it_rests_on_enough_cases_in_both_releases() -> None:
    check = "no_number_moved_too_far"
    assert told(moved(2.0, SMALL, 99), moved(1.0, SMALL, 99))[check][0] == "passed"
    assert told(moved(2.0, SMALL, 100), moved(1.0, SMALL, 100))[check][0] == "refused"
    assert told(moved(2.0, SMALL, 100), moved(1.0, SMALL, 99))[check][0] == "passed"


def test_a_reason_turns_a_refusal_into_a_note_that_holds_it() -> None:
    verdict, _, detail = told(moved(2.0, HEADLINE), moved(1.0, HEADLINE), "a new frame of settlements")[
        "no_number_moved_too_far"
    ]
    assert verdict == "noted"
    assert "KZ victims all both all" in detail
    assert detail.endswith("Reason given: a new frame of settlements")


def test_a_reason_for_nothing_changes_nothing() -> None:
    seen = told(moved(1.0, HEADLINE), moved(1.0, HEADLINE), "just because")
    assert {verdict for verdict, _, _ in seen.values()} == {"passed"}
    assert not any("just because" in detail for _, _, detail in seen.values())


def test_a_lost_number_is_refused_without_a_reason_and_noted_with_one() -> None:
    before = small_tables.estimates()
    now = before[before["sex"] != "men"]
    lost = len(before) - len(now)
    assert told(now, before)["coverage_did_not_shrink"][:2] == ("refused", lost)
    assert told(now, before, "the form no longer asks")["coverage_did_not_shrink"][0] == "noted"


def test_a_number_that_is_hidden_now_is_not_lost_and_not_compared() -> None:
    before = moved(1.0, HEADLINE)
    chosen = (before[list(HEADLINE)] == list(HEADLINE.values())).all(axis=1)
    now = before.assign(estimate=before["estimate"].mask(chosen), conf_status=before["conf_status"].mask(chosen, "C"))
    assert {verdict for verdict, _, _ in told(now, before).values()} == {"passed"}


def test_a_number_that_has_no_limits_any_more_is_lost() -> None:
    before = moved(1.0, HEADLINE)
    chosen = (before[list(HEADLINE)] == list(HEADLINE.values())).all(axis=1)
    now = before.assign(estimate=before["estimate"].mask(chosen), conf_status=before["conf_status"].mask(chosen, "N"))
    assert told(now, before)["coverage_did_not_shrink"][:2] == ("refused", 1)


def test_the_first_release_is_compared_with_nothing() -> None:
    assert list(plausibility(small_tables.estimates(), None, BOUNDS, None)) == []


def test_the_bound_is_the_surveys_own() -> None:
    seen = told(moved(1.2, HEADLINE), moved(1.0, HEADLINE), bounds=Plausibility(largest_change=0.1))
    assert seen["no_number_moved_too_far"][0] == "refused"
