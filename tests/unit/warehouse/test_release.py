"""Release folders: built aside, read-only when named, and pointed to by a link that is never absent."""

from __future__ import annotations

import hashlib
import json
import stat
import threading
from datetime import datetime
from pathlib import Path

import pytest

from warehouse import candidates, release
from warehouse.home import Home


def make(home: Home, release_id: str, text: str = "numbers") -> Path:
    folder = release.begin(home, release_id)
    (folder / "tables").mkdir()
    (folder / "tables" / "estimates.csv").write_text(text, encoding="utf-8")
    (folder / "quality.json").write_text("[]", encoding="utf-8")
    manifest = {"release_id": release_id, "survey_id": release_id.partition("-")[0]}
    return release.finish(folder, home.releases / release_id, manifest)


def test_begin_removes_what_an_interrupted_build_left(home: Home) -> None:
    left = release.begin(home, "s-2009-r1")
    (left / "tables").mkdir()
    path = left / "tables" / "half.csv"
    path.write_text("half", encoding="utf-8")
    path.chmod(0o444)
    folder = release.begin(home, "s-2009-r1")
    assert folder == left
    assert list(folder.iterdir()) == []


def test_what_is_being_built_is_no_release(home: Home) -> None:
    release.begin(home, "s-2009-r1")
    assert release.published(home, "s") == []
    assert release.next_id(home, "s", "2009") == "s-2009-r1"


def test_a_finished_release_is_read_only_and_its_manifest_holds_every_hash(home: Home) -> None:
    folder = make(home, "s-2009-r1")
    paths = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in paths} == {"estimates.csv", "quality.json", "manifest.json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o444}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["files"] == [
        {"name": "quality.json", "sha256": hashlib.sha256(b"[]").hexdigest(), "bytes": 2},
        {"name": "tables/estimates.csv", "sha256": hashlib.sha256(b"numbers").hexdigest(), "bytes": 7},
    ]
    assert not list(home.releases.glob(".building-*"))


def test_a_name_that_is_taken_is_never_overwritten(home: Home) -> None:
    make(home, "s-2009-r1", "first")
    with pytest.raises(OSError, match="not empty"):
        make(home, "s-2009-r1", "second")
    assert (home.releases / "s-2009-r1" / "tables" / "estimates.csv").read_text(encoding="utf-8") == "first"


def test_releases_are_counted_by_number_and_by_survey(home: Home) -> None:
    for number in (2, 10, 1):
        make(home, f"s-2009-r{number}")
    make(home, "s_2-2009-r50")
    (home.releases / "s-2009-r11").mkdir()  # a folder without a manifest is none
    assert [r.release_id for r in release.published(home, "s")] == ["s-2009-r1", "s-2009-r2", "s-2009-r10"]
    assert release.next_id(home, "s", "2009") == "s-2009-r11"


def test_the_pointer_is_never_absent_while_it_moves(home: Home) -> None:
    folders = [make(home, f"s-2009-r{number}", str(number)) for number in (1, 2)]
    release.point(home, folders[0])
    seen: set[str] = set()
    faults: list[OSError] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            try:
                seen.add((home.latest / "tables" / "estimates.csv").read_text(encoding="utf-8"))
            except OSError as error:
                faults.append(error)

    reader = threading.Thread(target=look, daemon=True)
    reader.start()
    try:
        for turn in range(200):
            release.point(home, folders[turn % 2])
    finally:
        over.set()
        reader.join(timeout=10)
    assert not faults
    assert seen == {"1", "2"}


def test_the_pointer_is_relative_and_survives_a_leftover_of_a_killed_move(home: Home) -> None:
    folder = make(home, "s-2009-r1")
    (home.releases / ".latest-next").symlink_to("nowhere")
    release.point(home, folder)
    assert home.latest.readlink() == Path("s-2009-r1")  # so that the data folder can be moved or mounted elsewhere
    assert not (home.releases / ".latest-next").is_symlink()


def test_two_candidates_of_one_second_have_two_names(tmp_path: Path) -> None:
    home, moment = Home(tmp_path), datetime(2009, 12, 1, 1, 30, 0)
    first = candidates.named(home, "s-2009-r1", moment)
    first.mkdir(parents=True)
    assert (first.name, candidates.named(home, "s-2009-r1", moment).name) == (
        "s-2009-r1-20091201T013000", "s-2009-r1-20091201T013000-2",
    )  # fmt: skip
