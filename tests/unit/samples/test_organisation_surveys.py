"""Raw files of the surveys of organisations of 2003 and 2005: what the builders write, with the printed numbers."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from samples import (
    kyrgyzstan_contacts_2005,
    kyrgyzstan_grantee_outputs_2005,
    kyrgyzstan_grants_2005,
    kyrgyzstan_ngo_capacity_2003,
)
from samples.delivery_file import write_csv

CHECKOUT = Path(__file__).parents[3]
SURVEYS = CHECKOUT / "surveys"
FORTY = CHECKOUT / "tests" / "golden" / "ngo_capacity" / "forty_percentages.csv"
WRITERS = {
    "kyrgyzstan_ngo_capacity_2003": kyrgyzstan_ngo_capacity_2003.write,
    "kyrgyzstan_grantee_outputs_2005": kyrgyzstan_grantee_outputs_2005.write,
    "kyrgyzstan_contacts_2005": kyrgyzstan_contacts_2005.write,
    "kyrgyzstan_grants_2005": kyrgyzstan_grants_2005.write,
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def raw(survey: str) -> list[dict[str, str]]:
    (path,) = (SURVEYS / survey / "raw").glob("*.csv")
    return rows(path)


@pytest.mark.parametrize(("survey", "write"), WRITERS.items(), ids=list(WRITERS))
def test_the_raw_files_are_what_the_builder_writes(
    survey: str, write: Callable[[Path], list[Path]], tmp_path: Path
) -> None:
    write(tmp_path)
    bundled = {path.name: path.read_bytes() for path in (SURVEYS / survey / "raw").iterdir()}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == bundled


def test_a_file_without_rows_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no row"):
        write_csv(tmp_path / "x.csv", [], "p", "f", "2005-01-01")


def test_regions_of_the_36_organisations() -> None:
    # Part II of the baseline prints 7 for Bishkek with Chuy, then 7, 5, 4, 6, 5 and 2.
    found = Counter(row["region"] for row in raw("kyrgyzstan_ngo_capacity_2003"))
    jalal_abad = sum(number for spelling, number in found.items() if "abad" in spelling.lower())
    assert found["Bishkek"] + found["Chuy"] + found["? HUY"] == 7
    assert (found["Naryn"], jalal_abad, found["Talas"], found["Osh"], found["Batken"]) == (7, 5, 4, 6, 2)
    assert found["Issyk-Kul"] + found["Issykul"] == 5
    assert found.total() == 36


@pytest.mark.parametrize("case", rows(FORTY), ids=[case["indicator"] for case in rows(FORTY)])
def test_each_printed_percentage_and_the_organisations_behind_it(case: dict[str, str]) -> None:
    """`fit` says how the printed number follows from so many of 36; the file has as many answers."""
    column, _, code = case["indicator"].partition(".")
    wanted = {"": "да", "no": "нет", "yes": "да"}.get(code, code)
    assert sum(row[column] == wanted for row in raw("kyrgyzstan_ngo_capacity_2003")) == int(case["organisations"])
    printed = Decimal(case["printed"])
    share = Decimal(100 * int(case["organisations"])) / int(case["of"])
    rounded, cut = share.quantize(printed, ROUND_HALF_UP), share.quantize(printed, ROUND_DOWN)
    assert (rounded == printed) == (case["fit"] == "round")
    assert (cut == printed and rounded != printed) == (case["fit"] == "truncate")


def test_eighteen_were_rounded_thirteen_cut_and_nine_neither() -> None:
    assert Counter(case["fit"] for case in rows(FORTY)) == {"round": 18, "truncate": 13, "none": 9}


def test_items_of_one_tier_have_equal_mean_ranks() -> None:
    table = raw("kyrgyzstan_ngo_capacity_2003")
    sums = {name: sum(int(row[name]) for row in table) for name in table[0] if name.startswith("rank_")}
    assert sums["rank_job_firms"] == sums["rank_marriage_agencies"] == 54  # 36 organisations, mean rank 1.5
    assert sums["rank_modelling_agencies"] == sums["rank_tourist_firms"] == 126
    assert sums["rank_sexual_exploitation"] == sums["rank_benefits"] == sums["rank_education"] == 108
    assert (sums["rank_earnings"], sums["rank_domestic_violence"]) == (36, 252)


def test_outputs_add_up_within_one_count_basis() -> None:
    # Sums over part II of the evaluation, made by hand from its lists.
    counted = [row for row in raw("kyrgyzstan_grantee_outputs_2005") if row["standing"] == "counted"]

    def total(activity: str, basis: str) -> int:
        chosen = (row for row in counted if (row["activity"], row["count_basis"]) == (activity, basis))
        return sum(int(row["quantity"] or 0) for row in chosen)

    assert total("training", "events") == 300
    assert total("training", "attendance") == 5589
    assert total("public_meeting", "events") == 47
    assert (total("roundtable", "events"), total("roundtable", "attendance")) == (15, 137)
    assert total("placement", "unique_persons") == 20 + 82 + 139
    assert total("print", "copies") == 36371
    assert (total("article", "items"), total("tv", "items"), total("radio", "items")) == (20, 45, 25)


def test_participants_that_are_not_stated_are_empty_and_not_zero() -> None:
    silent = [row for row in raw("kyrgyzstan_grantee_outputs_2005") if row["qualifier"] == "not_stated"]
    assert {row["quantity"] for row in silent} == {""}
    assert [row["grantee"] for row in silent].count("Tendesh") == 2
    assert {row["grantee"] for row in silent} == {"CSSC-Jalalabad", "Jiger", "Tendesh", "WIC Ayalzat Talas"}


def test_persons_and_contacts_are_kept_apart() -> None:
    counted = [row for row in raw("kyrgyzstan_contacts_2005") if row["standing"] == "counted"]
    hotline = [row for row in counted if row["channel"] == "hotline"]
    assert sum(int(row["quantity"] or 0) for row in hotline) == 434 + 314 + 187 + 18
    assert sum(row["quantity"] == "" for row in hotline) == 4
    persons = {row["operator"] for row in counted if row["count_basis"] == "persons" and row["channel"] != "assistance"}
    assert persons == {"CSSC-Jalalabad", "RCRP", "Tomo"}


def test_grants_are_more_than_grantees() -> None:
    table = raw("kyrgyzstan_grants_2005")
    assert (len(table), len({row["grantee"] for row in table})) == (25, 18)
    assert len({row["grantee"] for row in table if row["visited"] == "yes"}) == 7
    assert len({row["grantee"] for row in table if row["at_baseline_roundtable"] == "yes"}) == 10
