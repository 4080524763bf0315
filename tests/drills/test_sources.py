"""Hostile changes of source files: what happens to their rows is said, and no interview is lost or counted twice."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from flows import direct
from flows.night import Outcome
from schemas import declaration
from sources import listing
from tasks import copying
from tests import small_survey
from tests.drills import aftermath, states
from tests.drills.aftermath import Seen
from warehouse.home import Home

Record = Callable[[Seen], None]
SAY = logging.getLogger("test").info


def night(home: Home) -> Outcome:
    return direct.run(declaration.load(small_survey.ID), home, SAY)


@pytest.fixture
def kz(survey: Path, home: Home) -> Path:
    """Kazakhstan's delivery, of which a first version was taken in and released."""
    assert night(home).exit_code == 0
    return survey / "raw" / "KZ.csv"


def check_made_good(home: Home, survey: Path, record: Record, fault: str, content: str) -> None:
    """The next night, with the delivery put right, comes back to the content of before, every interview once."""
    seen = aftermath.latest(home, ["small_survey-2009-r1"])
    outcome = night(home)
    assert outcome.release is not None
    lost, doubled = aftermath.lost_and_doubled(home, states.delivered(survey.parent))
    converged = outcome.release.manifest["content_sha256"] == content
    record(Seen(fault, seen, converged, lost, doubled))
    assert (converged, outcome.exit_code, lost, doubled) == (True, 0, 0, 0)


def content(home: Home) -> str:
    return str(aftermath.folders.published(home, small_survey.ID)[-1].manifest["content_sha256"])


def refused(outcome: Outcome, code: str) -> None:
    """One file was refused and said so; its rows of before still count, and nothing new was released."""
    assert [error.code for error in outcome.errors] == [code], outcome.errors
    assert outcome.exit_code == 1
    assert not outcome.is_new_release
    assert sum(load.rows_accepted for load in outcome.loads) == 60


def test_a_file_that_is_cut_inside_a_row_brings_the_whole_rows_only(
    kz: Path, survey: Path, home: Home, record: Record
) -> None:
    whole, before = kz.read_bytes(), content(home)
    rows = whole.splitlines(keepends=True)
    kz.write_bytes(b"".join(rows[:26]) + rows[26][:8])
    outcome = night(home)
    (load,) = outcome.landed
    assert (load.rows_read, load.rows_accepted, load.reasons) == (26, 25, {"row_damaged": 1})
    kz.write_bytes(whole)
    check_made_good(home, survey, record, "source cut inside a row", before)


def test_a_file_that_is_cut_between_rows_is_seen_by_its_delivery_note(
    kz: Path, survey: Path, home: Home, record: Record
) -> None:
    whole, before = kz.read_bytes(), content(home)
    note = {"sha256": hashlib.sha256(whole).hexdigest(), "bytes": len(whole)}
    kz.with_name("KZ.csv.source.yaml").write_text(yaml.safe_dump(note), encoding="utf-8")
    kz.write_bytes(b"".join(whole.splitlines(keepends=True)[:20]))
    outcome = night(home)
    refused(outcome, "format_damaged")
    assert "do not match its delivery note" in outcome.errors[0].what
    kz.write_bytes(whole)
    check_made_good(home, survey, record, "source cut between rows, delivery note beside it", before)


def test_an_emptied_file_is_refused(kz: Path, survey: Path, home: Home, record: Record) -> None:
    whole, before = kz.read_bytes(), content(home)
    kz.write_bytes(b"")
    refused(night(home), "format_damaged")
    kz.write_bytes(whole)
    check_made_good(home, survey, record, "source emptied", before)


def test_a_file_that_comes_twice_doubles_no_interview(kz: Path, survey: Path, home: Home, record: Record) -> None:
    before = content(home)
    widen(survey)
    twin = kz.with_name("KZ_again.csv")
    twin.write_bytes(kz.read_bytes())
    outcome = night(home)
    assert (outcome.errors, outcome.is_new_release) == ((), False)
    assert sum(load.rows_accepted for load in outcome.loads) == 60
    twin.unlink()
    check_made_good(home, survey, record, "source delivered twice under two names", before)


def widen(survey: Path) -> None:
    file = survey / "survey.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("raw/KZ.csv", "raw/KZ*.csv"), encoding="utf-8")


