"""Nights, withdrawals and rebuilds are killed: what analysts see stays whole, and the next one makes it good."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests import small_survey
from tests.drills import aftermath, kill_points, reliability, states
from tests.drills.aftermath import Seen
from tests.drills.faults import Fault
from tests.drills.nursery import Nursery
from tests.drills.states import State
from warehouse import build
from warehouse import release as folders
from warehouse.home import Home

MAKERS: dict[str, Callable[[Path, Nursery], State]] = {
    "first night": states.first,
    "later night": states.second,
    "night with a refused file": states.refused,
    "withdrawal": states.withdrawing,
    "rebuild": states.rebuilding,
}
Record = Callable[[Seen], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Callable[[str], State]:
    """Make each state once, when the first drill asks for it."""
    known: dict[str, State] = {}

    def make(name: str) -> State:
        if name not in known:
            known[name] = MAKERS[name](tmp_path_factory.mktemp("state"), nursery)
        return known[name]

    return make


def points(of: list[tuple[str, Fault]]) -> list[object]:
    """Mark as slow what not every run repeats."""
    return [
        pytest.param(state, fault, id=f"{state.replace(' ', '-')}-{fault}",
                     marks=() if kill_points.is_quick(state, fault) else pytest.mark.slow)
        for state, fault in of
    ]  # fmt: skip


def kill(state: State, fault: Fault, home: Home, nursery: Nursery, work: str = "night", **more: str) -> None:
    """Have a process die of a fault. A night that was over before its random moment came is begun again, sooner."""
    if fault.kind == "change":
        number = kill_points.at(fault.number, kill_points.CHANGES[state.name], state.changes)
        fault = replace(fault, number=number)
    if fault.kind == "instant":
        fault = replace(fault, seconds=fault.seconds * state.seconds)
    ended = nursery.ask(work, home, state.surveys, fault, **more)
    for _ in range(5):
        if fault.kind != "instant" or ended.signal:
            break
        shutil.rmtree(home.root)
        state.copy(home.root)
        fault = replace(fault, seconds=fault.seconds / 2)
        ended = nursery.ask(work, home, state.surveys, fault, **more)
    assert ended.signal in (signal.SIGKILL, signal.SIGXFSZ), f"{fault} was not reached: {ended}"


@pytest.mark.parametrize(("name", "fault"), points(list(kill_points.nights())))
def test_a_night_that_was_killed_is_made_good_by_the_next(
    name: str, fault: Fault, made: Callable[[str], State], nursery: Nursery, tmp_path: Path, record: Record
) -> None:
    state = made(name)
    home = state.copy(tmp_path / "home")
    kill(state, fault, home, nursery)
    in_between = aftermath.latest(home, state.before)
    told = nursery.ask("night", home, state.surveys).told
    lost, doubled = aftermath.lost_and_doubled(home, expected(state))
    record(Seen(reliability.of_kill(name, fault.kind), in_between, told["content"] == state.content, lost, doubled))
    assert (told["content"], told["exit_code"], lost, doubled) == (state.content, state.exit_code, 0, 0)
    assert [release.release_id for release in folders.published(home, small_survey.ID)] == state.releases
    assert aftermath.latest(home, state.before) == "new"
    assert home.latest.resolve().name == state.releases[-1]
    assert aftermath.leftovers(home) == []
    aftermath.check_chain(home)
    check_run_log(home)


def expected(state: State) -> states.Counter[str]:
    """Every interview of the deliveries is acceptable; of a refused file, those of its version before stay."""
    return states.delivered(state.surveys)


def check_run_log(home: Home) -> None:
    """The killed run is written down as one that did not reach its end, unless it died before or after all its work."""
    with build.read(home) as warehouse:
        assert warehouse is not None
        runs = [row["status"] for row in warehouse.rows("SELECT status FROM run_log ORDER BY started_at, run_id")]
    assert runs[-1] == "succeeded"
    assert set(runs[:-1]) <= {"failed", "succeeded"}


@pytest.mark.parametrize(
    ("name", "fault"), points([("withdrawal", fault) for fault in kill_points.changes("withdrawal")])
)
def test_a_withdrawal_that_was_killed_is_completed_by_the_next_call(
    name: str, fault: Fault, made: Callable[[str], State], nursery: Nursery, tmp_path: Path, record: Record
) -> None:
    state = made(name)
    home = state.copy(tmp_path / "home")
    kill(state, fault, home, nursery, "withdraw", release="r2")
    in_between = {"small_survey-2009-r1": "new", "small_survey-2009-r2": "old"}[home.latest.resolve(strict=True).name]
    aftermath.latest(home, state.before)
    again = nursery.ask("withdraw", home, state.surveys, release="r2").told
    assert "tombstone" in again or "was withdrawn" in again["error"]
    completed = home.latest.resolve().name == "small_survey-2009-r1" and aftermath.leftovers(home) == []
    lost, doubled = aftermath.lost_and_doubled(home, expected(state))
    record(Seen(reliability.of_kill(name, fault.kind), in_between, completed, lost, doubled))
    assert (completed, lost, doubled) == (True, 0, 0)
    aftermath.check_chain(home)


@pytest.mark.parametrize(("name", "fault"), points([("rebuild", fault) for fault in kill_points.changes("rebuild")]))
def test_a_rebuild_that_was_killed_is_made_good_by_the_next(
    name: str, fault: Fault, made: Callable[[str], State], nursery: Nursery, tmp_path: Path, record: Record
) -> None:
    state = made(name)
    home = state.copy(tmp_path / "home")
    kill(state, fault, home, nursery, "rebuild")
    in_between = aftermath.latest(home, state.releases)
    nursery.ask("rebuild", home, state.surveys)
    lost, doubled = aftermath.lost_and_doubled(home, expected(state))
    told = nursery.ask("night", home, state.surveys).told
    record(Seen(reliability.of_kill(name, fault.kind), in_between, told["content"] == state.content, lost, doubled))
    assert (told["content"], told["is_new"], told["exit_code"], lost, doubled) == (state.content, False, 0, 0, 0)
    assert aftermath.leftovers(home) == []
    aftermath.check_chain(home)


def test_two_hundred_kills_and_more_are_drilled() -> None:
    assert len(kill_points.every()) >= 200
    assert 35 <= sum(kill_points.is_quick(*point) for point in kill_points.every()) <= 60
