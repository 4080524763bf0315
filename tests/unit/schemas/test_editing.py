"""Editing rules on scenarios a reader can check by eye: which questionnaires go, which are cut, which are kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from schemas import editing, family_survey
from schemas.editing_rules import Editing, EditingByCountry
from schemas.failures import Failures

GOLDEN = Path(__file__).parents[2] / "golden" / "editing"
SCENARIOS = sorted(path.name.removesuffix("_input.csv") for path in GOLDEN.glob("*_input.csv"))
CAPPED = {"cap_above_thirty"}


def rules(action: str) -> Editing:
    """The publication's limit of 30 relatives; a questionnaire is unusable above twice as many cases as relatives."""
    return Editing.model_validate(
        {
            "cases_above_relatives": {"factor": 2},
            "relatives_above": {"limit": 30, "action": action},
        }
    )


def interviews(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path).rename(columns={"questionnaire": "questionnaire_id"})
    numbers = frame.reindex(columns=family_survey.WHOLE_NUMBERS).astype("Int64")
    migrants = dict.fromkeys(family_survey.ANSWERS, "yes")
    return numbers.assign(questionnaire_id=frame["questionnaire_id"], source_row=range(2, len(frame) + 2), **migrants)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: str) -> None:
    frame = interviews(GOLDEN / f"{scenario}_input.csv")
    chosen = rules("cap" if scenario in CAPPED else "drop")
    failures = Failures()
    editing.drop(frame, chosen, family_survey, failures)
    dropped = failures.table().groupby("position")["rule"].agg(" ".join)
    kept, log = editing.apply(frame.drop(index=list(dropped.index)), chosen, family_survey)
    got = {}
    for position, number in frame["questionnaire_id"].items():
        if position in dropped.index:
            got[number] = ("dropped", None, None, dropped[position], "", "")
            continue
        acts = log[log["questionnaire_id"] == number]
        told = (" ".join(acts["rule"]), "|".join(acts["before"]), "|".join(acts["after"]))
        got[number] = ("kept", kept["relatives_raw"][position], kept["relatives"][position], *told)
    expected = pd.read_csv(GOLDEN / f"{scenario}_output.csv", dtype="str").fillna("")
    assert got == {
        row["questionnaire"]: (
            row["fate"],
            int(row["relatives_raw"]) if row["relatives_raw"] else None,
            int(row["relatives"]) if row["relatives"] else None,
            row["rules"],
            row["before"],
            row["after"],
        )
        for row in expected.to_dict("records")
    }


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) >= 5


def test_a_country_takes_the_default_where_it_says_nothing() -> None:
    by_country = EditingByCountry.model_validate(
        {
            "default": rules("drop").model_dump(),
            "countries": {"UZ": {"relatives_above": {"limit": 30, "action": "cap"}}},
        }
    )
    assert by_country.of("KZ") == rules("drop")
    assert by_country.of("UZ") == rules("cap")


def test_an_edit_names_row_questionnaire_and_act() -> None:
    frame = interviews(GOLDEN / "cap_above_thirty_input.csv")
    _, log = editing.apply(frame, rules("cap"), family_survey)
    assert log.to_dict("records")[0] == {
        "source_row": 4,  # the third questionnaire, below a header row
        "questionnaire_id": "UZ-3",
        "rule": "relatives_above_limit",
        "action": "cap",
        "column_name": "relatives",
        "before": "31",
        "after": "30",
    }


def reported(answer: str, women: int | None) -> pd.DataFrame:
    """One interview of five relatives whose count of women abroad is what repeats gave."""
    counts = dict.fromkeys(family_survey.COUNTS, pd.NA) | {"labour_abroad_women_last_3_years": women}
    told = {"questionnaire_id": "KZ-1", "source_row": 2, "migrant_inside": "yes", "migrant_abroad": answer}
    frame = pd.DataFrame([{**told, "relatives": 5, **counts}])
    return frame.astype(dict.fromkeys(family_survey.WHOLE_NUMBERS, "Int64"))


@pytest.mark.parametrize(
    ("answer", "women", "refused"), [("no", 0, False), ("no", None, False), ("no", 1, True), ("yes", 0, False)]
)
def test_a_zero_reports_no_case_where_nobody_migrated(answer: str, women: int | None, refused: bool) -> None:
    failing = {rule for rule, _, rows, _ in family_survey.rules(reported(answer, women)) if rows.any()}
    assert failing == ({"skip_abroad"} if refused else set())


def test_a_zero_where_nobody_migrated_is_emptied_and_logged() -> None:
    zero, log = editing.apply(reported("no", 0), rules("drop"), family_survey)
    empty, nothing = editing.apply(reported("no", None), rules("drop"), family_survey)
    pd.testing.assert_frame_equal(zero, empty)  # so no estimate can tell them apart
    assert nothing.empty
    assert log[["rule", "action", "column_name", "before", "after"]].values.tolist() == [
        ["skip_abroad", "empty", "labour_abroad_women_last_3_years", "0", ""]
    ]


def test_a_zero_where_somebody_migrated_is_an_answer() -> None:
    kept, log = editing.apply(reported("yes", 0), rules("drop"), family_survey)
    assert kept["labour_abroad_women_last_3_years"][0] == 0
    assert log.empty
