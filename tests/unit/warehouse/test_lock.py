"""One writer at a time across processes; the lock names its holder and dies with it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas import family_survey
from schemas.errors import WarehouseLocked
from tests.lock_holder import holding
from warehouse import build, lock
from warehouse.home import Home


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.1)


@pytest.fixture
def writer(home: Home) -> Iterator[subprocess.Popen[str]]:
    with holding(home) as process:
        yield process


def test_a_second_writer_is_told_who_holds_it(home: Home, writer: subprocess.Popen[str]) -> None:
    with pytest.raises(WarehouseLocked) as caught, lock.hold(home):
        pass
    assert f"process {writer.pid} since 20" in str(caught.value)
    assert str(home.lock) in str(caught.value)
    assert caught.value.retryable


def test_a_reader_waits_for_no_writer(home: Home, writer: subprocess.Popen[str]) -> None:
    with pytest.raises(WarehouseLocked), lock.hold(home, exclusive=False):
        pass


def test_the_lock_goes_with_a_holder_that_is_killed(home: Home, writer: subprocess.Popen[str]) -> None:
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait(timeout=10)
    with lock.hold(home):
        assert home.lock.read_text(encoding="utf-8").startswith(f"process {os.getpid()} since ")


def test_readers_do_not_hinder_each_other_but_keep_writers_out(home: Home) -> None:
    with holding(home, "read"):
        with lock.hold(home, exclusive=False):
            pass
        with pytest.raises(WarehouseLocked), lock.hold(home):
            pass
    with lock.hold(home):
        pass


def test_a_short_hold_is_waited_for(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 30)
    with holding(home) as process:
        timer = threading.Timer(0.2, process.kill)  # it ends while we wait
        timer.start()
        try:
            with lock.hold(home):
                assert process.wait(timeout=10) == -signal.SIGKILL
        finally:
            timer.cancel()


def test_looking_at_a_warehouse_that_is_not_there_makes_none(home: Home) -> None:
    with build.read(home) as warehouse:
        assert warehouse is None
    assert not home.root.exists()


def test_a_failed_transaction_leaves_the_tables_as_they_were(home: Home, tmp_path: Path) -> None:
    with build.write(home, family_survey) as warehouse:
        with pytest.raises(ZeroDivisionError), warehouse.transaction():
            warehouse.execute(
                "INSERT INTO raw_files VALUES ('s', 'u', 'v', 'n', 'h', 1, TIMESTAMP '2009-09-01 00:00:00')"
            )
            _ = 1 / 0
        assert warehouse.rows("SELECT * FROM raw_files") == []
