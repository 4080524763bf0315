"""The cost of one process, and what happens to one that fails or does not end."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from benchmarks.measured import measured


def test_cost_of_a_process_that_sleeps_and_holds_memory(tmp_path: Path) -> None:
    code = "import time; held = bytearray(b'x' * 60_000_000); time.sleep(0.3); print('done', len(held))"
    cost = measured([sys.executable, "-c", code], tmp_path / "log", 30, {})
    assert cost is not None
    assert cost.wall > 0.3
    assert cost.cpu < cost.wall + 1
    assert 60 < cost.peak_mb < 400
    assert cost.said == "done 60000000"


def test_a_process_that_does_not_end_is_ended(tmp_path: Path) -> None:
    started = time.perf_counter()
    assert measured([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log", 0.5, {}) is None
    assert time.perf_counter() - started < 30


def test_a_failure_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no such survey"):
        measured([sys.executable, "-c", "raise SystemExit('no such survey')"], tmp_path / "log", 30, {})


def test_settings_reach_the_process(tmp_path: Path) -> None:
    cost = measured(
        [sys.executable, "-c", "import os; print(os.environ['COLOUR'])"], tmp_path / "log", 30, {"COLOUR": "red"}
    )
    assert cost is not None
    assert cost.said == "red"
