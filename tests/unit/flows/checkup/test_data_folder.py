"""Checks of the data folder: not there, not ours, on a network, open to all, full, and with things left in it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from flows.checkup import data_folder
from warehouse.home import Home

MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
40 22 0:40 / /srv rw,relatime shared:5 - xfs /dev/sdb1 rw
41 40 0:41 / /srv/far\\040away rw,relatime shared:6 master:1 - nfs4 host.example:/data rw
not a line of this table
"""


def test_a_folder_that_is_not_there_yet_is_no_fault(home: Home) -> None:
    assert data_folder.folder(home).state == "ok"


def test_a_file_in_its_place_is_a_fault(home: Home) -> None:
    home.root.write_text("", encoding="utf-8")
    assert data_folder.folder(home).state == "fail"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_a_fault(home: Home) -> None:
    home.raw.mkdir(parents=True)
    home.raw.chmod(0o500)
    found = data_folder.folder(home)
    assert (found.state, str(home.raw) in found.seen) == ("fail", True)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc, which nobody can write to")
def test_a_folder_that_cannot_be_made_is_a_fault() -> None:
    assert data_folder.folder(Home(Path("/proc/self/data"))).state == "fail"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/srv/far away/data", "nfs4"), ("/srv/data", "xfs"), ("/var", "ext4"), ("/srvx", "ext4"), ("/srv", "xfs")],
)
def test_the_nearest_mount_holds_a_folder(path: str, kind: str) -> None:
    assert data_folder.mounted_as(Path(path), MOUNTS) == kind


def test_a_network_is_warned_of(tmp_path: Path) -> None:
    far = MOUNTS.replace("/srv/far\\040away", str(tmp_path).replace(" ", "\\040"))
    assert data_folder.file_system(Home(tmp_path), far).state == "warn"
    assert data_folder.file_system(Home(tmp_path), MOUNTS).state == "ok"
    assert data_folder.file_system(Home(tmp_path), "").state == "skipped"


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o755])
def test_interviews_that_others_can_read_are_warned_of_with_the_command_that_shuts_them(home: Home, mode: int) -> None:
    home.raw.mkdir(parents=True, mode=0o700)
    assert data_folder.private(home).state == "ok"
    home.raw.chmod(mode)
    found = data_folder.private(home)
    assert (found.state, found.seen.endswith("raw")) == ("warn", True)
    subprocess.run(found.advice, shell=True, check=True)
    assert data_folder.private(home).state == "ok"


@pytest.mark.parametrize(
    ("free", "state"),
    [
        (3 * 2**30, "ok"),
        (2 * 2**30 + 2**29, "warn"),  # less than twice the warehouse of 1.5 GiB
        (2**30, "fail"),  # less than it takes now
    ],
)
def test_room_is_held_against_what_is_taken(home: Home, free: int, state: str) -> None:
    home.warehouse.parent.mkdir(parents=True)
    with home.warehouse.open("wb") as file:
        file.truncate(3 * 2**29)  # 1.5 GiB that take no room: a hole
    assert data_folder.space(home, free).state == state


@pytest.mark.parametrize(("free", "state"), [(2**30, "ok"), (2**30 - 1, "warn"), (2**26, "fail")])
def test_an_empty_folder_wants_a_gibibyte(home: Home, free: int, state: str) -> None:
    assert data_folder.space(home, free).state == state


def test_what_was_left_is_named_unless_a_night_is_running(home: Home) -> None:
    assert data_folder.leftovers(home, busy=False).state == "ok"
    (home.releases / ".building-s-2009-r2").mkdir(parents=True)
    home.raw.mkdir()
    (home.raw / ".incoming-x").write_bytes(b"")
    found = data_folder.leftovers(home, busy=False)
    assert (found.state, found.seen) == ("warn", "releases/.building-s-2009-r2; raw/.incoming-x")
    assert data_folder.leftovers(home, busy=True).state == "skipped"


def test_candidates_are_named(home: Home) -> None:
    assert data_folder.candidates(home).state == "ok"
    folder = home.candidates / "s-2009-r2-20261122T013000"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    found = data_folder.candidates(home)
    assert (found.state, folder.name in found.seen) == ("warn", True)
