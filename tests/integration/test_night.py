"""A whole night on the small survey, without Prefect: news, no news, changes, order, threads, refusals."""

from __future__ import annotations

import csv
import gzip
import json
import logging
from pathlib import Path

import pytest

from flows import direct
from flows.night import Outcome
from schemas import declaration
from tests import small_survey
from warehouse import build, release
from warehouse.home import Home

SAY = logging.getLogger("test").info


def run(home: Home) -> Outcome:
    return direct.run(declaration.load(small_survey.ID), home, SAY)


def tree(home: Home) -> dict[str, tuple[int, int]]:
    """Every file below the data folder with its size and time of change."""
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in home.root.rglob("*")}


def test_a_first_night_publishes_and_accounts_for_every_row(survey: Path, home: Home) -> None:
    outcome = run(home)
    assert outcome.exit_code == 0
    assert outcome.is_new_release
    assert outcome.release is not None
    assert outcome.release.release_id == "small_survey-2009-r1"
    rows = {load.country: (load.rows_read, load.rows_accepted, load.rows_quarantined) for load in outcome.loads}
    assert rows == {"KG": (30, 30, 0), "KZ": (30, 30, 0)}  # tests/small_survey.py: thirty valid interviews each
    assert home.latest.resolve() == outcome.release.folder
    names = {item["name"] for item in outcome.release.manifest["files"]}
    assert {"results.duckdb", "quality.json", "report/index.html", "tables/estimates.parquet"} <= names
    for item in outcome.release.manifest["files"]:
        assert release.sha256_of(outcome.release.folder / item["name"]) == item["sha256"]


def test_a_second_night_finds_nothing_new_and_writes_nothing(survey: Path, home: Home) -> None:
    run(home)
    before = tree(home)
    outcome = run(home)
    assert not outcome.news
    assert outcome.exit_code == 0
    assert tree(home) == before


def test_touching_a_file_without_changing_it_makes_no_release(survey: Path, home: Home) -> None:
    first = run(home)
    path = survey / "raw" / "KZ.csv"
    path.write_bytes(path.read_bytes())
    second = run(home)
    assert second.news
    assert not second.is_new_release
    assert first.release is not None
    assert second.release is not None
    assert second.release.release_id == first.release.release_id


def test_one_changed_answer_makes_a_release_that_says_what_changed(survey: Path, home: Home) -> None:
    run(home)
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": "20"})
    outcome = run(home)
    assert outcome.is_new_release
    assert outcome.release is not None
    assert outcome.release.release_id == "small_survey-2009-r2"
    assert [load.country for load in outcome.landed] == ["KZ"]
    revisions = _rows(outcome.release.folder / "tables" / "revisions.csv.gz")
    assert {row["country"] for row in revisions} == {"KZ", ""}  # Kazakhstan, and the two countries together
    assert {row["reason_code"] for row in revisions} == {"new_data"}
    # Interview 0 is of region KZ-15 (tests/small_survey.py): the other region must not move.
    assert "KZ-23" not in {row["region"] for row in revisions}
    manifest = json.loads((home.releases / "small_survey-2009-r2" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["previous_manifest_sha256"] == release.sha256_of(
        home.releases / "small_survey-2009-r1" / "manifest.json"
    )


def test_thread_count_and_row_order_do_not_change_the_content(
    survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = set()
    for number, threads in enumerate(("1", "2", "2")):
        if number == 2:
            path = survey / "raw" / "KG.csv"
            header, *rows = path.read_text(encoding="utf-8").splitlines()
            path.write_text("\n".join([header, *rows[::-1]]) + "\n", encoding="utf-8")
        monkeypatch.setenv("KINSCALE_THREADS", threads)
        outcome = run(Home(tmp_path / f"home{number}"))
        assert outcome.release is not None
        hashes.add(outcome.release.manifest["content_sha256"])
    assert len(hashes) == 1


def test_a_missing_region_is_refused_and_the_last_release_stays(survey: Path, home: Home) -> None:
    first = run(home)
    path = survey / "raw" / "KZ.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, *(row for row in rows if "Атырауская" not in row)]) + "\n", encoding="utf-8")
    outcome = run(home)
    assert outcome.exit_code == 3
    assert "region_set_is_complete (KZ)" in str(outcome.errors[0])
    assert "KZ-23" in str(outcome.errors[0])
    assert first.release is not None
    assert home.latest.resolve() == first.release.folder
    assert len(list(home.candidates.glob("small_survey-2009-r2-*/quality.json"))) == 1
    assert not list(home.releases.glob(".building-*"))


def test_a_night_that_breaks_off_is_logged_as_failed_and_done_again(
    survey: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tasks import aggregate

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(aggregate, "aggregate", power_cut)
        with pytest.raises(KeyboardInterrupt):
            run(home)
    with build.read(home) as warehouse:
        assert warehouse is not None
        assert [row["status"] for row in warehouse.rows("SELECT status FROM run_log")] == ["failed"]
    assert not home.latest.exists()
    outcome = run(home)
    assert outcome.is_new_release
    assert outcome.landed == ()  # what had landed before the cut is not landed twice
    with build.read(home) as warehouse:
        assert warehouse is not None
        assert warehouse.rows("SELECT count(*) AS n FROM interviews")[0]["n"] == sum(
            x.rows_accepted for x in outcome.loads
        )


def test_a_release_on_disk_without_its_pointer_is_pointed_to_by_the_next_night(survey: Path, home: Home) -> None:
    outcome = run(home)
    home.latest.unlink()
    again = run(home)
    assert outcome.release is not None
    assert home.latest.resolve() == outcome.release.folder
    assert not again.is_new_release


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
