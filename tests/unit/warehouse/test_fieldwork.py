"""Interviewers' work counted through the real SQL; each scenario is a pair of files, counted by hand."""

from __future__ import annotations

import functools
import operator
from pathlib import Path

import pandas as pd
import pytest

from schemas import family_survey
from schemas.fieldwork import NearDuplicates
from warehouse import build, fieldwork
from warehouse.home import Home

GOLDEN = Path(__file__).parents[2] / "golden" / "fieldwork"
SCENARIOS = sorted(path.name.removesuffix("_input.csv") for path in GOLDEN.glob("*_input.csv"))
NEAR = NearDuplicates(differing_answers=1, block=64)


def interviews(path: Path, survey_id: str = "s") -> pd.DataFrame:
    """Read the interviews of a scenario; an answer that its file does not name was not given."""
    frame = pd.read_csv(path, dtype={"interviewer": str}, parse_dates=["interview_date"]).convert_dtypes()
    answers = frame.reindex(columns=family_survey.COUNTS).astype("Int64")
    return pd.concat([frame.drop(columns=family_survey.COUNTS, errors="ignore"), answers], axis=1).assign(
        country="KG", region="KG-B", district="Leilek", settlement_type="rural", ngo="NGO-1", load_id="l",
        questionnaire_id=[f"{survey_id}-{n:04d}" for n in range(len(frame))], survey_id=survey_id,
        source_row=range(len(frame)),
    )  # fmt: skip


def kept(home: Home, *batches: pd.DataFrame, near: NearDuplicates = NEAR) -> pd.DataFrame:
    """Count the work of survey `s`, keep it without a flag, and return what was kept."""
    with build.write(home, family_survey) as warehouse:
        for batch in batches:
            warehouse.insert("interviews", batch)
        work = fieldwork.count(warehouse, "s", family_survey, near)
        fieldwork.keep(warehouse, "s", work.assign(flags="", score=0.0))
        frame = fieldwork.kept(warehouse, "s")
        assert frame is not None
        return frame


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_work_is_counted_by_interviewer_and_settlement(scenario: str, home: Home) -> None:
    got = kept(home, interviews(GOLDEN / f"{scenario}_input.csv"))
    expected = pd.read_csv(GOLDEN / f"{scenario}_output.csv").set_index(["interviewer", "settlement"])
    found = got.set_index(["interviewer", "settlement"])[list(expected)]
    assert found.to_dict("index") == expected.to_dict("index")


def test_another_survey_is_not_counted_and_keeps_its_rows(home: Home) -> None:
    path = GOLDEN / "honest_interviewer_of_two_settlements_input.csv"
    other = interviews(path, "other")
    with build.write(home, family_survey) as warehouse:
        warehouse.insert("interviews", other)
        work = fieldwork.count(warehouse, "other", family_survey, NEAR)
        fieldwork.keep(warehouse, "other", work.assign(flags="", score=0.0))
    assert kept(home, interviews(path))["repeated"].sum() == 0
    with build.read(home) as warehouse_again:
        assert warehouse_again is not None
        rows = warehouse_again.rows("SELECT survey_id, sum(interviews) AS n FROM interviewer_settlements GROUP BY ALL")
    assert {row["survey_id"]: row["n"] for row in rows} == {
        "s": 6,
        "other": 6,
    }  # six rows in the file, each counted once


def test_counting_again_changes_nothing(home: Home) -> None:
    batch = interviews(GOLDEN / "copied_questionnaires_input.csv")
    first = kept(home, batch)
    pd.testing.assert_frame_equal(kept(home), first)


def test_the_order_of_rows_does_not_matter(home: Home, tmp_path: Path) -> None:
    batch = interviews(GOLDEN / "copied_questionnaires_input.csv")
    there = kept(home, batch)
    pd.testing.assert_frame_equal(kept(Home(tmp_path / "b"), batch.iloc[::-1]), there)


def test_questionnaires_are_compared_within_blocks(home: Home) -> None:
    """Eight equal ones in blocks of four: 2 x (4 x 3 / 2) = 12 pairs instead of 8 x 7 / 2 = 28."""
    one = interviews(GOLDEN / "copied_questionnaires_input.csv").iloc[[0]]
    batch = pd.concat([one.assign(questionnaire_id=f"q-{n}") for n in range(8)], ignore_index=True)
    frame = kept(home, batch, near=NearDuplicates(differing_answers=1, block=4))
    assert frame[["pairs", "near_duplicates"]].to_numpy().tolist() == [[12, 12]]


def test_how_many_answers_may_differ_is_declared(home: Home) -> None:
    """Of the four questionnaires with a case three are equal, 3 pairs; the fourth differs in one answer."""
    batch = interviews(GOLDEN / "copied_questionnaires_input.csv")
    frame = kept(home, batch, near=NearDuplicates(differing_answers=0, block=64))
    assert frame["near_duplicates"].sum() == 3


def test_a_survey_without_interviewers_has_no_work(home: Home) -> None:
    batch = interviews(GOLDEN / "copied_questionnaires_input.csv").assign(interviewer=None)
    with build.write(home, family_survey) as warehouse:
        warehouse.insert("interviews", batch)
        assert len(fieldwork.count(warehouse, "s", family_survey, NEAR)) == 0
        assert fieldwork.settlements(warehouse) == {}


def test_a_warehouse_of_earlier_code_is_read_as_it_is_and_counted_again(home: Home) -> None:
    """Its tables have no column of lengths; an interview that it took in has none, one of today has."""
    batch = interviews(GOLDEN / "lengths_known_and_unknown_input.csv")
    kept(home, batch.drop(columns="duration_minutes"))
    with build.write(home, family_survey) as warehouse:
        warehouse.execute("ALTER TABLE interviews DROP COLUMN duration_minutes")
        for column in fieldwork.LATER:
            warehouse.execute(f"ALTER TABLE interviewer_settlements DROP COLUMN {column}")
    with build.read(home) as old:
        assert old is not None
        seen = fieldwork.kept_by_interviewer(old, "s")
    assert seen[["interviewer", "interviews", "duration_known", "duration_minutes"]].to_numpy().tolist() == [
        ["KG-01", 4, 0, 0],
        ["KG-02", 1, 0, 0],
    ]
    again = kept(home, batch.assign(questionnaire_id=[f"new-{n}" for n in range(len(batch))]))
    assert again["interviews"].sum() == 10
    assert again["duration_minutes"].sum() == 51.75  # 41.5 and 10.25, as in the golden pair


def test_sums_of_lengths_do_not_depend_on_the_order_of_rows(home: Home, tmp_path: Path) -> None:
    """Tenths are no binary fractions: added as such, these come to another number from each end."""
    one = interviews(GOLDEN / "lengths_known_and_unknown_input.csv").iloc[[0]]
    batch = pd.concat([one] * 90, ignore_index=True)
    batch = batch.assign(questionnaire_id=[f"q-{n}" for n in range(90)], source_row=range(90))
    batch["duration_minutes"] = [1.1] * 30 + [22.2] * 30 + [333.3] * 30
    assert sum_of(batch["duration_minutes"]) != sum_of(batch["duration_minutes"].iloc[::-1])
    there, back = kept(home, batch), kept(Home(tmp_path / "b"), batch.iloc[::-1])
    assert there["duration_minutes"].tolist() == back["duration_minutes"].tolist() == [33 + 666 + 9999]


def sum_of(values: pd.Series) -> float:
    """Add one after another."""
    return functools.reduce(operator.add, values.tolist(), 0.0)
