"""Corrections and waivers as files: what is accepted, which entry is wrong and why, which rows they name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from flows.cli import app
from schemas import corrections, declaration, waivers
from schemas.errors import CorrectionStale, DeclarationError
from schemas.failures import Failures
from tests import small_survey

GOOD = """\
- country: KZ
  questionnaire: KZ-001
  column: relatives
  expect: "12,5"
  set: "12"
  reason: the form says 12
  source: scan 0412
  date: 2027-02-01
"""
WAIVER = """\
- country: KZ
  questionnaire: KZ-001
  rule: relatives_above_limit
  by: field office
  reason: visited again
  until: 2027-06-30
"""


def refusal(survey: Path, name: str, text: str) -> str:
    (survey / name).write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        declaration.load(small_survey.ID)
    assert name in str(caught.value)
    return str(caught.value)


def test_an_entry_is_read_with_its_number(survey: Path) -> None:
    (survey / "corrections.yaml").write_text(GOOD + GOOD.replace("relatives", "ngo"), encoding="utf-8")
    first, second = declaration.load(small_survey.ID).corrections
    assert (first.number, first.column, first.expect, first.set, first.act) == (1, "relatives", "12,5", "12", "set")
    assert second.number == 2


@pytest.mark.parametrize("text", ["", "# none yet\n", "[]\n"])
def test_a_file_without_entries_is_as_good_as_none(survey: Path, text: str) -> None:
    for name in ("corrections.yaml", "waivers.yaml"):
        (survey / name).write_text(text, encoding="utf-8")
    loaded = declaration.load(small_survey.ID)
    assert (loaded.corrections, loaded.waivers) == ((), ())


WRONG = [
    (("  set:", "  sett:"), "entry 1: sett"),
    (('"12,5"', "12"), "entry 1: expect: Input should be a valid string"),
    (('"12,5"', "12"), "quotes"),
    (('"12"', '" 12,5"'), "entry 1: `set` is what `expect` says"),
    (('  set: "12"\n', ""), "entry 1: say either `set` or `drop: true`"),
    (('  set: "12"\n', '  set: "12"\n  drop: true\n'), "entry 1: say either"),
    (('  set: "12"\n', "  drop: false\n"), "entry 1: drop"),
    (("  questionnaire: KZ-001\n", ""), "entry 1: name the row"),
    (("  questionnaire: KZ-001\n", "  source_row: 7\n"), "entry 1: `source_row` needs `file`"),
    (("KZ\n", "UZ\n"), 'entry 1: country: "UZ" is none of KG, KZ'),
    (("column: relatives", "column: relatvies"), 'entry 1: column: no source of KZ maps "relatvies"'),
    (("  reason: the form says 12\n", ""), "entry 1: reason"),
    (("scan 0412", '""'), "entry 1: source"),
    (("scan 0412", '"..."'), "entry 1: source"),
    (("the form says 12", '"..."'), "entry 1: reason"),
    (('set: "12"', 'set: "..."'), "entry 1: set"),
    (("2027-02-01", "last week"), "entry 1: date"),
    ((GOOD, GOOD + GOOD), "entry 2: entry 1 is about the same cell"),
    ((GOOD, "country: KZ\n"), "it is no list"),
    ((GOOD, "- [\n"), "not valid YAML"),
    ((GOOD, "- 3\n"), "entry 1"),
]


@pytest.mark.parametrize(("change", "words"), WRONG, ids=[words for _, words in WRONG])
def test_a_wrong_correction_is_named(survey: Path, change: tuple[str, str], words: str) -> None:
    assert words in refusal(survey, "corrections.yaml", GOOD.replace(*change))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("relatives_above_limit", "relatives_integer"), "cannot be waived"),
        (("relatives_above_limit", "relatives_integer"), "correct the row instead"),
        (("  by: field office\n", ""), "entry 1: by"),
        (("visited again", '""'), "entry 1: reason"),
        (("visited again", "WHY"), "entry 1: reason"),
        (("by: field office", "by: WHO"), "entry 1: by"),
        (("by: field office", 'by: " "'), "entry 1: by"),
        (("  until: 2027-06-30\n", ""), "entry 1: until"),
    ],
)
def test_a_wrong_waiver_is_named(survey: Path, change: tuple[str, str], words: str) -> None:
    assert words in refusal(survey, "waivers.yaml", WAIVER.replace(*change))


def test_a_waiver_holds_to_the_end_of_its_last_day(survey: Path) -> None:
    (survey / "waivers.yaml").write_text(WAIVER, encoding="utf-8")
    held = [len(declaration.load(small_survey.ID, date(2027, month, day)).waivers) for month, day in ((6, 30), (7, 1))]
    assert held == [1, 0]


def test_entries_do_not_move_what_every_file_depends_on(survey: Path) -> None:
    def prints() -> tuple[str, str, str]:
        loaded = declaration.load(small_survey.ID)
        return loaded.intake_fingerprint, loaded.fingerprint, loaded.amendments

    before = prints()
    (survey / "corrections.yaml").write_text(GOOD, encoding="utf-8")
    after = prints()
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, False]


@pytest.mark.parametrize(
    ("file", "uri", "concerned"),
    [
        (None, "raw/KZ.csv", True),
        ("KZ.csv", "raw/KZ.csv", True),
        ("raw/KZ.csv", "raw/KZ.csv", True),
        ("north/KZ.csv", "s3://bucket/north/KZ.csv", True),
        ("north/KZ.csv", "s3://bucket/south/KZ.csv", False),
        ("Z.csv", "raw/KZ.csv", False),
    ],
)
def test_an_entry_concerns_the_files_it_names(file: str | None, uri: str, concerned: bool) -> None:
    entry = waivers.Waiver(
        country="KZ", file=file, questionnaire="1", rule="r", by="b", reason="r", until=date(2027, 1, 1)
    )
    assert entry.concerns("KZ", uri.rpartition("/")[2], uri) is concerned
    assert not entry.concerns("KG", uri.rpartition("/")[2], uri)


RAW = pd.DataFrame(
    {
        "анкета": pd.array(["A1", " A2 ", "A2", None], dtype="str"),
        "кол-во": pd.array(["8 ", "x", "", None], dtype="str"),
        "source_row": [2, 3, 4, 5],
    }
)
HEADERS = {"questionnaire_id": "анкета", "relatives": "кол-во"}


def entry(**changes: object) -> corrections.Correction:
    fixed = {"country": "KZ", "column": "relatives", "reason": "r", "source": "s", "date": date(2027, 1, 1)}
    return corrections.Correction.model_validate({**fixed, **changes})


def applied(*entries: corrections.Correction) -> tuple[list[object], list[list[object]], set[int]]:
    failures = Failures()
    out, log = corrections.apply(RAW, entries, HEADERS, "questionnaire_id", "f.csv", failures)
    return out["кол-во"].tolist()[:3], log.to_numpy().tolist(), failures.positions()


def test_a_cell_is_set_and_the_delivery_stays_as_it_is() -> None:
    cells, log, dropped = applied(entry(questionnaire="A1", expect="8", set="9"))
    assert cells == ["9", "x", ""]
    assert RAW["кол-во"].iloc[0] == "8 "
    assert log == [[2, "A1", "correction", "set", "relatives", "8 ", "9"]]
    assert dropped == set()


def test_an_empty_or_absent_cell_is_expected_as_empty() -> None:
    cells, _, _ = applied(entry(file="f.csv", source_row=4, expect="", set="9"))
    assert cells == ["8 ", "x", "9"]
    _, log, _ = applied(entry(file="f.csv", source_row=5, expect="", set="9"))
    assert log == [[5, "", "correction", "set", "relatives", "", "9"]]


def test_a_dropped_row_is_a_failure_with_its_reason() -> None:
    cells, log, dropped = applied(entry(file="f.csv", questionnaire="A2", source_row=3, expect="x", drop=True))
    assert cells == ["8 ", "x", ""]
    assert dropped == {1}
    assert log == [[3, "A2", "correction", "drop", "relatives", "x", ""]]


def test_an_entry_without_a_file_may_be_about_another_one() -> None:
    assert applied(entry(questionnaire="B7", expect="8", set="9"))[1] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"questionnaire": "A1", "expect": "7"}, 'row 2, column "relatives": the cell is "8 " and no longer "7"'),
        ({"questionnaire": "A2", "expect": "x"}, "2 rows have this number"),
        ({"questionnaire": "B7", "file": "f.csv", "expect": "x"}, "the row is not in the file any more"),
    ],
)
def test_what_does_not_fit_is_stale(changes: dict[str, object], words: str) -> None:
    with pytest.raises(CorrectionStale) as caught:
        applied(entry(**changes, set="9"))
    assert words in str(caught.value)


@pytest.mark.parametrize("told", [("WHO", "seen"), ("M", "WHY"), (" ", "seen")])
def test_a_waiver_is_not_written_for_nobody_or_nothing(survey: Path, told: tuple[str, str]) -> None:
    until = f"{datetime.now(UTC).date() + timedelta(days=30)}"
    call = ["quarantine", "waive", "3f2a9c01-214", "--by", told[0], "--reason", told[1], "--until", until]
    said = CliRunner().invoke(app, call)
    assert said.exit_code == 2
    assert "say it in words" in said.output
    assert not (survey / "waivers.yaml").exists()
