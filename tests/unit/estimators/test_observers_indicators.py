"""Indicators of other observers by sector, sex, place and period, where these are known: against sums by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from estimators.indicators.cell import Cell
from estimators.indicators.compute import compute
from schemas import instrument
from schemas.declared_instrument import DeclaredInstrument

ORGANISATIONS: list[dict[str, Any]] = [
    {"region": "KG-B", "agriculture": 6, "agriculture_women": 2, "agriculture_men": 4, "construction": 3,
     "households": 0, "sexual_inside": 1, "labour_abroad": 2, "sexual_abroad": 1, "last_3_years": 8, "earlier": 5},
    {"region": "KG-B", "agriculture": 4, "agriculture_women": 1, "agriculture_men": 3, "construction": 1,
     "households": 5, "sexual_inside": 0, "labour_abroad": 3, "sexual_abroad": 0, "last_3_years": 9, "earlier": 4},
    {"region": "KG-C", "agriculture": None, "last_3_years": 2, "earlier": None},
]  # fmt: skip


def cells(rows: list[dict[str, Any]]) -> dict[tuple[str, ...], Cell]:
    """Compute the indicators, by level, region, name and what else tells them apart."""
    kind = instrument.find("ngo_survey")
    assert isinstance(kind, DeclaredInstrument)
    types = {"count": "Int64", "number": "float64", "date": "datetime64[us]"}
    frame = pd.DataFrame({"country": pd.array(["KG"] * len(rows), dtype="str")})
    for column, about in kind.columns.items():
        frame[column] = pd.Series([row.get(column) for row in rows]).astype(types.get(about.type, "str"))
    found = compute(frame, kind, ["KG"], [("KG", "KG-B"), ("KG", "KG-C")], 0.95)
    return {
        (
            cell.domain.region or "KG",
            cell.name,
            *(v for v in cell.dimensions.values() if v not in ("all", "survey")),
        ): cell
        for cell in found
    }


@pytest.mark.parametrize(
    ("key", "estimate", "missing"),
    [
        (("KG", "cases_agriculture", "labour", "inside", "all_time"), 10, 1),
        (("KG", "cases_agriculture", "labour", "inside", "women", "all_time"), 3, 1),
        (("KG", "cases_agriculture", "labour", "inside", "men", "all_time"), 7, 1),
        (("KG", "cases_construction", "labour", "inside", "women", "all_time"), np.nan, 3),  # nobody gave it
        (("KG", "cases_inside", "inside", "all_time"), 20, 1),
        (("KG", "cases_abroad", "labour", "abroad", "all_time"), 5, 1),
        (("KG", "cases_abroad", "sexual", "abroad", "all_time"), 1, 1),
        (("KG", "cases", "last_3_years"), 19, 0),
        (("KG", "cases", "earlier"), 9, 1),
        (("KG-B", "cases", "last_3_years"), 17, 0),
        (("KG-C", "cases", "earlier"), np.nan, 1),
        # of all cases inside, whatever the form: 10 / 20, 5 / 20, 1 / 20
        (("KG", "share_agriculture", "labour", "inside", "all_time"), 0.5, 1),
        (("KG", "share_households", "labour", "inside", "all_time"), 0.25, 1),
        (("KG", "share_sexual", "sexual", "inside", "all_time"), 0.05, 1),
    ],
)
def test_counts_by_sector_sex_place_and_period(key: tuple[str, ...], estimate: float, missing: int) -> None:
    cell = cells(ORGANISATIONS)[key]
    assert cell.estimate == pytest.approx(estimate, nan_ok=True)
    assert cell.missing == missing


def test_a_share_of_one_sex_in_all_cases_is_not_made() -> None:
    assert not [key for key in cells(ORGANISATIONS) if key[1].startswith("share_") and {"women", "men"} & set(key)]


def test_without_a_region_nothing_is_said_of_regions() -> None:
    nowhere = [{**row, "region": None} for row in ORGANISATIONS]
    assert {key[0] for key in cells(nowhere)} == {"KG"}
