"""The primary rules at their thresholds."""

from __future__ import annotations

import numpy as np
import pytest

from disclosure.primary import Contributors, Thresholds, added_up, broken_rule

THRESHOLDS = Thresholds(min_families=10, min_settlements=3, largest_share=0.5)


def by(families: float, settlements: float, cases: float, largest: float) -> Contributors:
    return Contributors(*(np.array([[number]]) for number in (families, settlements, cases, largest)))


@pytest.mark.parametrize(
    ("families", "settlements", "cases", "largest", "rule"),
    [
        (10, 3, 20, 10, ""),
        (9, 3, 20, 5, "families"),
        (10, 2, 20, 5, "settlements"),
        (10, 3, 20, 11, "dominance"),
        (9, 2, 20, 19, "families"),  # the first of several
        (0, 0, 0, 0, ""),  # nobody can be recognised where nobody reports
    ],
)
def test_each_rule(families: float, settlements: float, cases: float, largest: float, rule: str) -> None:
    assert broken_rule(by(families, settlements, cases, largest), THRESHOLDS).tolist() == [[rule]]


def test_a_nation_adds_its_regions_up_and_keeps_the_largest_family() -> None:
    regions = Contributors(
        np.array([[4.0], [7.0]]), np.array([[2.0], [3.0]]), np.array([[9.0], [8.0]]), np.array([[5.0], [2.0]])
    )
    nation = added_up(regions, np.array([[True, True]]))
    assert [float(a[0, 0]) for a in (nation.families, nation.settlements, nation.cases, nation.largest)] == [
        11.0, 5.0, 17.0, 5.0,
    ]  # fmt: skip
    assert broken_rule(nation, THRESHOLDS).tolist() == [[""]]
