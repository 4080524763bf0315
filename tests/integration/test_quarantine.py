"""The life of refused rows, night by night: corrected, waived, fixed at source, gone; and every row accounted for."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows import direct, rebuild
from flows import replay as replays
from flows.night import Outcome
from schemas import declaration
from schemas.errors import CorrectionStale, KinscaleError
from tasks import waive as waiving
from tests import small_survey
from tests.integration.delivered import SAY, rows
from tests.killed_script import killed
from warehouse import accounting, build, quarantined
from warehouse.home import Home

DAY = date(2027, 3, 1)


def run(home: Home, day: date = DAY) -> Outcome:
    outcome = direct.run(declaration.load(small_survey.ID, day), home, SAY)
    check_accounting(home)
    return outcome


def check_accounting(home: Home) -> None:
    with build.read(home) as warehouse:
        assert warehouse is not None
        assert accounting.faults(warehouse) == []


def states(home: Home) -> list[tuple[str, str]]:
    """Questionnaire and status of every row that was ever refused, but for those that go on in another version."""
    found = rows(home, "SELECT * FROM quarantine WHERE status <> 'superseded' ORDER BY questionnaire_id, opened_at")
    return [(row["questionnaire_id"], row["status"]) for row in found]


def counts(outcome: Outcome, country: str = "KZ") -> tuple[int, int, int]:
    (load,) = (load for load in outcome.loads if load.country == country)
    return load.rows_read, load.rows_accepted, load.rows_quarantined


def content(outcome: Outcome) -> str:
    assert outcome.release is not None
    return str(outcome.release.manifest["content_sha256"])


def correct(survey: Path, **entry: Any) -> None:
    """Add an entry to corrections.yaml."""
    path = survey / "corrections.yaml"
    told = {"country": "KZ", "reason": "the form says so", "source": "scan 12", "date": date(2027, 2, 1)}
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else []
    path.write_text(yaml.safe_dump([*entries, {**told, **entry}], allow_unicode=True), encoding="utf-8")


def waive(survey: Path, questionnaire: str, rule: str, until: date) -> None:
    """Add an entry to waivers.yaml."""
    path = survey / "waivers.yaml"
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else []
    entry = {"country": "KZ", "questionnaire": questionnaire, "rule": rule, "by": "M", "reason": "seen", "until": until}
    path.write_text(yaml.safe_dump([*entries, entry], allow_unicode=True), encoding="utf-8")


def leave_out(path: Path, row: int) -> None:
    """Take an interview out of a delivery; `row` counts interviews from 0."""
    lines = path.read_text(encoding="utf-8").splitlines()
    del lines[row + 1]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def four(survey: Path, home: Home) -> Path:
    """Four refused rows of Kazakhstan: two that cannot be read, two very large families; one night has been."""
    for row, relatives in enumerate(("12,5", "31", "x", "40")):
        small_survey.change(survey / "raw" / "KZ.csv", row, {"relatives": relatives})
    assert counts(run(home)) == (30, 26, 4)
    return survey


def test_every_way_out_of_quarantine_in_one_night(four: Path, home: Home, tmp_path: Path) -> None:
    first = rows(home, "SELECT questionnaire_id, opened_at FROM quarantine")
    correct(four, questionnaire="KZ-000", column="relatives", expect="12,5", set="12")
    waive(four, "KZ-001", "relatives_above_limit", DAY)
    small_survey.change(four / "raw" / "KZ.csv", 2, {"relatives": "8"})
    leave_out(four / "raw" / "KZ.csv", 3)
    second = run(home)
    assert counts(second) == (29, 29, 0)
    assert states(home) == [
        ("KZ-000", "corrected"),
        ("KZ-001", "waived"),
        ("KZ-002", "fixed_at_source"),
        ("KZ-003", "withdrawn_at_source"),
    ]
    edits = rows(home, 'SELECT questionnaire_id, rule, action, "before", "after" FROM edits ORDER BY ALL')
    assert [tuple(edit.values()) for edit in edits] == [
        ("KZ-000", "correction", "set", "12,5", "12"),
        ("KZ-001", "waiver", "relatives_above_limit", "31", "31"),
    ]
    how = {row["questionnaire_id"]: row["how"] for row in rows(home, "SELECT * FROM quarantine")}
    assert how["KZ-000"] == 'relatives set from "12,5" to "12": the form says so (scan 12, 2027-02-01)'
    assert how["KZ-001"] == "relatives_above_limit waived by M until 2027-03-01: seen"
    assert content(second) == content(run(Home(tmp_path / "fresh")))  # as if all had been so from the beginning
    assert not run(home).news

    third = run(home, DAY + timedelta(days=1))  # nothing but the day has changed: the waiver is over
    assert counts(third) == (29, 28, 1)
    assert [load.country for load in third.landed] == ["KZ"]
    (again,) = rows(home, "SELECT * FROM quarantine WHERE status = 'open'")
    assert again["questionnaire_id"] == "KZ-001"
    assert again["opened_at"] == {row["questionnaire_id"]: row["opened_at"] for row in first}["KZ-001"]
    assert content(third) == content(run(Home(tmp_path / "fresh_later"), DAY + timedelta(days=1)))
    assert third.release is not None
    assert third.release.manifest["reason_code"] == "correction"


def test_a_row_that_is_still_refused_goes_on_with_its_age(four: Path, home: Home) -> None:
    before = rows(home, "SELECT questionnaire_id, opened_at FROM quarantine ORDER BY questionnaire_id")
    small_survey.change(four / "raw" / "KZ.csv", 2, {"relatives": "many"})
    leave_out(four / "raw" / "KZ.csv", 20)
    assert counts(run(home)) == (29, 25, 4)
    now = rows(
        home, "SELECT questionnaire_id, opened_at FROM quarantine WHERE status = 'open' ORDER BY questionnaire_id"
    )
    assert now == before
    assert rows(home, "SELECT status, count(*) AS n FROM quarantine GROUP BY ALL ORDER BY ALL") == [
        {"status": "open", "n": 4},
        {"status": "superseded", "n": 4},
    ]


def test_a_changed_rule_is_told_from_a_changed_file(four: Path, home: Home) -> None:
    path = four / "survey.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("limit: 30", "limit: 31"), encoding="utf-8")
    assert counts(run(home)) == (30, 27, 3)
    assert dict(states(home)) == {
        "KZ-000": "open",
        "KZ-001": "rules_changed",
        "KZ-002": "open",
        "KZ-003": "open",
    }


def test_a_dropped_row_stays_counted_and_can_be_taken_in_again(survey: Path, home: Home) -> None:
    first = run(home)
    correct(survey, file="KZ.csv", questionnaire="KZ-004", column="relatives", expect="10", drop=True)
    assert counts(run(home)) == (30, 29, 1)
    assert states(home) == [("KZ-004", "dropped")]
    assert rows(home, "SELECT rule, message FROM quarantine") == [
        {"rule": "dropped_by_correction", "message": "the form says so"}
    ]
    (survey / "corrections.yaml").unlink()
    last = run(home)
    assert states(home) == [("KZ-004", "rules_changed")]
    assert content(last) == content(first)


def test_a_refused_row_that_is_then_dropped_is_decided(four: Path, home: Home) -> None:
    correct(four, questionnaire="KZ-002", column="relatives", expect="x", drop=True)
    assert counts(run(home)) == (30, 26, 4)
    assert ("KZ-002", "corrected") in states(home)
    assert ("KZ-002", "dropped") in states(home)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"questionnaire": "KZ-000", "expect": "12,6"}, ['"12,5" and no longer "12,6"', "row 2", "entry 1"]),
        ({"questionnaire": "KZ-000", "expect": ""}, ['"12,5" and no longer ""']),
        ({"file": "KZ.csv", "source_row": 99, "expect": "x"}, ["the row is not in the file any more", "row 99"]),
        ({"file": "KZ.csv", "source_row": 2, "questionnaire": "KZ-001", "expect": "x"}, ["not in the file"]),
        ({"file": "KZ.csv", "questionnaire": "KZ-999", "expect": "x"}, ["not in the file", "KZ-999"]),
    ],
)
def test_a_stale_correction_refuses_its_file_until_somebody_looks(
    four: Path, home: Home, entry: dict[str, Any], words: list[str]
) -> None:
    correct(four, **entry, column="relatives", set="12")
    outcome = run(home)
    (error,) = outcome.errors
    assert isinstance(error, CorrectionStale)
    for word in [*words, "KZ.csv", "remove or renew entry 1"]:
        assert word in str(error)
    assert counts(outcome) == (30, 26, 4)  # what the file brought before stays in force
    assert len(run(home).errors) == 1  # and it is told every night
    (four / "corrections.yaml").unlink()
    assert run(home).exit_code == 0


def test_a_source_that_has_been_fixed_makes_the_correction_stale(four: Path, home: Home) -> None:
    correct(four, questionnaire="KZ-000", column="relatives", expect="12,5", set="12")
    run(home)
    small_survey.change(four / "raw" / "KZ.csv", 0, {"relatives": "12"})
    (error,) = run(home).errors
    assert isinstance(error, CorrectionStale)
    assert '"12" and no longer "12,5"' in str(error)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"questionnaire": "KZ-999"}, "no file of the country has this questionnaire"),
        ({"file": "KZ_old.csv", "questionnaire": "KZ-000"}, "no file of the delivery has this name"),
    ],
)
def test_a_correction_of_no_file_is_told_each_night_and_stops_nothing(
    survey: Path, home: Home, entry: dict[str, Any], words: str
) -> None:
    correct(survey, **entry, column="relatives", expect="x", set="12")
    for _ in range(2):
        outcome = run(home)
        assert [type(error) for error in outcome.errors] == [CorrectionStale]
        assert words in str(outcome.errors[0])
        assert outcome.exit_code == 1
        assert outcome.release is not None


def test_a_questionnaire_that_stands_twice_must_be_named_by_its_row(survey: Path, home: Home) -> None:
    small_survey.change(survey / "raw" / "KZ.csv", 7, {"questionnaire_id": "KZ-002"})
    run(home)
    correct(survey, questionnaire="KZ-002", column="questionnaire_id", expect="KZ-002", set="KZ-007")
    assert "2 rows have this number" in str(run(home).errors[0])
    (survey / "corrections.yaml").unlink()
    correct(survey, file="KZ.csv", source_row=9, column="questionnaire_id", expect="KZ-002", set="KZ-007")
    outcome = run(home)
    assert counts(outcome) == (30, 30, 0)
    assert states(home) == [("KZ-002", "corrected")]


def test_a_file_that_returns_to_an_earlier_version_keeps_the_record_of_both(four: Path, home: Home) -> None:
    path = four / "raw" / "KZ.csv"
    before = path.read_bytes()
    small_survey.change(path, 0, {"relatives": "12"})
    run(home)
    path.write_bytes(before)
    outcome = run(home)
    assert counts(outcome) == (30, 26, 4)
    # Three landings of Kazakhstan: 4, 3 and 4 refused rows.
    assert rows(home, "SELECT count(*) AS n FROM quarantine") == [{"n": 11}]
    assert rows(home, "SELECT count(*) AS n FROM loads WHERE country = 'KZ'") == [{"n": 3}]
    assert [status for number, status in states(home) if number == "KZ-000"] == ["fixed_at_source", "open"]


def test_one_correction_reads_one_file_again(survey: Path, home: Home) -> None:
    run(home)
    correct(survey, questionnaire="KZ-004", column="relatives", expect="10", set="11")
    assert [load.country for load in run(home).landed] == ["KZ"]
    waive(survey, "KZ-004", "outside_fieldwork", DAY)
    assert [load.country for load in run(home).landed] == ["KZ"]
    assert [load.country for load in run(home, DAY + timedelta(days=1)).landed] == ["KZ"]


@pytest.mark.usefixtures("all_suites")
def test_a_waived_row_passes_the_gate(survey: Path, home: Home) -> None:
    small_survey.change(survey / "raw" / "KZ.csv", 5, {"interview_date": "24.12.2009"})
    waive(survey, "KZ-005", "outside_fieldwork", DAY)
    outcome = run(home)
    assert counts(outcome) == (30, 30, 0)
    assert outcome.exit_code == 0


def test_a_waiver_does_not_cover_another_fault_of_the_row(survey: Path, home: Home) -> None:
    small_survey.change(survey / "raw" / "KZ.csv", 5, {"interview_date": "24.12.2009", "relatives": "77"})
    waive(survey, "KZ-005", "outside_fieldwork", DAY)
    assert counts(run(home)) == (30, 29, 1)
    assert rows(home, "SELECT rule, also FROM quarantine") == [{"rule": "relatives_above_limit", "also": ""}]
    assert rows(home, "SELECT * FROM edits") == []


def test_replay_says_what_became_of_each_row_and_the_next_night_publishes_it(
    four: Path, home: Home, tmp_path: Path
) -> None:
    releases = sorted(home.releases.iterdir())
    (row,) = (r for r in rows(home, "SELECT * FROM quarantine") if r["questionnaire_id"] == "KZ-000")
    name = quarantined.name(row)
    correct(four, questionnaire="KZ-000", column="relatives", expect="12,5", set="12")
    chosen = declaration.load(small_survey.ID, DAY)
    (four / "raw" / "KZ.csv").rename(tmp_path / "away.csv")  # the raw store has the bytes
    done = replays.replay(chosen, home, SAY, row=name)
    check_accounting(home)
    (tmp_path / "away.csv").rename(four / "raw" / "KZ.csv")
    assert [(r["questionnaire_id"], r["status"]) for r in done.rows] == [
        ("KZ-000", "corrected"),
        ("KZ-001", "open"),
        ("KZ-002", "open"),
        ("KZ-003", "open"),
    ]
    assert sorted(home.releases.iterdir()) == releases
    outcome = run(home)
    assert outcome.landed == ()  # it had landed
    assert outcome.is_new_release
    assert content(outcome) == content(run(Home(tmp_path / "fresh")))
    assert not run(home).news
    with pytest.raises(KinscaleError, match="is closed: corrected"):
        replays.replay(chosen, home, SAY, row=name)


def test_replay_of_everything_changes_nothing_when_nothing_was_decided(four: Path, home: Home) -> None:
    before = rows(home, "SELECT * FROM quarantine ORDER BY ALL"), rows(home, "SELECT * FROM loads ORDER BY ALL")
    done = replays.replay(declaration.load(small_survey.ID, DAY), home, SAY)
    assert [row["status"] for row in done.rows] == ["open"] * 4
    assert (
        rows(home, "SELECT * FROM quarantine ORDER BY ALL"),
        rows(home, "SELECT * FROM loads ORDER BY ALL"),
    ) == before
    again = run(home)  # the night after a replay looks, and finds the same content
    assert not again.is_new_release
    assert again.release is not None


def test_replay_of_a_stale_correction_is_refused_as_in_a_night(four: Path, home: Home) -> None:
    correct(four, questionnaire="KZ-000", column="relatives", expect="99", set="12")
    done = replays.replay(declaration.load(small_survey.ID, DAY), home, SAY, file="KZ.csv")
    assert [type(error) for error in done.errors] == [CorrectionStale]
    assert done.landed == ()
    with pytest.raises(KinscaleError, match=r"one of: KG\.csv, KZ\.csv"):
        replays.replay(declaration.load(small_survey.ID, DAY), home, SAY, file="KZ_9.csv")


def test_a_waiver_that_is_written_by_the_command_takes_the_row_in(four: Path, home: Home) -> None:
    path = four / "waivers.yaml"
    path.write_text("# reviewed each spring\n", encoding="utf-8")
    for number in ("KZ-001", "KZ-003"):
        (row,) = (r for r in rows(home, "SELECT * FROM quarantine") if r["questionnaire_id"] == number)
        waiving.waive(row, declaration.load(small_survey.ID, DAY), "M", 'they "are" so: many', DAY)
    assert path.read_text(encoding="utf-8").startswith("# reviewed each spring\n- country: ")
    assert [entry.questionnaire for entry in declaration.load(small_survey.ID, DAY).waivers] == ["KZ-001", "KZ-003"]
    assert counts(run(home)) == (30, 28, 2)
    assert [file.name for file in four.iterdir() if file.name.startswith(".")] == []


def test_what_cannot_be_counted_cannot_be_waived(four: Path, home: Home) -> None:
    (row,) = (r for r in rows(home, "SELECT * FROM quarantine") if r["questionnaire_id"] == "KZ-000")
    with pytest.raises(KinscaleError, match=r"relatives_integer cannot be waived[\s\S]*Correct it instead"):
        waiving.waive(row, declaration.load(small_survey.ID, DAY), "M", "why", DAY)
    assert not (four / "waivers.yaml").exists()


def test_a_release_is_made_again_after_its_waiver_has_ended(survey: Path, home: Home) -> None:
    """In a process of its own, whose day is today: both waivers have ended by then, one had before the release."""
    day = date(2025, 1, 1)
    for row, until in ((1, day), (3, day - timedelta(days=1))):
        small_survey.change(survey / "raw" / "KZ.csv", row, {"relatives": "31"})
        waive(survey, f"KZ-{row:03d}", "relatives_above_limit", until)
    outcome = run(home, day)
    assert counts(outcome) == (30, 29, 1)
    assert outcome.release is not None
    (proof,) = rebuild.rebuild(outcome.release, home, SAY, threads=[1])
    assert proof.equal
    assert counts(run(home, day + timedelta(days=1))) == (30, 28, 2)


KILLED = """
import sys
from datetime import date
from pathlib import Path
from flows import replay
from schemas import declaration
from tests.drills.faults import Fault, deadly
from warehouse import loads, run_log
from warehouse.home import CHECKOUT, Home
module = {"loads": loads, "run_log": run_log}[sys.argv[2]]
setattr(module, sys.argv[3], deadly(getattr(module, sys.argv[3]), Fault("function", sys.argv[3], "after")))
replay.replay(declaration.load("small_survey", date(2027, 3, 1)), Home(Path(sys.argv[1])), lambda _: None)
"""


@pytest.mark.parametrize(
    ("module", "function", "open_rows"),
    [
        *(("loads", name, 4) for name in ("_retire", "_insert_loads", "replace")),
        ("loads", "rows_held", 2),
        ("run_log", "begin", 4),
    ],
)
def test_a_killed_replay_leaves_a_file_as_it_was_before_or_after(
    four: Path, home: Home, tmp_path: Path, module: str, function: str, open_rows: int
) -> None:
    correct(four, questionnaire="KZ-000", column="relatives", expect="12,5", set="12")
    waive(four, "KZ-003", "relatives_above_limit", DAY)
    killed(KILLED, four.parent, str(home.root), module, function)
    check_accounting(home)
    assert len(rows(home, "SELECT * FROM quarantine WHERE status = 'open'")) == open_rows
    outcome = run(home)
    assert outcome.is_new_release
    assert counts(outcome) == (30, 28, 2)
    assert content(outcome) == content(run(Home(tmp_path / "fresh")))
