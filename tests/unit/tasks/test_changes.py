"""Two vintages against each other: every kind of change, noise that is none, what hidden cells keep to themselves."""

from __future__ import annotations

import pandas as pd
import pytest

from tasks.changes import KEY, SHOWN, changes
from tests.unit.tasks import small_tables

ONE = {"level": "regional", "region": "KZ-15", "exploitation": "labour", "location": "inside", "sex": "women"}


def chosen(frame: pd.DataFrame) -> pd.Series:
    """Mark the one cell that the tests change; it is 100, limits 50 and 200 (small_tables)."""
    found: pd.Series = (frame[list(ONE)] == list(ONE.values())).all(axis=1)
    assert found.sum() == 1
    return found


def vintage(**values: object) -> pd.DataFrame:
    frame = small_tables.estimates()
    return frame.assign(**{name: frame[name].mask(chosen(frame), value) for name, value in values.items()})


def only(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, object]:
    """Return the one change between two vintages, which must be of the chosen cell."""
    rows = changes(before, after)
    assert len(rows) == 1
    assert chosen(rows).all()
    row: dict[str, object] = rows.iloc[0].to_dict()
    return row


HIDDEN = {"estimate": None, "ci_low": None, "ci_high": None, "n_respondents": None, "conf_status": "C"}


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ({}, {"estimate": 101.0}, "revised"),
        ({}, {"ci_high": 201.0}, "uncertainty"),
        ({}, {"n_respondents": 61}, "uncertainty"),
        ({}, {"reliability": "caution"}, "uncertainty"),
        ({"estimate": None}, {}, "added"),
        ({}, {"estimate": None}, "removed"),
        ({}, HIDDEN, "hidden"),
        ({}, {**HIDDEN, "conf_status": "D"}, "hidden"),
        (HIDDEN, {}, "shown"),
    ],
)
def test_every_kind_of_change(before: dict[str, object], after: dict[str, object], kind: str) -> None:
    assert only(vintage(**before), vintage(**after))["change"] == kind


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {}),
        ({}, {"estimate": 100.0000000001}),  # the thirteenth digit
        ({}, {"obs_status": "P"}),
        ({"estimate": None}, {"estimate": None}),
        (HIDDEN, HIDDEN),
        (HIDDEN, {**HIDDEN, "conf_status": "D"}),
        ({"std_error": 0.0}, {"std_error": 0.0}),
    ],
)
def test_what_is_no_change(before: dict[str, object], after: dict[str, object]) -> None:
    assert len(changes(vintage(**before), vintage(**after))) == 0


def test_rows_that_come_and_go_are_told_only_with_a_number() -> None:
    frame = vintage()
    without = frame[~chosen(frame)]
    assert only(without, frame)["change"] == "added"
    assert only(frame, without)["change"] == "removed"
    assert len(changes(without, vintage(estimate=None))) == 0
    assert only(vintage(**HIDDEN), without)["change"] == "removed"


def test_a_hidden_cell_keeps_its_old_number_to_itself() -> None:
    row = pd.Series(only(vintage(), vintage(**HIDDEN)))
    assert row[[*SHOWN, *(f"previous_{name}" for name in SHOWN), "relative_change"]].isna().all()
    back = pd.Series(only(vintage(**HIDDEN), vintage()))
    assert (back["estimate"], back["ci_low"], back["ci_high"]) == (100.0, 50.0, 200.0)
    assert pd.isna(back["previous_estimate"])


@pytest.mark.parametrize(
    ("number", "beyond"), [(200.0, False), (200.1, True), (50.0, False), (49.9, True), (101.0, False)]
)
def test_beyond_its_uncertainty_is_outside_the_old_limits(number: float, beyond: bool) -> None:
    """The old limits are 50 and 200; the new ones play no part."""
    assert only(vintage(), vintage(estimate=number, ci_low=0.0, ci_high=999.0))["beyond_limits"] == beyond


def test_the_relative_change_is_over_the_old_number() -> None:
    assert only(vintage(), vintage(estimate=125.0))["relative_change"] == pytest.approx(0.25)
    assert pd.isna(only(vintage(estimate=0.0), vintage(estimate=5.0))["relative_change"])


def test_the_order_of_rows_plays_no_part() -> None:
    after = vintage(estimate=101.0)
    pd.testing.assert_frame_equal(
        changes(vintage(), after[::-1]).sort_values(KEY).reset_index(drop=True),
        changes(vintage()[::-1], after).sort_values(KEY).reset_index(drop=True),
    )
