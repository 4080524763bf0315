"""One file through validation: the split, the rows a reader could not cut, and the switch that must not be off."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pandera.config import config_context

from schemas import declaration
from schemas.batch import Batch, LongBatch, Lot, PulledFile
from schemas.errors import EnvironmentUnsafe, KinscaleError, TooManyBadRows
from schemas.family_survey import COLUMNS
from sources.table import DamagedRow, RawTable, text_frame
from tasks import validate
from tests import small_survey

FILE = PulledFile("raw/KZ.csv", "KZ.csv", "KZ", 0, "0" * 64, 10, "load")


def table(rows: list[dict[str, str]], damaged: tuple[DamagedRow, ...] = ()) -> RawTable:
    cells = [[row[name] for name in COLUMNS] for row in rows]
    return RawTable(text_frame(COLUMNS, cells, range(2, len(rows) + 2)), tuple(COLUMNS), "KZ.csv", damaged)


def run(raw: RawTable, elsewhere: frozenset[str] = frozenset()) -> Batch:
    """Validate one table that comes second in its listing, behind a file that holds some numbers."""
    held: dict[str, int] = dict.fromkeys(elsewhere, 0)
    (outcome,) = validate.validate(Lot((FILE,), (1,)), [raw], declaration.load(small_survey.ID), lambda _: held)
    if isinstance(outcome, KinscaleError):
        raise outcome
    assert not isinstance(outcome, LongBatch)
    return outcome


def test_a_whole_file_is_accepted_with_its_codes_and_types(survey: Path) -> None:
    batch = run(table(small_survey.interviews("KZ")))
    assert (batch.rows_read, len(batch.accepted), len(batch.quarantined)) == (30, 30, 0)
    first = batch.accepted.iloc[0]
    assert (first["region"], first["migrant_inside"], first["settlement_type"]) == ("KZ-15", "yes", "urban")
    assert first["interview_date"] == pd.Timestamp("2009-10-01")
    assert first["labour_abroad_women_last_3_years"] == 1
    assert batch.accepted["labour_inside_women_earlier"].isna().sum() == 20  # two of three have no migrant inside


def test_a_row_the_reader_could_not_cut_is_quarantined_as_delivered(survey: Path) -> None:
    batch = run(table(small_survey.interviews("KZ"), (DamagedRow(40, "KZ;5;;", "3 cells instead of 28"),)))
    assert batch.rows_read == 31
    assert batch.quarantined[["source_row", "rule", "raw_row", "message"]].to_dict("records") == [
        {"source_row": 40, "rule": "row_damaged", "raw_row": "KZ;5;;", "message": "3 cells instead of 28"}
    ]


def test_a_file_of_damaged_rows_is_refused_with_the_reason_and_the_first_of_them(survey: Path) -> None:
    damaged = tuple(DamagedRow(number, "KZ;5;;", "3 cells instead of 28") for number in range(40, 60))
    with pytest.raises(TooManyBadRows, match=r"KZ\.csv, row 40: 20 of its 20 rows do not pass \(row_damaged 20\)"):
        run(table([], damaged))


def test_several_faults_of_one_row_make_one_quarantined_row(survey: Path) -> None:
    rows = small_survey.interviews("KZ")
    rows[3] |= {"relatives": "много", "region": "Где-то", "migrant_inside": "иногда"}
    batch = run(table(rows))
    assert len(batch.quarantined) == 1
    row = batch.quarantined.iloc[0]
    assert {row["rule"], *row["also"].split(", ")} == {"relatives_integer", "region_unknown", "migrant_inside_code"}


def test_a_dropped_questionnaire_counts_once_even_when_every_answer_is_too_large(survey: Path) -> None:
    rows = small_survey.interviews("KZ")
    rows[0] |= {"relatives": "1", "labour_abroad_men_earlier": "5", "labour_abroad_total_earlier": "5"}
    batch = run(table(rows))
    assert list(batch.quarantined["rule"]) == ["cases_above_relatives"]
    assert len(batch.accepted) == 29


def test_the_same_number_twice_keeps_the_first_row(survey: Path) -> None:
    rows = small_survey.interviews("KZ")
    rows[7]["questionnaire_id"] = "KZ-002"
    batch = run(table(rows))
    assert list(batch.quarantined["source_row"]) == [9]
    batch = run(table(small_survey.interviews("KZ")), frozenset({"KZ-005"}))
    assert list(batch.quarantined["source_row"]) == [7]
    assert "another file" in batch.quarantined["message"].iloc[0]


@pytest.mark.parametrize(("bad", "stops"), [(12, False), (13, True)])
def test_a_file_stops_above_the_declared_share_of_bad_rows(survey: Path, bad: int, stops: bool) -> None:
    rows = small_survey.interviews("KZ")  # 40 % of 30 are 12
    for row in rows[:bad]:
        row["relatives"] = "x"
    if stops:
        with pytest.raises(TooManyBadRows, match="13 of its 30 rows") as caught:
            run(table(rows))
        assert 'KZ.csv, row 2, column "relatives"' in str(caught.value)
    else:
        assert len(run(table(rows)).quarantined) == bad


def test_a_header_without_an_interview_stops_the_file(survey: Path) -> None:
    with pytest.raises(TooManyBadRows, match="no interview"):
        run(table([]))


def test_validation_switched_off_is_refused(survey: Path) -> None:
    with config_context(validation_enabled=False), pytest.raises(EnvironmentUnsafe):
        run(table(small_survey.interviews("KZ")))


def test_a_batch_that_does_not_add_up_is_never_handed_on(survey: Path) -> None:
    batch = run(table(small_survey.interviews("KZ")))
    for wrong in (batch.accepted.iloc[1:], pd.concat([batch.accepted, batch.accepted.iloc[:1]])):
        with pytest.raises(AssertionError, match="do not add up"):
            validate.check_output(Batch(FILE, 30, wrong, batch.quarantined, batch.edits))


def test_an_edit_leaves_the_answer_as_reported_beside_it(survey: Path) -> None:
    rows = small_survey.interviews("KZ")
    rows[0]["labour_abroad_total_earlier"] = "0"
    batch = run(table(rows))
    assert list(batch.edits["rule"]) == ["sex_total_mismatch"]
    assert batch.edits["before"].iloc[0] == "2 by sex, 1 in total"
    assert list(batch.accepted["relatives_raw"]) == list(batch.accepted["relatives"])


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("half an hour", "duration_minutes_number"),
        ("0", "duration_minutes_greater_than_or_equal_to"),
        ("-20", "duration_minutes_greater_than_or_equal_to"),
        ("1000", "duration_minutes_less_than_or_equal_to"),
        ("inf", "duration_minutes_number"),
    ],
)
def test_an_odd_length_is_emptied_and_its_interview_counts(survey: Path, cell: str, rule: str) -> None:
    rows = small_survey.interviews("KZ")
    rows[4]["duration_minutes"], rows[5]["duration_minutes"] = cell, "21.5"
    batch = run(table(rows))
    assert (len(batch.accepted), len(batch.quarantined)) == (30, 0)
    lengths = batch.accepted["duration_minutes"]
    assert lengths.dropna().to_dict() == {5: 21.5}
    (act,) = batch.edits.to_dict("records")
    assert act == {
        "source_row": 6, "questionnaire_id": "KZ-004", "rule": rule, "action": "empty",
        "column_name": "duration_minutes", "after": "",
        "before": cell if rule.endswith("_number") else str(float(cell)),
    }  # fmt: skip


def test_a_zero_and_an_empty_cell_are_the_same_where_nobody_migrated(survey: Path) -> None:
    rows = small_survey.interviews("KZ")
    nobody = [row for row in rows if row["migrant_abroad"] == "нет"]
    empty = run(table(rows))
    for row in nobody:
        row["labour_abroad_women_last_3_years"] = "0"  # as repeats that are counted give it
    zero = run(table(rows))
    pd.testing.assert_frame_equal(zero.accepted, empty.accepted)
    acts = zero.edits[zero.edits["rule"] == "skip_abroad"]
    assert len(acts) == len(nobody) > 0
    assert set(acts["action"]) == {"empty"}


def test_the_ends_of_the_range_are_lengths(survey: Path) -> None:
    rows = small_survey.interviews("KZ")
    rows[0]["duration_minutes"], rows[1]["duration_minutes"] = "1", "999"
    batch = run(table(rows))
    assert list(batch.accepted["duration_minutes"].dropna()) == [1, 999]
    assert len(batch.edits) == 0


def test_an_odd_length_is_no_fault_beside_one(survey: Path) -> None:
    """A row that is refused for something else names that alone, and is edited in nothing."""
    rows = small_survey.interviews("KZ")
    rows[4] |= {"duration_minutes": "long", "relatives": "x"}
    rows[5] |= {"duration_minutes": "1000", "migrant_inside": "maybe"}
    batch = run(table(rows))
    assert batch.quarantined[["rule", "also"]].to_numpy().tolist() == [
        ["relatives_integer", ""],
        ["migrant_inside_code", ""],
    ]
    assert len(batch.edits) == 0


def test_odd_lengths_in_every_row_stop_no_file(survey: Path) -> None:
    rows = [row | {"duration_minutes": "?"} for row in small_survey.interviews("KZ")]
    batch = run(table(rows))
    assert (len(batch.accepted), len(batch.edits)) == (30, 30)
    assert batch.accepted["duration_minutes"].isna().all()
