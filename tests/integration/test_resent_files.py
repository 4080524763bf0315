"""A file that is sent again, under another name, in another order or encoding, or after a correction: counted once."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.night import Outcome
from tests import small_survey
from tests.integration.delivered import content, declare, kz, rows, run, said
from warehouse import release
from warehouse.home import Home


def test_a_resent_file_is_told_and_not_read(folder: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from sources import reader

    first = run(home)
    for name in ("A_KZ.csv", "KZ_copy.csv"):  # one stands before the file in the listing, one behind it
        shutil.copy(folder / "raw" / "KZ.csv", folder / "raw" / name)
    read: list[str] = []
    plain = reader.parts

    def counted(where: Any, name: str, options: Any) -> Any:
        read.append(name)
        return plain(where, name, options)

    monkeypatch.setattr(reader, "parts", counted)
    outcome = run(home)
    assert read == []
    assert outcome.errors == ()
    assert content(outcome) == content(first)
    assert {one.file: one.kind for one in outcome.deliveries} == {"A_KZ.csv": "resent", "KZ_copy.csv": "resent"}
    today = f"{release.now():%Y-%m-%d}"
    told = f"the same bytes as KZ.csv, which came on {today}: its 30 interviews count once"
    assert said(outcome)["A_KZ.csv"].beside == told
    again = run(home)
    assert not again.news
    assert again.exit_code == 0
    (other,) = small_survey.interviews("KG")[:1]
    small_survey.change(folder / "raw" / "KG.csv", 0, {**other, "relatives": "9"})
    assert run(home).deliveries[0].file == "KG.csv"  # what was told once is not told again
    assert read == ["KG.csv"]


def test_a_copy_counts_when_the_file_it_was_a_copy_of_is_taken_back(folder: Path, home: Home) -> None:
    first = run(home)
    shutil.copy(folder / "raw" / "KZ.csv", folder / "raw" / "KZ_copy.csv")
    run(home)
    (folder / "raw" / "KZ.csv").unlink()
    gone = run(home)
    assert [error.code for error in gone.errors] == ["file_vanished"]
    declare(folder, removed={"raw/KZ.csv": "sent under another name"})
    outcome = run(home)
    assert outcome.errors == ()
    assert {load.file: load.rows_accepted for load in outcome.loads} == {"KG.csv": 30, "KZ_copy.csv": 30}
    assert content(outcome) == content(first)


@pytest.mark.parametrize("name", ["A_KZ.csv", "KZ_copy.csv"])
def test_a_copy_stays_a_copy_when_its_file_is_corrected_twice_and_set_back(folder: Path, home: Home, name: str) -> None:
    run(home)
    original = folder / "raw" / "KZ.csv"
    before = original.read_bytes()
    (folder / "raw" / name).write_bytes(before)
    run(home)
    for relatives in ("20", "21", None):
        small_survey.change(original, 3, {"relatives": relatives} if relatives else {})
        if relatives is None:
            original.write_bytes(before)
        outcome = run(home)
        assert outcome.errors == ()
        assert {load.file: load.rows_accepted for load in outcome.loads} == {"KG.csv": 30, "KZ.csv": 30}
        held = "SELECT DISTINCT relatives FROM interviews WHERE questionnaire_id = 'KZ-003'"
        assert rows(home, held) == [{"relatives": int(relatives or 9)}]
        told = "an earlier version of KZ.csv, of which 30 interviews count"
        assert said(outcome)[name].beside.startswith(told if relatives else "the same bytes as KZ.csv")
    assert not run(home).news


def test_a_copy_of_an_earlier_version_counts_once_its_file_is_taken_back(folder: Path, home: Home) -> None:
    run(home)
    shutil.copy(folder / "raw" / "KZ.csv", folder / "raw" / "A_KZ.csv")
    small_survey.change(folder / "raw" / "KZ.csv", 3, {"relatives": "20"})
    assert said(run(home))["A_KZ.csv"].kind == "resent"  # it came together with the correction
    (folder / "raw" / "KZ.csv").unlink()
    gone = run(home)
    assert [error.code for error in gone.errors] == ["file_vanished"]
    assert {load.file for load in gone.loads} == {"KG.csv", "KZ.csv"}
    declare(folder, removed={"raw/KZ.csv": "sent under another name"})
    outcome = run(home)
    assert outcome.errors == ()
    assert {load.file: load.rows_accepted for load in outcome.loads} == {"KG.csv": 30, "A_KZ.csv": 30}


def test_a_file_whose_name_went_to_others_is_no_earlier_version(folder: Path, home: Home) -> None:
    """As where the newest file always has one name, and the one before it gets another."""
    declare(folder, delivery_checks={"key_overlap": {"refuse": None}})
    everyone = kz(folder)
    small_survey.write_rows(folder / "raw" / "KZ.csv", everyone[:15])
    run(home)
    shutil.copy(folder / "raw" / "KZ.csv", folder / "raw" / "KZ_old.csv")
    small_survey.write_rows(folder / "raw" / "KZ.csv", everyone[15:])
    outcome = run(home)
    assert outcome.errors == ()
    assert {load.file: load.rows_accepted for load in outcome.loads} == {"KG.csv": 30, "KZ.csv": 15, "KZ_old.csv": 15}


def test_a_refused_file_names_once_the_one_that_holds_its_questionnaires(folder: Path, home: Home) -> None:
    run(home)
    more = [{**row, "relatives": "20"} for row in kz(folder)]
    small_survey.write_rows(folder / "raw" / "A_KZ.csv", more)  # no copy, and stands first in the listing
    small_survey.change(folder / "raw" / "KZ.csv", 3, {"relatives": "21"})
    outcome = run(home)
    assert rows(home, "SELECT count(*) AS n, count(DISTINCT questionnaire_id) AS q FROM interviews") == [
        {"n": 60, "q": 60}
    ]
    assert {load.file for load in outcome.loads} == {"KG.csv", "KZ.csv"}  # nobody knows better than what was in force
    told = {error.where.file: error for error in outcome.errors}
    assert len(told) == len(outcome.errors) == 2
    assert "KZ.csv holds questionnaires that this file brings as well" in told["A_KZ.csv"].what
    assert "remove the copy" in str(told["A_KZ.csv"].next_step)
    assert "held" not in told["A_KZ.csv"].facts


def recoded(survey: Path) -> None:
    """Write the Kazakh file once more: other order, other encoding, under another name."""
    again = kz(survey)
    random.Random(7).shuffle(again)
    small_survey.write_rows(survey / "raw" / "KZ_again.csv", again, encoding="utf-16")


@pytest.mark.parametrize("name", ["KZ_again.csv", "A_KZ.csv"])
def test_equal_rows_in_another_order_and_encoding_are_recognised(folder: Path, home: Home, name: str) -> None:
    """The second name stands before the first file in the listing: then it counts, and the first is the one resent."""
    small_survey.change(folder / "raw" / "KZ.csv", 3, {"relatives": "x"})  # one row that both files bring in vain
    sources = yaml.safe_load((folder / "survey.yaml").read_text("utf-8"))["sources"]
    other = {**sources[0], "path": "other/*.csv", "reader": {**sources[0]["reader"], "encoding": "utf-16"}}
    declare(folder, sources=[other, *sources] if name < "K" else [*sources, other])
    (folder / "other").mkdir()
    first = run_without(home, folder)
    recoded(folder)
    (folder / "raw" / "KZ_again.csv").rename(folder / "other" / name)
    outcome = run(home)
    assert outcome.errors == ()
    assert content(outcome) == content(first)
    resent = {one.file: one.beside for one in outcome.deliveries if one.kind == "resent"}
    (told,) = resent.values()
    holder = name if name < "K" else "KZ.csv"
    assert list(resent) == ["KZ.csv" if name < "K" else name]
    assert told.startswith(f"the same 29 interviews as {holder}, which came on ")
    assert rows(home, "SELECT count(*) AS n FROM interviews") == [{"n": 59}]
    assert rows(home, "SELECT count(*) AS n FROM quarantine WHERE status = 'open'") == [{"n": 1}]
    assert not run(home).news


def run_without(home: Home, survey: Path) -> Outcome:
    """Run while one source has no file yet."""
    placeholder = survey / "other" / "none.csv"
    header = (survey / "raw" / "KZ.csv").read_text("utf-8").splitlines()[0]
    placeholder.write_text(header + "\n", encoding="utf-16")
    outcome = run(home)
    placeholder.unlink()
    return outcome


def test_a_row_more_is_no_resent_file(folder: Path, home: Home) -> None:
    run(home)
    more = [*kz(folder), {**kz(folder)[0], "questionnaire_id": "KZ-500"}]
    small_survey.write_rows(folder / "raw" / "KZ_more.csv", more)
    outcome = run(home)
    assert [error.code for error in outcome.errors] == ["too_many_bad_rows"]
    assert outcome.deliveries == ()
