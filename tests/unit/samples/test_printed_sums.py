"""The reconstruction meets the printed facts of the 2010 publication.

Expected values: tests/golden/central_asia_2009, copied from the publication or deduced from its digits; each row names
its section or its arithmetic. A row with met = no is a printed fact that contradicts others, with the reason.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from samples.central_asia_2009 import interviews, reasons
from tests.unit.samples.reconstructed_sums import GOLDEN, families, of, rate

NATIONAL = pd.read_csv(GOLDEN / "national_sums.csv").to_dict("records")
REGIONAL = pd.read_csv(GOLDEN / "regional_facts.csv", keep_default_na=False).to_dict("records")
COUNTRIES = ("KZ", "KG", "TJ", "TM", "UZ")


def named(row: dict[str, object]) -> str:
    keys = ("country", "regions", "quantity", "exploitation", "location", "period", "printed")
    return " ".join(str(row[key]) for key in keys if row.get(key))


def national(row: dict[str, object]) -> int:
    frame = of(str(row["country"]))
    quantity, stream, place = row["quantity"], row["exploitation"], row["location"]
    if quantity == "respondents":
        return len(frame)
    column = {
        "relatives": "relatives",
        "relatives_before_capping": "relatives_raw",
        "families_with_migrants": f"migrant_{place}",
        "families_reporting": f"reports_{stream}_{place}",
        "women": f"women_{place}",
        "total_field": f"total_{place}",
        "cases": f"{stream}_{place}" + ("_last_3_years" if row["period"] == "last3y" else ""),
    }[str(quantity)]
    return int(frame[column].sum())


@pytest.mark.parametrize("row", NATIONAL, ids=named)
def test_national_sum(row: dict[str, Any]) -> None:
    assert row["low"] <= national(row) <= row["high"]


def regional(row: dict[str, object], regions: str) -> float:  # noqa: PLR0911, one line per quantity
    country, place, stream = str(row["country"]), str(row["location"]), str(row["exploitation"])
    frame, nation = of(country, regions), of(country)
    column = f"total_{place}" if row["base"] == "total_field" else f"{stream}_{place}"
    match row["quantity"]:
        case "respondents":
            return len(frame)
        case "share_of_sample":
            return 100 * len(frame) / len(nation)
        case "family_size":
            return float(frame["relatives"].mean())
        case "share_with_migrants":
            return 100 * float(frame[f"migrant_{place}"].mean())
        case "mean_share_with_migrants":
            return 100 * float(nation.groupby("region")[f"migrant_{place}"].mean().mean())
        case "cases":
            return float(frame[column].sum())
        case "share_of_cases":
            return 100 * float(frame[column].sum() / nation[column].sum())
        case "rate":
            return rate(frame, country, stream, place)
        case "regions_without_cases":
            return float((nation.groupby("region")[f"total_{place}"].sum() == 0).sum())
    raise KeyError(row["quantity"])


@pytest.mark.parametrize("row", [row for row in REGIONAL if row["low"] != ""], ids=named)
def test_regional_fact(row: dict[str, Any]) -> None:
    value = regional(row, row["regions"])
    holds = float(row["low"]) - 1e-9 <= value <= float(row["high"]) + 1e-9
    assert holds == (row["met"] == "yes"), f"{value:.4f} against {row['low']} to {row['high']}; {row['reason']}"


@pytest.mark.parametrize("row", [row for row in REGIONAL if row["bound"]], ids=named)
def test_printed_extreme_bounds_every_other_region(row: dict[str, Any]) -> None:
    own = regional(row, row["regions"])
    codes = of(row["country"])["region"].unique()
    others = [regional(row, code) for code in codes if code != row["regions"].split("@")[0]]
    if row["bound"] == "min_with_cases":
        # Printed as the minimum although four oblasts have no case at all.
        others = [value for value in others if value > 0]
    assert (own < min(others)) if row["bound"].startswith("min") else (own > max(others))


@pytest.mark.parametrize(
    "row", pd.read_csv(GOLDEN / "kyrgyz_weighted_rates.csv", dtype=str).to_dict("records"), ids=named
)
def test_kyrgyz_rate_is_the_mean_weighted_by_shares_of_cases(row: dict[str, Any]) -> None:
    """Section C5: regional rates averaged with the regions' shares of all cases, then rounded to two decimals."""
    stream, place = row["exploitation"], row["location"]
    column = f"total_{place}" if stream == "labour" else f"{stream}_{place}"
    whole = of("KG")[column].sum()
    value = sum(
        frame[column].sum() / whole * rate(frame, "KG", stream, place) for _, frame in of("KG").groupby("region")
    )
    assert f"{value:.2f}" == row["rate"]


def test_uzbek_sample_has_the_printed_classes_of_oblasts() -> None:
    """Section 2.5.1: seven oblasts of 7 to 11 %, three of 5.2 to 6.5 %, one of 3.4 %, and Tashkent with 16 %."""
    share = (100 * of("UZ")["region"].value_counts(normalize=True)).round(1)
    assert len(share) == 12
    assert ((share >= 6.5) & (share <= 11.5) & (share != 6.5)).sum() == 7
    assert ((share >= 5.2) & (share <= 6.5)).sum() == 3


def test_all_questionnaires_are_there_and_thirty_six_are_unusable() -> None:
    """Section 1.3.3: 11,384 collected, 36 left out, 11,348 used."""
    assert len(interviews()) == 11384
    assert (reasons() != "").sum() == 36
    assert len(families()) == 11348
    assert set(reasons()) == {"", "relatives_missing", "relatives_above_30", "cases_far_above_relatives"}
