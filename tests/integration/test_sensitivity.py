"""From interviews to the table `sensitivity`: the SQL sums and the estimators together, against R's survey package."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from estimators import sensitivity as module
from estimators.sensitivity import sensitivity
from schemas import family_survey
from tests.unit.estimators.golden_pairs import pair
from warehouse import build, psu_sensitivity, psu_totals
from warehouse.build import Warehouse

SETTINGS: dict[str, Any] = {"rates": {"years": 3, "confidence": 0.95}, "methods": {"design": {}}}
POPULATION = pd.DataFrame(
    {"country": "KZ", "region": ["KZ-15", "KZ-23", None], "population_thousands": [757.768, 510.377, 1268.145]}
)
SCENARIO = "two_regions_fifteen_settlements"


def sums(interviews: pd.DataFrame, threads: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """PSU totals and PSU sums of sensitivity, by the statements of the warehouse."""
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {threads}")
        connection.execute(build.interviews_table(family_survey))
        warehouse = Warehouse(connection)
        marks = {"load_id": "l", "survey_id": "s", "source_row": range(len(interviews))}
        warehouse.insert("interviews", interviews.assign(**marks))
        totals = psu_totals.compute(warehouse, "s", family_survey)
        return totals, psu_sensitivity.compute(warehouse, "s", family_survey, 30)


def table(interviews: pd.DataFrame, **options: Any) -> pd.DataFrame:
    return sensitivity(*sums(interviews), POPULATION, {**SETTINGS, "sensitivity": options}).set_index("variant")


def test_every_variant_against_r() -> None:
    interviews, expected = pair("sensitivity", SCENARIO)
    got = table(interviews)
    for row in expected.itertuples():
        ours = got.loc[row.variant]
        for number in ("estimate", "std_error", "thousand_families", "cap_p99", "cap_p97_5"):
            assert ours[number] == pytest.approx(getattr(row, number), rel=1e-9), (row.variant, number)


def test_the_median_variant_by_hand() -> None:
    interviews, _ = pair("sensitivity", SCENARIO)
    got = table(interviews)
    means = interviews.groupby(["region", "settlement"])["relatives_raw"].mean().groupby("region").median()
    persons = pd.Series({"KZ-15": 757_768.0, "KZ-23": 510_377.0})
    assert got.loc["median_of_psu_means", "thousand_families"] * 1000 == pytest.approx((persons / means).sum())
    assert got.loc["median_of_psu_means", "std_error"] > 0


def test_ratios_say_what_the_answer_depends_on() -> None:
    interviews, _ = pair("sensitivity", SCENARIO)
    ratio = table(interviews)["ratio_to_leading"]
    assert ratio["leading"] == 1
    assert ratio["scale_up_degree_1_visibility_0.5"] == pytest.approx(2, rel=1e-12)
    assert ratio["scale_up_degree_1.3_visibility_0.8"] == pytest.approx(1 / 1.04, rel=1e-12)
    # Forgetting a tenth a year: told are (1 - 0.9^3) / (-3 log 0.9) = 0.271 / 0.3160815 of three years' cases.
    assert ratio["recall_loss_0.1"] == pytest.approx(0.3160815 / 0.271, rel=1e-6)
    assert ratio["cap_none"] <= ratio["cap_p99"] <= ratio["cap_p97_5"]


def test_neither_threads_nor_order_change_a_digit() -> None:
    interviews, _ = pair("sensitivity", SCENARIO)
    many = pd.concat([interviews.assign(questionnaire_id=f"{i}") for i in range(400)], ignore_index=True)
    one, four = sums(many, 1)[1], sums(many.sample(frac=1, random_state=1), 4)[1]
    pd.testing.assert_frame_equal(one, four, check_exact=True)


def test_the_sums_are_whole_numbers_in_units_of_a_million_millionth() -> None:
    interviews, _ = pair("sensitivity", SCENARIO)
    _, got = sums(interviews)
    exact = (1 / interviews["relatives"]).groupby([interviews["region"], interviews["settlement"]]).sum()
    assert got["inverse_relatives"].dtype == np.int64
    assert got["inverse_relatives"].sum() / 1e12 == pytest.approx(exact.sum(), abs=1e-10)


def test_a_country_without_a_case_has_no_limits_and_no_ratio() -> None:
    interviews, _ = pair("sensitivity", SCENARIO)
    counts = [name for name in interviews if name.startswith(("labour", "sexual"))]
    got = table(interviews.assign(**dict.fromkeys(counts, 0)))
    assert (got["estimate"] == 0).all()
    assert got[["std_error", "ci_low", "ci_high", "ratio_to_leading"]].isna().all(axis=None)
    assert (got["family_size"] > 0).all()


def test_an_interview_without_a_network_size_counts_in_no_sum_of_sizes() -> None:
    interviews, _ = pair("sensitivity", SCENARIO)
    holed = interviews.astype({"relatives": "Int64", "relatives_raw": "Int64"})
    holed.loc[0, ["relatives", "relatives_raw"]] = pd.NA
    totals, got = sums(holed)
    assert int(got["n_respondents"].sum()) == len(interviews) - 1
    assert int(totals["n_respondents"].sum()) == len(interviews)
    assert sensitivity(totals, got, POPULATION, SETTINGS)["estimate"].notna().all()


def test_an_unknown_option_is_named() -> None:
    interviews, _ = pair("sensitivity", SCENARIO)
    with pytest.raises(ValueError, match="unknown option cap; known are"):
        table(interviews, cap=20)
    assert set(module.COLUMNS) > {"ratio_to_leading"}
