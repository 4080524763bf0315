"""The disk is full, or may not be written, at several points of a night: the error tells, and a rerun makes it good."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.drills import aftermath, states
from tests.drills.aftermath import Seen
from tests.drills.nursery import Nursery
from tests.drills.states import State
from warehouse.home import Home

FULL_FIRST = (4, 24, 60, 200, 450, 800)
FULL_LATER = (0, 8, 80, 250, 400, 700)
"""Kilobytes that are free: in a later night beside what is there already."""
ROOM = 64 * 1024
Record = Callable[[Seen], None]


def mount(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["mount", *arguments], capture_output=True, text=True, timeout=30, check=False)


@contextlib.contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """Mount a file system in memory; skip the test where that is not allowed."""
    folder.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("there is no mount command")
    done = mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(folder))
    if done.returncode:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], timeout=30, check=True)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> dict[str, State]:
    makers = {"first": states.first, "later": states.second}
    return {name: make(tmp_path_factory.mktemp(name), nursery) for name, make in makers.items()}


def check_made_good(state: State, home: Home, nursery: Nursery, record: Record, fault: str) -> None:
    """What is published is whole, and the next night comes to the undisturbed content."""
    in_between = aftermath.latest(home, state.before)
    again = nursery.ask("night", home, state.surveys).told
    lost, doubled = aftermath.lost_and_doubled(home, states.delivered(state.surveys))
    record(Seen(fault, in_between, again["content"] == state.content, lost, doubled))
    assert (again["content"], again["exit_code"], lost, doubled) == (state.content, 0, 0, 0)
    assert home.latest.resolve().name == state.releases[-1]
    assert aftermath.leftovers(home) == []
    aftermath.check_chain(home)


@pytest.mark.parametrize(
    ("name", "free"), [*(("first", size) for size in FULL_FIRST), *(("later", size) for size in FULL_LATER)]
)
def test_a_full_disk_is_told_and_made_good_when_there_is_space(
    name: str, free: int, nights: dict[str, State], nursery: Nursery, tmp_path: Path, record: Record
) -> None:
    state = nights[name]
    with small_disk(tmp_path / "disk", ROOM) as disk:
        home = state.copy(disk / "home")
        home.root.mkdir(exist_ok=True)
        filled = shutil.disk_usage(disk).used // 1024
        assert mount("-o", f"remount,size={filled + free + 4}k", str(disk)).returncode == 0
        ended = nursery.ask("night", home, state.surveys, expect_error="yes").told
        assert mount("-o", f"remount,size={ROOM}k", str(disk)).returncode == 0
        assert ended.get("code") == "disk_full", ended
        assert ended["facts"]["total"] <= (filled + free + 8) * 1024
        assert "run again" in ended["next_step"]
        check_made_good(state, home, nursery, record, f"disk full, {name} night")


@pytest.mark.parametrize("name", ["first", "later"])
def test_a_read_only_data_folder_is_told(
    name: str, nights: dict[str, State], nursery: Nursery, tmp_path: Path, record: Record
) -> None:
    state = nights[name]
    with small_disk(tmp_path / "disk", ROOM) as disk:
        home = state.copy(disk / "home")
        home.root.mkdir(exist_ok=True)
        assert mount("-o", "remount,ro", str(disk)).returncode == 0
        ended = nursery.ask("night", home, state.surveys, expect_error="yes").told
        assert mount("-o", "remount,rw", str(disk)).returncode == 0
        assert ended.get("code") == "data_folder_read_only", ended
        assert ended["file"] == str(home.root)
        check_made_good(state, home, nursery, record, "data folder read-only")