def test_files_of_two_countries_that_are_swapped_are_refused(
    kz: Path, survey: Path, home: Home, record: Record
) -> None:
    before, kg = content(home), kz.with_name("KG.csv")
    one, other = kz.read_bytes(), kg.read_bytes()
    kz.write_bytes(other)
    kg.write_bytes(one)
    outcome = night(home)
    assert [error.code for error in outcome.errors] == ["wrong_country", "wrong_country"]
    assert sum(load.rows_accepted for load in outcome.loads) == 60
    kz.write_bytes(one)
    kg.write_bytes(other)
    check_made_good(home, survey, record, "sources of two countries swapped", before)


def test_a_file_that_vanished_is_named_each_night_until_it_is_back(survey: Path, home: Home, record: Record) -> None:
    widen(survey)
    rows = small_survey.interviews("KZ")
    second = survey / "raw" / "KZ_second.csv"
    small_survey.write_rows(survey / "raw" / "KZ.csv", rows[:18])
    small_survey.write_rows(second, rows[18:])
    assert night(home).exit_code == 0
    before, whole = content(home), second.read_bytes()
    second.unlink()
    for _ in range(2):  # the second night has no news, and says it all the same
        outcome = night(home)
        refused(outcome, "file_vanished")
        assert "raw/KZ_second.csv is no longer delivered; its 12 interviews still count" in outcome.errors[0].what
    assert not outcome.news
    second.write_bytes(whole)
    check_made_good(home, survey, record, "source vanished", before)


def test_a_file_that_was_taken_back_counts_no_more(survey: Path, home: Home) -> None:
    widen(survey)
    rows = small_survey.interviews("KZ")
    second = survey / "raw" / "KZ_second.csv"
    small_survey.write_rows(survey / "raw" / "KZ.csv", rows[:18])
    small_survey.write_rows(second, rows[18:])
    night(home)
    file = survey / "survey.yaml"
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    told["removed"] = {"raw/KZ_second.csv": "the interviewer invented it"}
    file.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    for there in (True, False):  # whether or not it still lies there
        if not there:
            second.unlink()
        outcome = night(home)
        assert outcome.exit_code == 0
        assert {load.uri: load.rows_accepted for load in outcome.loads} == {"raw/KG.csv": 30, "raw/KZ.csv": 18}
    assert sum(aftermath.rows(home).values()) == 48


def test_two_surveys_whose_files_have_one_name_do_not_replace_each_other(survey: Path, home: Home) -> None:
    other = survey.with_name("other_survey")
    shutil.copytree(survey, other)
    text = (other / "survey.yaml").read_text(encoding="utf-8")
    (other / "survey.yaml").write_text(text.replace(f"id: {small_survey.ID}", "id: other_survey"), encoding="utf-8")
    for name in (small_survey.ID, "other_survey"):
        assert direct.run(declaration.load(name), home, SAY).exit_code == 0
    assert sorted(aftermath.rows(home).values()) == [2] * 60  # sixty interviews, in each of both


def test_a_file_that_became_a_folder_is_named(kz: Path, survey: Path, home: Home, record: Record) -> None:
    whole, before = kz.read_bytes(), content(home)
    kz.unlink()
    kz.mkdir()
    refused(night(home), "source_missing")
    kz.rmdir()
    kz.write_bytes(whole)
    check_made_good(home, survey, record, "source replaced by a folder", before)


def test_a_file_that_grows_while_it_is_copied_is_read_again_the_next_night(
    kz: Path, survey: Path, home: Home, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left where it is, which is no failure; the next night copies it whole."""
    whole, before = kz.read_bytes(), content(home)
    kz.write_bytes(whole[:3000])

    def growing(uri: str, *_: object, **__: object) -> Iterator[bytes]:
        yield from listing.read_blocks(uri)
        if uri.endswith("KZ.csv"):
            kz.write_bytes(whole)
            os.utime(kz)

    monkeypatch.setattr(copying, "read_blocks", growing)
    first = night(home)
    assert [error.code for error in first.errors] == ["source_unsettled"]
    assert (first.news, first.exit_code, first.is_new_release) == (True, 0, False)
    monkeypatch.undo()
    monkeypatch.setenv("KINSCALE_SURVEYS", str(survey.parent))
    check_made_good(home, survey, record, "source changed while it is copied", before)
