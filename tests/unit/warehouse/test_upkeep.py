"""Upkeep: leftovers go, damage is named, old candidates are listed and kept."""

from __future__ import annotations

import json
import os
import time
from datetime import datetime
from pathlib import Path

import pytest

from flows import direct
from schemas import declaration
from schemas.errors import WarehouseLocked
from tests import small_survey
from warehouse import lock, upkeep
from warehouse.home import Home


@pytest.fixture
def night(home: Home, survey: Path) -> Home:
    """A data folder with one release of the small survey."""
    assert survey.name == small_survey.ID
    assert direct.run(declaration.load(small_survey.ID), home, lambda _: None).exit_code == 0
    return home


def stored(home: Home) -> list[Path]:
    return sorted(path for path in home.raw.glob("*/*") if not path.name.endswith(".yaml"))


def test_a_whole_raw_store_has_no_fault(night: Home) -> None:
    found = upkeep.read_raw_store(night, lambda _: None)
    assert (found.damaged, found.missing) == ((), ())
    assert found.files == len(stored(night)) == 5  # two deliveries; survey.yaml, regions.csv and population.csv
    assert found.bytes == sum(path.stat().st_size for path in stored(night))


def test_a_changed_and_a_lost_file_are_named(night: Home) -> None:
    changed, lost = stored(night)[:2]
    changed.chmod(0o644)
    changed.write_bytes(changed.read_bytes() + b"\n")
    lost.unlink()
    found = upkeep.read_raw_store(night, lambda _: None)
    assert found.damaged == (f"{changed.parent.name}/{changed.name}",)
    assert found.missing == (lost.name,)


def test_leftovers_of_killed_runs_go_and_releases_stay(night: Home, tmp_path: Path) -> None:
    (night.releases / ".building-small_survey-2009-r2").mkdir()
    (night.raw / ".incoming-x").write_bytes(b"half")
    old, young = tmp_path / "kinscale-verify-old", tmp_path / "kinscale-verify-young"
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (0, time.time() - upkeep.SCRATCH_SECONDS - 60))
    swept = upkeep.sweep(night, tmp_path)
    assert [Path(path).name for path in swept] == [
        ".incoming-x",
        ".building-small_survey-2009-r2",
        "kinscale-verify-old",
    ]
    assert not any(Path(path).exists() for path in swept)
    assert young.exists()
    assert (night.latest / "manifest.json").exists()


def test_nothing_is_swept_under_a_night_that_runs(night: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.0)
    with lock.hold(night), pytest.raises(WarehouseLocked):
        upkeep.sweep(night)


def test_the_build_file_is_folded_and_readable(night: Home) -> None:
    before, after = upkeep.fold(night)
    assert before > 0
    assert after > 0
    assert not night.warehouse.with_name("warehouse.duckdb.wal").exists()


def test_old_candidates_are_listed_and_kept(home: Home) -> None:
    for name, made in (("new", "2026-03-01"), ("old", "2025-11-01")):
        folder = home.candidates / name
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text(json.dumps({"created_at": f"{made}T00:00:00Z"}), encoding="utf-8")
    assert list(upkeep.old_candidates(home, 90, datetime(2026, 3, 2))) == ["old"]
    assert (home.candidates / "old").exists()


def test_free_space_is_told_before_there_is_a_folder(home: Home) -> None:
    disk = upkeep.disk(home)
    assert 0 <= disk.free <= disk.total
