"""The instrument `fieldwork`: what the guide of 2009 demands of a sheet; what nobody wrote down is no fault."""

from __future__ import annotations

import pandas as pd
import pytest

from schemas import instrument

SHEET = {
    "settlement_type": "urban", "achieved": 12, "usable": 11, "start_house": 3, "step": 6, "town_parts": 5,
    "houses_approached": 20, "refusals": 4, "absent": 3, "relatives_skipped": 1, "back_checked": 3,
    "back_check_agreed": 2, "first_day": "2009-09-01", "last_day": "2009-09-02",
}  # fmt: skip


def broken(**cells: object) -> set[str]:
    """Name the rules that a sheet breaks, a sound one but for these cells."""
    form = instrument.find("fieldwork")
    cell = {**SHEET, **cells}
    columns = {}
    for name in form.COLUMNS:
        kind = "Int64" if name in form.WHOLE_NUMBERS else "datetime64[us]" if name in form.DATES else "str"
        columns[name] = pd.Series([cell.get(name)], dtype=kind)
    return {name for name, _, failing, _ in form.rules(pd.DataFrame(columns)) if failing.any()}


def test_a_sheet_that_keeps_the_guide_passes() -> None:
    assert broken() == set()


def test_twenty_houses_are_just_enough() -> None:
    """12 interviews, 4 refusals, 3 absent and 1 household of relatives are 20 houses."""
    assert broken(houses_approached=19) == {"houses_within_approached"}


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"start_house": 1}, "third_house"),
        ({"step": 7}, "every_sixth_house"),
        ({"town_parts": 3}, "town_of_four_or_five_parts"),
        ({"town_parts": 6}, "town_of_four_or_five_parts"),
        ({"settlement_type": "rural"}, "only_towns_have_parts"),
        ({"usable": 13}, "usable_within_held"),
        ({"back_checked": 13}, "checked_within_held"),
        ({"back_check_agreed": 4}, "confirmed_within_checked"),
        ({"last_day": "2009-08-31"}, "days_in_order"),
    ],
)
def test_a_sheet_that_cannot_be_is_named(cells: dict[str, object], rule: str) -> None:
    assert broken(**cells) == {rule}


def test_what_nobody_wrote_down_is_no_fault() -> None:
    unknown = [name for name in SHEET if name not in ("settlement_type", "achieved", "first_day", "last_day")]
    assert broken(**dict.fromkeys(unknown)) == set()
