"""The build warehouse is damaged or lost: a night says so, `rebuild` makes it again from the raw store alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests import small_survey
from tests.drills import aftermath
from tests.drills.aftermath import Seen
from tests.drills.nursery import Nursery
from tests.integration.command_line import environment
from warehouse import build
from warehouse.home import CHECKOUT, Home

Record = Callable[[Seen], None]


def overwrite(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for place in range(12_288, len(content), 4096):
        content[place : place + 64] = b"\xa5" * 64
    file.write_bytes(content)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def overwrite_log(file: Path) -> None:
    """Leave statements in DuckDB's log, as a killed process does, and damage them there."""
    connection = duckdb.connect(str(file))
    connection.execute("PRAGMA disable_checkpoint_on_shutdown")
    connection.execute(
        "INSERT INTO run_log SELECT 'r' || range, 's', now(), now(), 'failed', '', '', '' FROM range(99)"
    )
    connection.close()
    log = build.wal_of(file)
    content = bytearray(log.read_bytes())
    content[100:160] = b"\xa5" * 60
    log.write_bytes(content)


def lose(file: Path) -> None:
    shutil.rmtree(file.parent)


DAMAGE = {
    "warehouse damaged: bytes overwritten": overwrite,
    "warehouse damaged: cut in half": cut,
    "warehouse damaged: empty": empty,
    "warehouse damaged: log overwritten": overwrite_log,
    "warehouse lost": lose,
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Path:
    """Two releases; Kyrgyzstan has two files, of which one has vanished since; Kazakhstan's came in three versions.

    The third version of Kazakhstan's file is the first one again, byte for byte.
    """
    folder = tmp_path_factory.mktemp("damage")
    survey = small_survey.write(folder / "surveys")
    split(survey)
    home, file = Home(folder / "home"), survey / "raw" / "KZ.csv"
    original = file.read_bytes()
    for relatives in ("", "20", ""):
        file.write_bytes(original)
        if relatives:
            small_survey.change(file, 0, {"relatives": relatives})
        assert nursery.ask("night", home, folder / "surveys").told["exit_code"] == 0
    (survey / "raw" / "KG_b.csv").unlink()
    told = nursery.ask("night", home, folder / "surveys").told
    assert [error["code"] for error in told["errors"]] == ["file_vanished"]
    return folder


def split(survey: Path) -> None:
    """Deliver Kyrgyzstan's interviews in two files, which share one interview."""
    text = (survey / "survey.yaml").read_text(encoding="utf-8")
    (survey / "survey.yaml").write_text(text.replace("raw/KG.csv", "raw/KG*.csv"), encoding="utf-8")
    rows = small_survey.interviews("KG")
    (survey / "raw" / "KG.csv").unlink()
    small_survey.write_rows(survey / "raw" / "KG_a.csv", rows[:16])
    small_survey.write_rows(survey / "raw" / "KG_b.csv", [{**rows[15], "relatives": "19"}, *rows[16:]])


@pytest.mark.parametrize("fault", DAMAGE)
def test_a_damaged_warehouse_is_told_and_rebuilt_from_the_raw_store(
    fault: str, place: Path, nursery: Nursery, tmp_path: Path, record: Record
) -> None:
    shutil.copytree(place / "home", tmp_path / "home", symlinks=True)
    home, surveys = Home(tmp_path / "home"), place / "surveys"
    before = aftermath.rows(home)
    releases = sorted(path.name for path in home.releases.iterdir())
    DAMAGE[fault](home.warehouse)
    if fault != "warehouse lost":
        told = nursery.ask("night", home, surveys, expect_error="yes").told
        assert told["code"] == "warehouse_damaged"
        assert "./kinscale rebuild" in told["next_step"]
    seen = aftermath.latest(home, releases)
    (tmp_path / "nothing").mkdir()
    shutil.copytree(surveys, tmp_path / "surveys", ignore=shutil.ignore_patterns("raw"))  # no source is read
    rebuilt = nursery.ask("rebuild", home, tmp_path / "surveys").told
    assert rebuilt["landed"] == ["raw/KG_a.csv", "raw/KG_b.csv", "raw/KZ.csv"]
    found = aftermath.rows(home)
    assert found == before  # the questionnaires that were accepted, the vanished file's too
    night = nursery.ask("night", home, surveys).told
    lost, doubled = (before - found).total(), (found - before).total()
    newest = aftermath.folders.published(home, small_survey.ID)[-1].manifest
    converged = night["content"] == newest["content_sha256"] and not night["is_new"]
    record(Seen(fault, seen, converged, lost, doubled))
    assert converged
    assert [error["code"] for error in night["errors"]] == ["file_vanished"]
    assert sorted(path.name for path in home.releases.iterdir()) == releases
    kept = list(home.warehouse.parent.glob("before-rebuild-*.duckdb"))
    assert len(kept) == (0 if fault == "warehouse lost" else 1)
    quiet = nursery.ask("night", home, surveys).told
    assert not quiet["news"]
    assert [error["code"] for error in quiet["errors"]] == ["file_vanished"]


def test_what_stands_in_the_way_of_a_rebuild_leaves_the_warehouse_as_it_was(
    place: Path, nursery: Nursery, tmp_path: Path
) -> None:
    shutil.copytree(place / "home", tmp_path / "home", symlinks=True)
    home = Home(tmp_path / "home")
    before = home.warehouse.read_bytes()
    manifest = max(aftermath.folders.published(home, small_survey.ID), key=lambda r: r.release_id).manifest
    stored = home.raw / manifest["inputs"][0]["sha256"][:2] / manifest["inputs"][0]["sha256"]
    stored.rename(tmp_path / "elsewhere")
    told = nursery.ask("rebuild", home, place / "surveys", expect_error="yes").told
    assert told["code"] == "release_damaged"
    assert manifest["inputs"][0]["uri"] in told["what"]
    (tmp_path / "elsewhere").rename(stored)
    nothing = nursery.ask("rebuild", Home(tmp_path / "other"), place / "surveys", expect_error="yes").told
    assert "no delivery" in nothing["what"]
    assert home.warehouse.read_bytes() == before


def test_a_raw_store_of_before_surveys_were_noted_is_rebuilt_from(
    place: Path, nursery: Nursery, tmp_path: Path
) -> None:
    """Sidecars as they were: one document, the first origin only. The manifests know the rest."""
    shutil.copytree(place / "home", tmp_path / "home", symlinks=True)
    home = Home(tmp_path / "home")
    for sidecar in home.raw.glob("*/*.source.yaml"):
        text = sidecar.read_text(encoding="utf-8").split("---\n")[0]
        if "pulled_at" in text:
            kept = [
                line
                for line in text.splitlines()
                if line.split(":")[0] in ("uri", "name", "bytes", "sha256", "pulled_at")
            ]
            sidecar.chmod(0o644)
            sidecar.write_text("\n".join(kept).replace("pulled_at", "first_pulled") + "\n", encoding="utf-8")
    before = aftermath.rows(home)
    lose(home.warehouse)
    rebuilt = nursery.ask("rebuild", home, place / "surveys").told
    assert rebuilt["landed"] == ["raw/KG_a.csv", "raw/KG_b.csv", "raw/KZ.csv"]
    assert aftermath.rows(home) == before


def call(place: Path, *arguments: str) -> str:
    """Call the command line in a process of its own and return what it prints."""
    settings = environment(KINSCALE_SURVEYS=str(place / "surveys"), PYTHONPATH=str(CHECKOUT))
    order = [sys.executable, "-m", "flows.cli", *arguments]
    done = subprocess.run(order, cwd=CHECKOUT, env=settings, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_tells_what_it_rebuilt(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "home", tmp_path / "home", symlinks=True)
    told = json.loads(call(place, "rebuild", "--home", str(tmp_path / "home"), "--json"))
    assert {load["uri"]: load["rows_accepted"] for load in told["landed"]} == {
        "raw/KG_a.csv": 16, "raw/KG_b.csv": 14, "raw/KZ.csv": 30,
    }  # fmt: skip
    assert (told["refused"], told["undeclared"]) == ([], [])
    assert Path(told["set_aside"]).is_file()
    text = call(place, "rebuild", "--home", str(tmp_path / "home"))
    assert "raw/KG_b.csv" in text
    assert "The next run does the whole work once" in text
