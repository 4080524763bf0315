"""Sums of what records state, kept apart by what was counted; places of regions; ends of a range. Sums are by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from estimators.indicators.cell import Cell, Domain
from estimators.indicators.counts import rank_of_regions, spread, total
from schemas.indicator import Name, Range, Rank, Total

TITLE = Name(en="t", ru="т")


def records(rows: list[tuple[str, str, int | None]]) -> pd.DataFrame:
    """Records of (region, what is counted, number)."""
    frame = pd.DataFrame(rows, columns=["region", "basis", "quantity"])
    return frame.assign(country="KG").astype({"region": "str", "basis": "str", "quantity": "Int64", "country": "str"})


STATED = records([("A", "events", 3), ("A", "attendance", 40), ("B", "events", 5), ("B", "attendance", None)])


def domain(frame: pd.DataFrame, region: str | None = None) -> Domain:
    level = "national" if region is None else "regional"
    return Domain(level, "KG", region, frame if region is None else frame[frame["region"] == region])


def sums(cells: list[Cell]) -> dict[str, tuple[float, int, int, tuple[str, ...]]]:
    return {cell.name: (cell.estimate, cell.base, cell.missing, tuple(cell.refused)) for cell in cells}


def test_within_the_count_basis_each_has_its_sum_and_all_together_none() -> None:
    declared = Total(kind="total", id="all", title=TITLE, of="quantity", within="basis")
    got = sums(list(total(declared, domain(STATED), "basis")))
    assert got["all.events"] == (8, 2, 0, ())
    assert got["all.attendance"] == (40, 1, 1, ())
    value, base, missing, refused = got["all"]
    assert np.isnan(value)
    assert (base, missing, refused) == (3, 1, ("attendance", "events"))


def test_a_sum_over_unlike_counts_is_refused_when_nothing_keeps_them_apart() -> None:
    declared = Total(kind="total", id="all", title=TITLE, of="quantity")
    (cell,) = total(declared, domain(STATED), "basis")
    assert np.isnan(cell.estimate)
    assert np.isnan(cell.count)
    assert tuple(cell.refused) == ("attendance", "events")


def test_a_sum_within_another_column_is_refused_where_that_mixes_counts() -> None:
    declared = Total(kind="total", id="all", title=TITLE, of="quantity", within="region")
    got = sums(list(total(declared, domain(STATED), "basis")))
    assert got["all.A"][3] == ("attendance", "events")
    assert got["all.B"] == (5, 1, 1, ())  # the only number stated there is one of events


def test_one_kind_of_count_is_added_and_an_instrument_without_kinds_adds_all() -> None:
    declared = Total(kind="total", id="all", title=TITLE, of="quantity", where="basis == 'events'")
    assert sums(list(total(declared, domain(STATED), "basis")))["all"] == (8, 2, 0, ())
    plain = Total(kind="total", id="all", title=TITLE, of="quantity")
    assert sums(list(total(plain, domain(STATED), None)))["all"] == (48, 3, 1, ())


def test_where_nothing_is_stated_the_sum_is_missing() -> None:
    declared = Total(kind="total", id="all", title=TITLE, of="quantity", where="basis == 'attendance'")
    got = sums(list(total(declared, domain(STATED, "B"), "basis")))
    value, base, missing, refused = got["all"]
    assert np.isnan(value)
    assert (base, missing, refused) == (0, 1, ())


def test_regions_are_ranked_by_mean_score_and_share_a_place() -> None:
    frame = pd.DataFrame({"country": "KG", "region": ["A", "A", "B", "C", "D"], "score": [5, 4, 4, 4, None]})
    frame = frame.astype({"score": "Int64"})
    everywhere = [domain(frame), *(domain(frame, region) for region in "ABCD")]
    declared = Rank(kind="rank", id="place", title=TITLE, scored="score")
    got = {
        cell.domain.region: (cell.estimate, cell.base, cell.missing) for cell in rank_of_regions(declared, everywhere)
    }
    assert got["A"] == (1, 2, 0)  # 4.5 before 4 and 4
    assert got["B"] == (2, 1, 0)
    assert got["C"] == (2, 1, 0)
    assert np.isnan(got["D"][0])
    assert got["D"][1:] == (0, 1)
    assert np.isnan(got[None][0])
    assert got[None][1:] == (4, 1)


def test_a_rank_is_of_items_or_of_regions() -> None:
    with pytest.raises(ValidationError, match="either `columns` or `scored`"):
        Rank(kind="rank", id="place", title=TITLE)
    with pytest.raises(ValidationError, match="either `columns` or `scored`"):
        Rank(kind="rank", id="place", title=TITLE, scored="score", columns={"a": "rank_a"})


def test_a_range_shows_the_ends_alone_where_it_says_so() -> None:
    declared = Range(kind="range", id="staff", title=TITLE, of="quantity", show=("min", "max"))
    assert [(cell.name, cell.estimate) for cell in spread(declared, domain(STATED))] == [
        ("staff.min", 3),
        ("staff.max", 40),
    ]
