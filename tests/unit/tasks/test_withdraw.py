"""A withdrawn release still resolves, points to its replacement, and takes nothing with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.errors import KinscaleError
from tasks.withdraw import withdraw
from tests.unit.warehouse.test_integrity import publish, r
from warehouse import chain, integrity, lock, release_names
from warehouse import release as folders
from warehouse.home import Home


@pytest.fixture
def three(home: Home) -> Home:
    for number in (1, 2, 3):
        publish(home, number)
    return home


@pytest.mark.parametrize(("number", "replacement"), [(3, 2), (2, 3), (1, 3)])
def test_latest_is_the_newest_that_stands(three: Home, number: int, replacement: int) -> None:
    stone = withdraw(three, f"r{number}", "wrong file")
    assert stone["replacement"] == r(replacement)
    assert three.latest.readlink() == Path(r(replacement))
    assert json.loads((three.releases / f"{r(number)}.withdrawn.json").read_text(encoding="utf-8")) == stone
    found = release_names.find(three, r(number))
    assert found.tombstone == stone
    assert found.database.exists()
    assert integrity.check(three) == []


def test_withdrawing_one_after_the_other_and_the_last_by_force(three: Home) -> None:
    withdraw(three, "latest", "wrong")
    withdraw(three, "latest", "wrong as well")
    with pytest.raises(KinscaleError, match="only release in force"):
        withdraw(three, "latest", "this one too")
    assert three.latest.readlink() == Path(r(1))
    withdraw(three, "r1", "this one too", force=True)
    assert not three.latest.is_symlink()
    assert len(folders.published(three, "small_survey")) == 3
    assert integrity.check(three) == []
    with pytest.raises(KinscaleError, match="every one was withdrawn"):
        release_names.find(three, "latest")


def test_a_release_is_withdrawn_once(three: Home) -> None:
    withdraw(three, "r2", "wrong file")
    with pytest.raises(KinscaleError, match=r"was withdrawn on .*: wrong file"):
        withdraw(three, "r2", "another reason")


def test_an_unknown_name_lists_those_there_are(three: Home) -> None:
    with pytest.raises(KinscaleError) as raised:
        withdraw(three, "r7", "wrong")
    assert f"{r(1)}, {r(2)}, {r(3)}" in str(raised.value)


def test_a_running_night_is_waited_for(three: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.1)
    with lock.hold(three), pytest.raises(KinscaleError, match="held by process"):
        withdraw(three, "r3", "wrong")
    assert not list(three.releases.glob("*.withdrawn.json"))


@pytest.mark.parametrize(
    ("at", "number"),
    [("2026-01-01", None), ("2026-01-28 01:30", 1), ("2026-02-28 01:29", 1), ("2026-03-01", 2), ("2027-01-01", 2)],
)
def test_the_release_in_force_at_a_moment(three: Home, at: str, number: int | None) -> None:
    """r1 to r3 came at 01:30 on the 28th of January to March; r3 was withdrawn the second it came."""
    name = folders.tombstone_of(three, r(3))
    folders.write_once(name, folders.as_text({"withdrawn_at": "2026-03-28T01:30:00Z", "reason": "wrong"}))
    found = folders.in_force(folders.published(three, "small_survey"), folders.datetime.fromisoformat(at))
    assert (found.release_id if found else None) == (r(number) if number else None)


def test_a_withdrawal_that_was_killed_is_completed_by_the_next_night(
    three: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(chain, "as_text", power_cut)
        with pytest.raises(KeyboardInterrupt):
            withdraw(three, "r3", "wrong file")
    assert [fault.file for fault in integrity.check(three)] == [f"{r(3)}.withdrawn.json"]
    chain.settle(three, "small_survey")  # what a night begins its last step with
    assert integrity.check(three) == []
    assert three.latest.readlink() == Path(r(2))
