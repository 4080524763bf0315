"""What is said of all countries together gives away no country of which it is hidden."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from schemas.indicator import DIMENSIONS
from tasks.count_cells import CELL
from tasks.hide_records import COUNT, GROUP, NATIONAL, of_cells


def status(rows: Sequence[tuple[str, str | None, bool]], code: str = "women", exempt: bool = False) -> list[str]:
    """Return the status of counts of one indicator. rows: level, country, whether its own count is hidden."""
    shown = pd.DataFrame(
        [
            {"level": level, "country": country, "region": None, "indicator": code, **dict.fromkeys(DIMENSIONS, "all")}
            | {"question": f"sex|{country}", "code": code, "exempt": exempt and level == GROUP}
            for level, country, _ in rows
        ]
    ).astype({"region": "str", "country": "str"})
    planned = shown[COUNT].assign(conf_status=["C" if hidden else "F" for *_, hidden in rows], withheld=False)
    found = of_cells(shown, planned).merge(shown[CELL], how="right", on=CELL)
    return list(found["_status"])


def test_all_together_are_hidden_with_the_country_that_has_too_few() -> None:
    """2 of one country would be 42 - 40."""
    assert status([(NATIONAL, "KG", True), (NATIONAL, "KZ", False), (GROUP, None, False)]) == ["C", "F", "C"]


def test_all_together_are_shown_where_every_country_is() -> None:
    assert status([(GROUP, None, False), (NATIONAL, "KG", False), (NATIONAL, "KZ", False)]) == ["F", "F", "F"]


def test_what_was_printed_of_all_together_stays() -> None:
    assert status([(NATIONAL, "KG", True), (GROUP, None, False)], exempt=True) == ["C", "F"]


def test_one_country_is_hidden_by_its_own_count_alone() -> None:
    assert status([(NATIONAL, "KG", True)]) == ["C"]
    assert status([(NATIONAL, "KG", False)]) == ["F"]
