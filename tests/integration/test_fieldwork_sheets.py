"""The survey `central_asia_2009_fieldwork` through a night: counts, printed numbers, unknowns, and nobody named."""

from __future__ import annotations

import logging
from pathlib import Path

import pandas as pd
import pytest

from flows import direct
from schemas import declaration
from warehouse import results
from warehouse.home import Home

SURVEY = "central_asia_2009_fieldwork"
SETTLEMENTS = {"KG": 166, "KZ": 185, "TJ": 164, "TM": 217, "UZ": 213}
"""A settlement for every twelve interviews of a region, as `samples/central_asia_2009/settlements.py` builds them."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    place = Home(tmp_path_factory.mktemp("sheets"))
    outcome = direct.run(declaration.load(SURVEY), place, logging.getLogger("test").info)
    assert outcome.exit_code == 0, outcome.errors
    assert {load.country: load.rows_accepted for load in outcome.loads} == SETTLEMENTS
    return place


def table(home: Home, name: str) -> pd.DataFrame:
    return results.read(home.latest / "results.duckdb", name)


def national(home: Home, indicator: str) -> dict[str, float]:
    rows = table(home, "estimates")
    chosen = rows[(rows["indicator"] == indicator) & (rows["level"] == "national")]
    return dict(zip(chosen["country"], chosen["estimate"], strict=True))


def test_the_printed_samples_are_met(home: Home) -> None:
    verdicts = table(home, "reproduction").groupby("verdict").size().to_dict()
    assert verdicts == {"match": 7, "not_reproducible": 5}  # 2 totals and 5 samples; 5 rules of the guide


def test_interviews_are_counted_by_country_and_region(home: Home) -> None:
    assert national(home, "interviews_held") == {"KG": 1996, "KZ": 2241, "TJ": 1977, "TM": 2606, "UZ": 2564}
    rows = table(home, "estimates")
    regional = rows[(rows["indicator"] == "interviews_held") & (rows["level"] == "regional")]
    assert regional.groupby("country")["estimate"].sum().to_dict() == national(home, "interviews_held")


def test_what_nobody_recorded_is_missing_and_not_zero(home: Home) -> None:
    rows = table(home, "estimates")
    unknown = rows[rows["indicator"].isin(["refusals", "back_checked", "interviews_planned", "quota_fulfilment"])]
    assert len(unknown) >= 4 * 6
    assert unknown["estimate"].isna().all()
    about = table(home, "indicators").set_index("indicator")
    assert about.loc["refusals", "missing"] == 945  # sheets in all


def test_no_code_of_an_interviewer_or_settlement_is_in_a_table(home: Home) -> None:
    text = "".join(
        str(table(home, path.stem).to_dict()) for path in sorted(Path(home.latest / "tables").glob("*.parquet"))
    )
    for word in ("KZ-01", "KZ-NGO-1", "KZ-P001", "KZ-S001", "село 1"):
        assert f"'{word}'" not in text
