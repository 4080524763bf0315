"""Interviews to PSU totals through the real SQL; each scenario is a pair of files, its sums added by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from schemas import family_survey
from warehouse import build, psu_totals
from warehouse.home import Home

GOLDEN = Path(__file__).parents[2] / "golden" / "psu_totals"
SCENARIOS = sorted(path.name.removesuffix("_input.csv") for path in GOLDEN.glob("*_input.csv"))
PLACE_SUMS = [
    "labour_{}_women",
    "labour_{}_women_last_3_years",
    "labour_{}_men",
    "labour_{}_men_last_3_years",
    "labour_{}_total",
    "labour_{}_total_last_3_years",
    "labour_{}_any_last_3_years",
    "labour_{}_any_earlier",
    "labour_{}_families",
    "sexual_{}",
    "sexual_{}_last_3_years",
    "sexual_{}_families",
    "any_{}_families",
]
SUMS = [
    *("n_respondents", "n_urban", "relatives", "relatives_raw", "relatives_squared"),
    *("migrant_inside", "migrant_abroad", "migrant_both", "migrant_any"),
    *(name.format(place) for place in ("inside", "abroad") for name in PLACE_SUMS),
    *("labour_both_families", "labour_any_families", "sexual_both_families", "sexual_any_families", "any_families"),
]
KEY = ["survey_id", "country", "region", "stratum", "psu"]


def interviews(path: Path, survey_id: str = "s") -> pd.DataFrame:
    """Read the interviews of a scenario; what its file does not name was not answered, or does not matter here."""
    frame = pd.read_csv(path).convert_dtypes()
    answers = frame.reindex(columns=family_survey.COUNTS).astype("Int64")
    days = pd.Series(pd.Timestamp("2009-10-01"), index=frame.index)
    return pd.concat([frame.drop(columns=family_survey.COUNTS, errors="ignore"), answers], axis=1).assign(
        country=frame["region"].str[:2],
        questionnaire_id=[f"{survey_id}-{n}" for n in range(len(frame))],
        ngo="NGO-1",
        interviewer="KZ-01",
        interview_date=days,
        load_id="l",
        survey_id=survey_id,
        source_row=range(len(frame)),
    )


def totals(home: Home, *batches: pd.DataFrame, survey_id: str = "s") -> pd.DataFrame:
    with build.write(home, family_survey) as warehouse:
        for batch in batches:
            warehouse.insert("interviews", batch)
        return psu_totals.compute(warehouse, survey_id, family_survey)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_interviews_add_up_to_their_settlements(scenario: str, home: Home) -> None:
    got = totals(home, interviews(GOLDEN / f"{scenario}_input.csv"))
    expected = pd.read_csv(GOLDEN / f"{scenario}_output.csv").set_index("psu")
    unknown = set(expected.columns) - set(SUMS)
    assert not unknown, unknown
    expected = expected.reindex(columns=SUMS, fill_value=0)  # a sum that the file does not name is zero
    found = got.set_index("psu")[SUMS]
    assert found.to_dict("index") == expected.to_dict("index")
    assert list(got["region"]) == [psu.split("/")[0] for psu in got["psu"]]
    assert list(got["stratum"]) == list(got["region"])  # the region is the stratum


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) >= 8


def test_every_sum_is_a_whole_number_and_no_column_is_besides(home: Home) -> None:
    got = totals(home, interviews(GOLDEN / "structural_missings_input.csv"))
    assert set(got.columns) == {*KEY, *SUMS}
    assert set(got[SUMS].dtypes.astype(str)) == {"int64"}


def test_the_order_of_interviews_does_not_matter(home: Home, tmp_path: Path) -> None:
    scenario = "two_settlements_of_one_name_in_two_districts"
    rows = interviews(GOLDEN / f"{scenario}_input.csv")
    there, back = totals(home, rows), totals(Home(tmp_path / "other"), rows[::-1])
    pd.testing.assert_frame_equal(there, back)


def test_another_survey_in_the_same_warehouse_stays_out_and_stays_there(home: Home) -> None:
    mine = interviews(GOLDEN / "sex_left_blank_input.csv", "mine")
    other = interviews(GOLDEN / "total_left_blank_input.csv", "other")
    assert list(totals(home, mine, other, survey_id="other")["labour_inside_total"]) == [0]
    assert list(totals(home, survey_id="mine")["labour_inside_total"]) == [5]
    with build.read(home) as warehouse:
        assert warehouse is not None
        kept = warehouse.rows("SELECT survey_id, labour_inside_total AS n FROM psu_totals ORDER BY survey_id")
    assert kept == [{"survey_id": "mine", "n": 5}, {"survey_id": "other", "n": 0}]
