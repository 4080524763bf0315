"""Interviews as Parquet parts: nights, new versions, backfills and rebuilds come to the numbers that a table gives.

Expected values: those of the same night with its interviews in the build warehouse, and the small survey's own counts.
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import duckdb
import pytest
import yaml

from flows import direct, warehouse_rebuild
from flows.night import Outcome
from schemas import declaration
from schemas.errors import EngineChanged, EnvironmentUnsafe
from tasks import environment
from tests import small_survey
from tests.integration.backfill_world import DROPPED, call, declare, told
from warehouse import release as folders
from warehouse import upkeep
from warehouse.home import Home
from warehouse.microdata import PartWriter

SAY = logging.getLogger("test").info


def night(home: Home) -> Outcome:
    return direct.run(declaration.load(small_survey.ID), home, SAY)


def settings(home: Home, **content: object) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    (home.root / "settings.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")


def hash_of(home: Home) -> str:
    return str(folders.published(home, small_survey.ID)[-1].manifest["content_sha256"])


def parts(home: Home) -> list[Path]:
    return sorted((home.root / "build" / "interviews").rglob("*.parquet"))


def in_force(home: Home) -> list[tuple[str, int]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute("SELECT country, rows FROM interview_parts ORDER BY country").fetchall()


def rows_in_table(home: Home) -> int:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return int(connection.execute("SELECT count(*) FROM interviews").fetchall()[0][0])


@pytest.fixture
def plain(survey: Path, tmp_path: Path) -> Home:
    """A data folder whose interviews lie in the build warehouse."""
    home = Home(tmp_path / "plain")
    assert night(home).is_new_release
    return home


@pytest.fixture
def outside(survey: Path, home: Home) -> Home:
    """A data folder whose interviews lie as Parquet."""
    settings(home, microdata="build/interviews")
    assert night(home).is_new_release
    return home


def test_both_places_give_one_release(plain: Home, outside: Home) -> None:
    assert hash_of(outside) == hash_of(plain)
    assert (rows_in_table(plain), rows_in_table(outside)) == (60, 0)
    assert in_force(outside) == [("KG", 30), ("KZ", 30)]
    (one, _) = parts(outside)
    assert "/survey_id=small_survey/country=KG/load_id=" in one.as_posix()
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (one, one.parent, one.parents[3])} == {0}
    assert not night(outside).news


def test_a_part_holds_the_rows_and_not_what_its_place_tells(outside: Home) -> None:
    described = f"DESCRIBE FROM read_parquet('{parts(outside)[0]}', hive_partitioning = false)"
    columns = {row[0] for row in duckdb.sql(described).fetchall()}
    assert columns & {"survey_id", "country", "load_id"} == set()
    assert {"questionnaire_id", "relatives", "relatives_raw", "source_row"} <= columns


def test_a_new_version_takes_the_place_of_the_one_before(plain: Home, outside: Home, survey: Path) -> None:
    file = survey / "raw" / "KZ.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("KZ-007,", "KZ-107,"), encoding="utf-8")
    assert [night(home).exit_code for home in (plain, outside)] == [0, 0]
    assert hash_of(outside) == hash_of(plain)
    changes = "SELECT country, measure, category, value FROM delivery_profile ORDER BY ALL"
    told = []
    for home in (plain, outside):
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            told.append(connection.execute(changes).fetchall())
    assert told[0] == told[1] != []
    assert in_force(outside) == [("KG", 30), ("KZ", 30)]
    assert len(parts(outside)) == 3  # the version before, until upkeep
    assert len(upkeep.sweep(outside)) == 1
    assert len(parts(outside)) == 2
    file.write_text(text, encoding="utf-8")  # back to the first version, whose load had the same name
    assert [night(home).exit_code for home in (plain, outside)] == [0, 0]
    assert hash_of(outside) == hash_of(plain)


def test_a_file_taken_back_counts_no_longer(plain: Home, outside: Home, survey: Path) -> None:
    content = yaml.safe_load((survey / "survey.yaml").read_text(encoding="utf-8"))
    content["removed"] = {"raw/KG.csv": "sent in error"}
    (survey / "raw" / "KG.csv").unlink()
    (survey / "survey.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    one, other = (night(home) for home in (plain, outside))
    assert one.exit_code == other.exit_code
    assert in_force(outside) == [("KZ", 30)]


def test_a_night_does_not_move_interviews_and_a_rebuild_does(plain: Home) -> None:
    before = hash_of(plain)
    settings(plain, microdata="build/interviews")
    with pytest.raises(EngineChanged, match=r"lie in the build warehouse, .* as Parquet in build/interviews"):
        night(plain)
    assert rows_in_table(plain) == 60
    warehouse_rebuild.rebuild(plain, SAY)
    assert (rows_in_table(plain), in_force(plain)) == (0, [("KG", 30), ("KZ", 30)])
    again = night(plain)
    assert (again.exit_code, again.is_new_release, hash_of(plain)) == (0, False, before)
    settings(plain)
    with pytest.raises(EngineChanged, match=r"lie as Parquet in build/interviews, .* in the build warehouse"):
        night(plain)
    warehouse_rebuild.rebuild(plain, SAY)
    assert (rows_in_table(plain), in_force(plain)) == (60, [])
    again = night(plain)
    assert (again.exit_code, again.is_new_release, hash_of(plain)) == (0, False, before)
    assert upkeep.sweep(plain) == []  # the warehouse that was set aside counts them


def test_what_breaks_off_leaves_nothing_that_counts(
    survey: Path, plain: Home, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(home, microdata="build/interviews")
    whole = PartWriter.end
    ended: list[str] = []

    def breaks(writer: PartWriter) -> object:
        ended.append("")
        if len(ended) == 2:
            raise OSError("the disk went away")
        return whole(writer)

    monkeypatch.setattr(PartWriter, "end", breaks)
    with pytest.raises(OSError, match="went away"):
        night(home)
    monkeypatch.undo()
    monkeypatch.setenv("KINSCALE_SURVEYS", str(survey.parent))
    assert not list((home.root / "build" / "interviews").glob(".writing-*"))
    assert night(home).exit_code == 0
    assert hash_of(home) == hash_of(plain)


def test_a_backfill_counts_its_parts_once_approved(outside: Home, survey: Path, tmp_path: Path) -> None:
    declare(survey)
    undisturbed = Home(tmp_path / "undisturbed")
    assert night(undisturbed).is_new_release
    (built,) = told(outside, "run")
    assert (built["read"], built["errors"], in_force(outside)) == (2, [], [("KG", 30), ("KZ", 30)])
    assert upkeep.sweep(outside) == []  # the shadow counts its own, the warehouse those that are in force
    approved = call(outside, "approve", "--by", "head of unit", "--reason", "checked against the forms")
    assert approved.exit_code == 0, approved.output
    assert in_force(outside) == [("KG", 30 - DROPPED), ("KZ", 30 - DROPPED)]
    assert hash_of(outside) == hash_of(undisturbed)
    assert not night(outside).news
    assert len(upkeep.sweep(outside)) == len(parts(outside)) == 2  # those of r1


def test_other_data_folders_below_one_root_keep_their_parts(outside: Home, survey: Path, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    settings(other, microdata=str(outside.root / "build" / "interviews"))
    assert night(other).is_new_release
    assert len(parts(outside)) == 4
    assert upkeep.sweep(outside) == upkeep.sweep(other) == []
    orphan = parts(outside)[0]
    twin = orphan.with_name(orphan.name.replace(".parquet", "0.parquet"))
    os.link(orphan, twin)
    removed = [*upkeep.sweep(outside), *upkeep.sweep(other)]
    assert [Path(one).name for one in removed] == [twin.name]


def test_an_encrypted_data_folder_wants_encrypted_interviews(home: Home) -> None:
    settings(home, microdata="s3://somewhere/interviews", encryption_required=True)
    with pytest.raises(EnvironmentUnsafe):
        environment.check_encryption(home)
