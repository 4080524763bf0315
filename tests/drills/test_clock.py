"""The clock jumps, between nights and in the night of the end of summer time: releases keep their order in time."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace

import pytest

from flows import direct, release_history
from flows.night import Outcome
from schemas import declaration
from schemas.errors import EnvironmentUnsafe
from tasks import environment
from tasks.withdraw import withdraw
from tests import small_survey
from tests.drills import aftermath, states
from tests.drills.aftermath import Seen
from warehouse import build
from warehouse import release as folders
from warehouse.home import Home

Record = Callable[[Seen], None]
SAY = logging.getLogger("test").info
ROOMS = ("flows", "tasks", "warehouse", "reports", "exchange", "schemas")
NOON = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)


class Clock:
    """The time that every module of kinscale sees; a test sets it."""

    def __init__(self) -> None:
        """Begin at noon."""
        self.moment = NOON

    def seconds(self) -> float:
        """Return the time as `time.time` does."""
        return self.moment.timestamp()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock in the place of the machine's."""
    shown = Clock()

    class Shown(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return shown.moment.astimezone(tz)

    direct.steps()  # so that every module is there
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ROOMS and getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", Shown)
    monkeypatch.setattr(environment, "time", SimpleNamespace(time=shown.seconds, gmtime=time.gmtime))
    return shown


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Set the zone of this process; put back afterwards."""

    def put(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield put
    monkeypatch.undo()
    time.tzset()


def night(home: Home, survey: Path, relatives: int) -> Outcome:
    """A night after one answer has changed."""
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": str(relatives)})
    return direct.run(declaration.load(small_survey.ID), home, SAY)


def check(home: Home, survey: Path, record: Record, fault: str, undisturbed: Home) -> None:
    """Releases are in order in time, and the last has the content that a night with a right clock comes to."""
    published = folders.published(home, small_survey.ID)
    times = [release.published_at for release in folders.standing(published)]
    assert times == sorted(times)
    for release in folders.standing(published):
        at = max(r.published_at for r in folders.standing(published) if r.published_at <= release.published_at)
        assert folders.in_force(published, at) is not None
    expected = direct.run(declaration.load(small_survey.ID), undisturbed, SAY)
    assert expected.release is not None
    same = expected.release.manifest["content_sha256"] == published[-1].manifest["content_sha256"]
    lost, doubled = aftermath.lost_and_doubled(home, states.delivered(survey.parent))
    record(Seen(fault, aftermath.latest(home, [published[0].release_id]), same, lost, doubled))
    assert (same, lost, doubled) == (True, 0, 0)
    aftermath.check_chain(home)


def test_a_clock_that_went_back_by_seconds_changes_no_order(
    survey: Path, home: Home, clock: Clock, record: Record, tmp_path: Path
) -> None:
    assert night(home, survey, 10).is_new_release
    clock.moment = NOON - timedelta(seconds=45)  # two machines that share a data folder may differ by a minute
    assert night(home, survey, 20).is_new_release
    first, second = folders.published(home, small_survey.ID)
    assert second.published_at == first.published_at == NOON.replace(tzinfo=None)
    (shown,) = release_history.as_of(home, NOON.replace(tzinfo=None))
    assert shown["release_id"] == second.release_id
    stone = withdraw(home, second.release_id, "wrong")
    assert stone["withdrawn_at"] == "2026-10-24T12:00:00Z"
    with build.read(home) as warehouse:
        assert warehouse is not None
        rows = warehouse.rows("SELECT started_at, release_id FROM run_log ORDER BY started_at")
    assert [row["release_id"] for row in rows] == [first.release_id, second.release_id]
    clock.moment = NOON + timedelta(hours=1)
    assert night(home, survey, 19).is_new_release
    check(home, survey, record, "clock back by seconds", Home(tmp_path / "undisturbed"))


def test_a_clock_that_was_ahead_stops_the_next_night_until_that_release_is_withdrawn(
    survey: Path, home: Home, clock: Clock, record: Record, tmp_path: Path
) -> None:
    assert night(home, survey, 10).is_new_release
    clock.moment = NOON + timedelta(days=400)
    assert night(home, survey, 20).is_new_release
    clock.moment = NOON + timedelta(days=1)
    with pytest.raises(EnvironmentUnsafe, match="before release small_survey-2009-r2 was made") as raised:
        night(home, survey, 19)
    assert "./kinscale withdraw" in str(raised.value)
    withdraw(home, "r2", "made with a clock that was ahead")
    assert night(home, survey, 18).is_new_release
    (shown,) = release_history.as_of(home, clock.moment.replace(tzinfo=None))
    assert shown["release_id"] == "small_survey-2009-r3"
    check(home, survey, record, "clock ahead, then back", Home(tmp_path / "undisturbed"))


def test_two_nights_at_one_hour_of_the_wall_clock(
    survey: Path, home: Home, clock: Clock, zone: Callable[[str], None], record: Record, tmp_path: Path
) -> None:
    """In Berlin 2026-10-25 has 02:30 twice: at 00:30 and at 01:30 UTC."""
    zone("Europe/Berlin")
    made = []
    for hour, relatives in ((0, 10), (1, 20)):
        clock.moment = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        assert time.strftime("%H:%M", time.localtime(clock.moment.timestamp())) == "02:30"
        outcome = night(home, survey, relatives)
        assert outcome.release is not None
        made.append((outcome.release.release_id, outcome.release.manifest["created_at"]))
    assert made == [
        ("small_survey-2009-r1", "2026-10-25T00:30:00Z"),
        ("small_survey-2009-r2", "2026-10-25T01:30:00Z"),
    ]
    for minute, release_id in (("00:45", "small_survey-2009-r1"), ("01:30", "small_survey-2009-r2")):
        (shown,) = release_history.as_of(home, datetime.fromisoformat(f"2026-10-25T{minute}"))
        assert shown["release_id"] == release_id
    with build.read(home) as warehouse:
        assert warehouse is not None
        runs = [row["run_id"][:15] for row in warehouse.rows("SELECT run_id FROM run_log ORDER BY started_at")]
    assert runs == ["20261025T003000", "20261025T013000"]
    check(home, survey, record, "night of the end of summer time", Home(tmp_path / "undisturbed"))
