"""Whatever the umask of the caller: everything in the data folder is its owner's alone, but for the releases."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows import direct
from flows.after_night import accompany
from schemas import declaration
from tests import small_survey
from warehouse import build
from warehouse.home import Home


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def run(home: Home) -> None:
    chosen = declaration.load(small_survey.ID)
    accompany(small_survey.ID, home, lambda say: direct.run(chosen, home, say))


def modes(folder: Path) -> dict[str, int]:
    paths = [path for path in folder.rglob("*") if not path.is_symlink()]
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in paths}


def open_to_others(folder: Path) -> dict[str, str]:
    found = modes(folder).items()
    return {name: oct(mode) for name, mode in found if mode & 0o077 and not name.startswith("releases")}


@pytest.mark.parametrize("mask", [0, 0o022, 0o077])
def test_a_night_leaves_only_releases_for_others(survey: Path, home: Home, mask: int) -> None:
    path = survey / "raw" / "KZ.csv"
    small_survey.change(path, 1, {"region": "Нигде"})
    with umask(mask):
        run(home)
        path.write_text("".join(line for line in path.read_text("utf-8").splitlines(True) if "Атырауская" not in line))
        run(home)  # a region is lost: the gate refuses, and leaves a candidate
        assert os.umask(mask) == mask  # the caller's own is as it was
    found = modes(home.root)
    assert open_to_others(home.root) == {}
    assert {"raw", "build/warehouse.duckdb", "build/warehouse.lock", "nights", "candidates"} <= set(found)
    assert home.root.stat().st_mode & 0o777 == 0o711  # one may pass to the releases and see nothing else
    released = {name: mode for name, mode in modes(home.releases).items() if not Path(name).name.startswith(".")}
    folders = {name for name in released if (home.releases / name).is_dir()}
    assert {released[name] for name in folders} == {0o755}
    assert {released[name] for name in released.keys() - folders} == {0o444}


@pytest.mark.parametrize(("who", "wanted"), [("group", [0o710, 0o750, 0o750, 0o440]), ("owner", [0o700] * 3 + [0o400])])
def test_releases_are_for_those_whom_the_settings_name(
    survey: Path, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str, wanted: list[int]
) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"releases_readable_by: {who}\n")
    monkeypatch.setenv("KINSCALE_SETTINGS", str(settings))
    with umask(0):
        run(home)
    release = home.latest.resolve()
    places = (home.root, home.releases, release, release / "results.duckdb")
    assert [path.stat().st_mode & 0o777 for path in places] == wanted


def test_what_duckdb_writes_beside_its_file_is_private(home: Home) -> None:
    from schemas import family_survey

    with umask(0), build.write(home, family_survey) as warehouse:
        warehouse.execute("SET memory_limit = '60MB'")
        warehouse.execute("SET threads = 1")
        warehouse.execute("CREATE TABLE large AS SELECT range AS n, md5(range::VARCHAR) AS t FROM range(2000000)")
        cursor = warehouse.connection.cursor()
        cursor.execute("SELECT * FROM large ORDER BY t")  # more than fits: it is sorted on disk
        cursor.fetchone()
        found, shared = modes(home.root), open_to_others(home.root)
        cursor.close()
    written = {name for name in found if name.startswith("build/warehouse.duckdb.")}
    assert any(".tmp/" in name for name in written), found
    assert "build/warehouse.duckdb.wal" in written
    assert shared == {}


def test_a_folder_that_is_there_keeps_its_own_mode(survey: Path, home: Home) -> None:
    home.releases.mkdir(parents=True)
    home.root.chmod(0o750)
    home.releases.chmod(0o2775)
    run(home)
    assert home.root.stat().st_mode & 0o777 == 0o750
    assert stat.S_IMODE(home.releases.stat().st_mode) == 0o2775
