"""What a release says of interviewers: medians by hand, small numbers left out, quotas as quotients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from estimators.fieldwork_summary import quotas, summary
from estimators.interviewer_diagnostics import diagnose
from schemas.fieldwork import rules
from tests.unit.estimators.test_interviewer_diagnostics import work

HEAPED: dict[str, object] = {"relatives_ending_0_5": 80}


def told(rows: Sequence[Mapping[str, object]], min_families: int = 10) -> pd.DataFrame:
    frame = work(rows)
    settlements = dict.fromkeys(frame["country"], 7)
    return summary(frame, diagnose(frame, rules()), settlements, rules(), min_families).set_index(
        ["country", "measure"]
    )


def test_a_median_and_the_interviewers_it_rests_on() -> None:
    """Shares of zero reports 0.60, 0.65, 0.70, 0.75 and 0.90: the third is the median."""
    got = told([{"zero_reports": n} for n in (60, 90, 70, 65, 75)])
    row = got.loc[("KG", "zero_reports")]
    assert (row["value"], row["n_interviewers"], row["n_settlements"], row["unit"]) == (0.7, 5, 7, "share")


@pytest.mark.parametrize(
    ("flagged", "number", "words"),
    [(0, None, "fewer than 3"), (2, None, "fewer than 3"), (3, 3, "3"), (5, 5, "5")],
)
def test_few_flagged_interviewers_are_not_counted_out(flagged: int, number: int | None, words: str) -> None:
    got = told([HEAPED] * flagged + [{}] * 12).loc[("KG", "flagged")]
    assert got["flagged"] == words
    assert (None if pd.isna(got["n_flagged"]) else got["n_flagged"]) == number
    assert got["conf_status"] == ("F" if number else "C")


def test_all_but_few_are_not_counted_out_either() -> None:
    """Of four whose day has more than 20 interviews and two others: four flagged would point at the two."""
    got = told([{"most_on_one_day": 30}] * 4 + [{}] * 2).loc[("KG", "most_on_one_day")]
    assert got["flagged"] == "all but fewer than 3"
    assert pd.isna(got["n_flagged"])


def test_no_median_of_so_few_interviewers() -> None:
    got = told([{}] * 4).loc[("KG", "heaping")]
    assert math.isnan(got["value"])
    assert (got["n_interviewers"], got["conf_status"]) == (4, "C")


def test_what_rests_on_cases_is_left_out_with_few_reporting_families() -> None:
    """Five interviewers with one report each are five families; the survey wants ten."""
    got = told([{"zero_reports": 99, "reports": 1, "cases": 1, "cases_squared": 1}] * 5)
    for measure in ("zero_reports", "cases", "repeated_reports", "near_duplicates"):
        assert math.isnan(got.loc[("KG", measure), "value"])
    assert got.loc[("KG", "relatives"), "value"] == 9  # 900 relatives in 100 interviews


def test_a_country_without_lengths_of_interviews_has_no_number_and_hides_none() -> None:
    """Five with a mean of 25 minutes in one country, five of whom nobody wrote it down in the other."""
    none: dict[str, object] = dict.fromkeys(("duration_known", "duration_minutes", "duration_squared"), 0)
    got = told([{}] * 5 + [{"country": "TJ", "region": "TJ-SU", **none}] * 5)
    known, unknown = got.loc[("KG", "duration")], got.loc[("TJ", "duration")]
    assert (known["value"], known["n_interviewers"], known["unit"]) == (25, 5, "minutes")
    assert math.isnan(unknown["value"])
    assert (unknown["n_interviewers"], unknown["flagged"], unknown["conf_status"]) == (0, "not judged", "F")


def test_countries_are_told_apart() -> None:
    got = told([{}] * 5 + [{"country": "KZ", "region": "KZ-15", "relatives_ending_0_5": 49}] * 5)
    assert got.loc[("KG", "heaping"), "value"] == round(20 / 98, 3)
    assert got.loc[("KZ", "heaping"), "value"] == 0.5


def test_an_interviewer_of_two_regions_is_one() -> None:
    twice = [{"interviewer": f"I{n}", "region": region} for n in range(5) for region in ("KG-B", "KG-C")]
    assert told(twice).loc[("KG", "flagged"), "n_interviewers"] == 5


def test_quotas_stand_beside_what_was_held() -> None:
    """40 planned in the country and 20 in one region; 12 + 18 and 12 were held."""
    planned = pd.DataFrame({"country": ["KG", "KG"], "region": [None, "KG-B"], "planned": [40.0, 20.0]})
    held = pd.DataFrame(
        {
            "country": ["KG", "KG"],
            "region": ["KG-B", "KG-C"],
            "psu": ["KG-B/d/a", "KG-C/d/a"],
            "n_respondents": [12, 18],
        }
    )
    got = quotas(planned, held, rules())
    values = got.fillna({"region": ""}).set_index(["region", "measure"])["value"]
    assert values.loc[""].to_dict() == {"quota_planned": 40, "quota_achieved": 30, "quota_fulfilment": 0.75}
    assert values.loc["KG-B"].to_dict() == {"quota_planned": 20, "quota_achieved": 12, "quota_fulfilment": 0.6}
