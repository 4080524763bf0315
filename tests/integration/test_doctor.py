"""`./kinscale doctor` on the data folder of a real night: well as it is, and each fault found that is made in it."""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from flows import direct, doctor
from flows.checkup import build_warehouse, server
from flows.checkup.finding import Finding
from flows.cli import app
from schemas import declaration
from tests import small_survey
from tests.lock_holder import holding
from warehouse import lock, nights
from warehouse.home import CHECKOUT, Home


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The surveys' folder and the data folder of one night, which tests copy."""
    place = tmp_path_factory.mktemp("night")
    small_survey.write(place / "surveys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", str(place / "surveys"))
        direct.run(declaration.load(small_survey.ID), Home(place / "home"), logging.getLogger("test").info)
    return place


@pytest.fixture
def place(night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of the data folder of that night; no server answers, and the lock is not waited for."""
    shutil.copytree(night, tmp_path / "place", symlinks=True)
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "place" / "surveys"))
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.05)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setattr(server, "DEFAULT", f"http://127.0.0.1:{free.getsockname()[1]}/api")
    return Home(tmp_path / "place" / "home")


def look(home: Home) -> dict[str, Finding]:
    return {finding.name: finding for finding in doctor.check(home)}


def unwell(home: Home) -> set[str]:
    """Name the checks that warn or fail; the checkout may have changes that are not committed, the disk be in clear."""
    own = ("checkout", "encryption")
    return {name for name, f in look(home).items() if f.state in ("warn", "fail") and name not in own}


def test_a_night_leaves_a_folder_in_which_all_is_well(place: Home) -> None:
    before = {str(path): path.lstat().st_mtime_ns for path in place.root.rglob("*")}
    found = look(place)
    assert unwell(place) == set()
    skipped = {name for name, finding in found.items() if finding.state == "skipped"}
    assert skipped == {"server", *server.NAMES}
    assert "small_survey succeeded" in found["last night"].seen
    assert "2 files in force are there, 2 hashed again" in found["raw store"].seen
    assert {str(path): path.lstat().st_mtime_ns for path in place.root.rglob("*")} == before


def test_a_machine_without_data_is_no_fault(place: Home, tmp_path: Path) -> None:
    assert unwell(Home(tmp_path / "nothing")) == set()
    assert not (tmp_path / "nothing").exists()


def stored(home: Home) -> list[Path]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        found = connection.execute("SELECT sha256 FROM loads ORDER BY file").fetchall()
    return [home.raw / sha256[:2] / sha256 for (sha256,) in found]


def lose_raw_bytes(home: Home) -> None:
    stored(home)[0].unlink()


def change_raw_byte(home: Home) -> None:
    path = stored(home)[0]
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


def in_the_warehouse(sql: str) -> Callable[[Home], None]:
    def change(home: Home) -> None:
        with duckdb.connect(str(home.warehouse)) as connection:
            connection.execute(sql)

    return change


def damage_the_warehouse(home: Home) -> None:
    """Change bytes in the second half of the file, which holds the rows; DuckDB keeps a checksum of each block."""
    content = bytearray(home.warehouse.read_bytes())
    for place in range(len(content) // 2, len(content), 4096):
        content[place] ^= 255
    home.warehouse.write_bytes(content)


def cut_the_warehouse(home: Home) -> None:
    os.truncate(home.warehouse, 5000)


def lose_the_release(home: Home) -> None:
    home.latest.resolve().rename(home.root / "elsewhere")


def replace_latest(home: Home) -> None:
    home.latest.unlink()
    home.latest.mkdir()


def change_a_manifest(home: Home) -> None:
    path = home.latest.resolve() / "manifest.json"
    path.chmod(0o644)
    path.write_text(path.read_text(encoding="utf-8").replace("small_survey", "small-survey", 1), encoding="utf-8")


def change_the_chain(home: Home) -> None:
    path = home.releases / "chain.jsonl"
    path.chmod(0o644)
    path.write_text(path.read_text(encoding="utf-8").replace("released", "Released"), encoding="utf-8")


def garble_the_chain(home: Home) -> None:
    path = home.releases / "chain.jsonl"
    path.chmod(0o644)
    path.write_text("{", encoding="utf-8")


def lose_the_database(home: Home) -> None:
    (home.latest.resolve() / "results.duckdb").unlink()


UPDATE = "UPDATE run_log SET status = '{}', message = 'did not reach its end'"
FAULTS: list[tuple[Callable[[Home], None], set[str], str]] = [
    (lose_raw_bytes, {"raw store"}, "KG.csv is missing"),
    (change_raw_byte, {"raw store"}, "KG.csv was changed"),
    (
        in_the_warehouse("UPDATE interviews SET load_id = 'nowhere' WHERE source_row = 5"),
        {"warehouse"},
        "2 interviews are of no load",
    ),
    (
        in_the_warehouse("DELETE FROM interviews WHERE source_row = 5"),
        {"warehouse"},
        "30 rows were accepted, 29 interviews are stored",
    ),
    (damage_the_warehouse, {"warehouse"}, " read"),
    (cut_the_warehouse, {"warehouse"}, " read"),
    (in_the_warehouse(UPDATE.format("failed")), {"last night"}, "small_survey failed"),
    (in_the_warehouse(UPDATE.format("refused")), {"last night"}, "small_survey refused"),
    (lose_the_release, {"latest", "chain"}, "is not there"),
    (replace_latest, {"latest"}, "is no link"),
    (lambda home: home.latest.unlink(), {"latest"}, "there is no latest"),
    (lose_the_database, {"latest"}, "has no results.duckdb"),
    (change_a_manifest, {"chain"}, "the manifest of small_survey-2009-r1 is another"),
    (change_the_chain, {"chain"}, "line 1"),
    (garble_the_chain, {"chain"}, "cannot be read"),
]


@pytest.mark.parametrize(("make", "names", "told"), FAULTS, ids=[f"{sorted(f[1])[-1]}: {f[2]}" for f in FAULTS])
def test_each_fault_that_is_made_is_found(
    place: Home, make: Callable[[Home], None], names: set[str], told: str
) -> None:
    make(place)
    assert unwell(place) == names
    found = [finding for name, finding in look(place).items() if name in names]
    assert any(told in finding.seen for finding in found), found
    assert all(finding.advice for finding in found)


def test_a_night_that_was_killed_is_told_with_how_far_it_came(place: Home) -> None:
    in_the_warehouse(UPDATE.format("failed"))(place)
    nights.folder(place)
    nights.progress(place, small_survey.ID).write_text(
        "2026-11-22 01:30:02 UTC  listing\n2026-11-22 01:30:03 UTC  writing the release\n", encoding="utf-8"
    )
    assert "reached: writing the release" in look(place)["last night"].seen


@pytest.fixture
def holder(place: Home) -> Iterator[subprocess.Popen[str]]:
    with holding(place) as process:
        yield process


def test_while_a_night_runs_its_warehouse_is_left_alone(place: Home, holder: subprocess.Popen[str]) -> None:
    found = look(place)
    assert (found["lock"].state, f"process {holder.pid} since" in found["lock"].seen) == ("ok", True)
    assert {found[name].state for name in ("last night", "warehouse", "raw store")} == {"skipped"}
    assert {found[name].state for name in ("latest", "chain")} == {"ok"}
    holder.kill()
    holder.wait(timeout=10)
    found = look(place)
    assert (found["lock"].state, "which is no lock" in found["lock"].seen) == ("ok", True)
    assert found["warehouse"].state == "ok"


def test_a_lock_that_is_held_for_long_is_warned_of(
    place: Home, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_warehouse, "LONG_HOURS", -1.0)
    assert look(place)["lock"].state == "warn"


def test_a_lock_whose_named_process_is_gone_is_warned_of(place: Home, holder: subprocess.Popen[str]) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(timeout=10)
    place.lock.write_text(f"process {gone.pid} since 2026-11-22 01:30:00 UTC\n", encoding="utf-8")
    found = look(place)["lock"]
    assert (found.state, "child" in found.advice) == ("warn", True)


def test_the_command_ends_with_1_when_a_check_fails_and_prints_what_to_do(place: Home) -> None:
    call = ["doctor", "--home", str(place.root)]
    assert CliRunner().invoke(app, call).exit_code == 0
    (place.root / "settings.yaml").write_text("notify: [{kind: pigeon}]", encoding="utf-8")
    done = CliRunner().invoke(app, [*call, "--json"])
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["well"] is False
    (settings,) = (check for check in told["checks"] if check["name"] == "settings")
    assert settings["state"] == "fail"
    assert "docs/operations.md" in settings["advice"]
    assert "Until then nobody is told" in CliRunner().invoke(app, call).stdout


def test_looking_loads_nothing_heavy(place: Home) -> None:
    code = (
        "import sys; from pathlib import Path; from flows import doctor; from warehouse.home import Home;"
        "list(doctor.check(Home(Path(sys.argv[1]))));"
        "print(sorted({'pandas', 'prefect', 'scipy', 'great_expectations', 'smtplib', 'httpx'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PREFECT_API_URL": server.DEFAULT}
    call = [sys.executable, "-c", code, str(place.root)]
    done = subprocess.run(call, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
