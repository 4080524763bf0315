"""Published numbers beside ours: what the study prints, from a survey that meets its national counts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import estimators
from estimators.reproduction import COLUMNS, reproduce
from tests.unit.estimators.study_survey import SETTINGS, population, psu_totals

PUBLISHED = Path(__file__).parents[3] / "surveys" / "central_asia_2009" / "published.csv"
LOADS = {
    "KZ": (2240, 2234, 6),
    "KG": (2000, 1990, 10),
    "TJ": (1975, 1970, 5),
    "TM": (2604, 2598, 6),
    "UZ": (2565, 2556, 9),
}


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return pd.read_csv(PUBLISHED, dtype="str")


@pytest.fixture(scope="module")
def reproduction(published: pd.DataFrame) -> pd.DataFrame:
    survey = psu_totals()
    return reproduce(published, survey, estimators.estimate(survey, population(), SETTINGS), population(), LOADS)


def row(cell: str, value: str, **more: str | None) -> dict[str, str | None]:
    """A published row of families in Kazakhstan; the fixture has 1,841.518 thousand."""
    return {
        "source": "s", "source_table": "t", "source_cell": cell, "country": "KZ", "region": None,
        "indicator": "families", "exploitation": "all", "location": "all", "sex": "all", "period": "survey",
        "unit": "thousand_families", "printed": value, "value": value, "decimals": "1", "quantity": "estimate",
        "verdict": None, "reason": None, "explains": None, **more,
    }  # fmt: skip


def judged(*rows: dict[str, str | None]) -> pd.DataFrame:
    survey = psu_totals()
    estimates = estimators.estimate(survey, population(), SETTINGS)
    return reproduce(pd.DataFrame(list(rows)), survey, estimates, population()).set_index("source_cell")


def test_every_published_row_is_judged_once(published: pd.DataFrame, reproduction: pd.DataFrame) -> None:
    # 370 table cells and 476 statements of the text in the facts that were taken from the publication.
    assert len(published) == len(reproduction) == 370 + 476
    assert list(reproduction.columns) == COLUMNS
    assert not reproduction.duplicated(COLUMNS[:4]).any()
    assert reproduction.loc[reproduction["verdict"] != "match", "reason"].notna().all()


def test_country_tables_match_but_for_five_errors_of_the_publication(reproduction: pd.DataFrame) -> None:
    tables = reproduction[reproduction["source_table"] != "text"]
    rates = tables[
        tables["indicator"].str.startswith("victims")
        & ~((tables["exploitation"] == "sexual") & (tables["sex"] == "men"))
    ]
    verdicts = rates["verdict"].value_counts()
    assert verdicts.to_dict() == {"match": 315, "publication_error": 5}  # study-method, opening and C8
    errors = rates[rates["verdict"] == "publication_error"]
    assert set(errors["source_table"]) == {"2-6a"} and set(errors["exploitation"]) == {"sexual"}
    assert set(errors["printed"]) == {7967, 6318, 2115, 3006, 6548}


def test_populations_sizes_and_families_match(reproduction: pd.DataFrame) -> None:
    frame = reproduction[reproduction["source_table"] != "text"]
    frame = frame[frame["indicator"].isin(["population", "family_size", "families"]) & frame["printed"].notna()]
    assert len(frame) == 29 and set(frame["verdict"]) == {"match"}


def test_men_in_sexual_exploitation_are_not_reproducible(reproduction: pd.DataFrame) -> None:
    men = reproduction[(reproduction["exploitation"] == "sexual") & (reproduction["sex"] == "men")]
    assert len(men) == 20 and set(men["verdict"]) == {"not_reproducible"}
    assert men["reason"].str.contains("asks no sex").all()


def test_national_counts_and_shares_of_the_text_match(reproduction: pd.DataFrame) -> None:
    text = reproduction[
        (reproduction["source_table"] == "text") & reproduction["region"].isna() & reproduction["country"].notna()
    ]
    kinds = ["respondents", "migrant_families", "share_migrant_families", "victims_reported", "families_reporting"]
    kinds += ["share_women", "share_last_3_years", "victims_per_1000_families"]
    counts = text[text["indicator"].isin(kinds)]
    # Each of five countries: 1, 3, 3, 10, 6, 2 and 4 of the kinds above and 6 rates; section 2.6 repeats 4 rates.
    assert len(counts) == 5 * (29 + 6) + 4
    assert set(counts["verdict"]) == {"match"}
    sexual = text[(text["indicator"] == "share_sexual") & (text["period"] == "all_time")]
    assert sexual["verdict"].value_counts().to_dict() == {"match": 9, "rounding": 1}


@pytest.mark.parametrize(
    ("cell", "computed", "verdict"),
    [
        ("1.3.3 ALL questionnaires_collected", 11384, "match"),
        ("1.3.3 ALL questionnaires_excluded", 36, "match"),
        ("1.3.3 ALL sampling_ratio_mean", 0.02507, "match"),
        ("2.5.2 UZ family_size_before_editing", 18.9, "match"),
        ("2.5.2 UZ family_size_after_editing", 17.2, "publication_error"),
        ("3.2 ALL victims_lower_limit abroad", 596051, "match"),
        ("3.2.2 ALL victims_lower_limit inside", 342718, "match"),
        ("3.2 ALL victims_lower_limit both", 938769, "publication_error"),
        ("3.2 ALL victims_upper_limit both", 1326207, "publication_error"),
        ("3.2.2 ALL victims inside", 431098.7, "publication_error"),
        ("3.2 ALL victims both", 1132809, "publication_error"),
        ("3.2.1 UZ share_of_region both", 59.22, "match"),
        ("3.2.2 ALL share_women labour both women", 30.9, "match"),
        ("3.2.1 ALL share_sexual sexual both", 8.22, "match"),
        ("3.2.1 ALL excess_last_3_years labour inside last_3_years", 8.8, "match"),
        ("2.6 UZ share_sexual sexual inside", 19.95, "match"),
        ("2.6 TJ share_sexual sexual abroad", 2.3616, "rounding"),
    ],
)
def test_statement_of_the_text(reproduction: pd.DataFrame, cell: str, computed: float, verdict: str) -> None:
    # Computed values: study-method C10 and D.
    found = reproduction.set_index("source_cell").loc[cell]
    assert found["computed"] == pytest.approx(computed, rel=0.0005)
    assert found["verdict"] == verdict


def test_equal_at_the_printed_precision_is_a_match_whatever_was_declared() -> None:
    got = judged(
        row("last digit", "1841.5"),
        row("declared wrong", "1841.5", verdict="publication_error", reason="not so"),
        row("half a unit more", "1841.6"),
        row("whole thousands", "1842", decimals="0"),
        row("in words", "1800", printed="about 1,800", decimals="-2"),
    )
    assert got["verdict"].tolist() == ["match", "not_reproducible", "match", "match", "match"]
    assert got.index.tolist() == ["declared wrong", "half a unit more", "in words", "last digit", "whole thousands"]
    assert got.loc["in words", "reason"] == 'printed "about 1,800", compared as 1800 within 50'
    assert "computed 1841.51" in got.loc["half a unit more", "reason"]
    assert got.loc["half a unit more", "difference"] == pytest.approx(1841.5179 - 1841.6, abs=0.001)


def test_a_declared_reason_covers_only_the_number_it_speaks_of() -> None:
    got = judged(
        row("explained", "1900", verdict="publication_error", reason="why", explains="1841.5"),
        row("explains another", "1900", verdict="publication_error", reason="why", explains="1850"),
    )
    assert got["verdict"].tolist() == ["publication_error", "not_reproducible"]
    assert got.loc["explained", "reason"] == "why"
    assert "the declared reason explains 1850" in got.loc["explains another", "reason"]


def test_what_nobody_can_compute_says_so_and_an_unknown_quantity_is_refused() -> None:
    got = judged(row("unasked", "5", quantity=None), row("no such region", "5", region="KZ-99", quantity="respondents"))
    assert set(got["verdict"]) == {"not_reproducible"} and got["computed"].isna().all()
    with pytest.raises(ValueError, match='t typo: quantity "estimat" is not known'):
        judged(row("typo", "5", quantity="estimat"))


def test_printed_numbers_are_no_input_of_computed_ones(published: pd.DataFrame, reproduction: pd.DataFrame) -> None:
    survey = psu_totals()
    changed = published.assign(value=(pd.to_numeric(published["value"]) * 3 + 1).astype("str"))
    estimates = estimators.estimate(survey, population(), SETTINGS)
    again = reproduce(changed, survey, estimates, population(), LOADS)
    pd.testing.assert_series_equal(again["computed"], reproduction["computed"])
