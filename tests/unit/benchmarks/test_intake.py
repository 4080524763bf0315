"""The large-file measurement at a small size: what it says is true of the file it wrote."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmarks import intake, process_tree
from samples.synthetic import one_file


def test_a_small_file_lands_and_every_interview_is_accounted_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert intake.main(["--rows", "6000", "--data", str(tmp_path), "--most-seconds", "600"]) == 0
    said = capsys.readouterr().out
    with (tmp_path / "one_file_6000" / "served" / one_file.NAME).open(encoding="utf-8", newline="") as handle:
        rows = [*csv.DictReader(handle, delimiter=";")]
    assert len(rows) == 6000
    assert "6,000 read" in said
    assert "kinscale, from HTTP to landed" in said
    assert sum(row["relatives"] == "some" for row in rows) > 0
    numbers = [row["questionnaire_id"] for row in rows]
    assert len(numbers) - len(set(numbers)) == 6000 // one_file.TWICE


def test_the_file_is_about_a_hundred_bytes_an_interview(tmp_path: Path) -> None:
    written = one_file.write(tmp_path / "x.csv", 20_000)
    assert 0.9 < written.path.stat().st_size / (20_000 * one_file.BYTES_OF_ROW) < 1.1


def test_memory_of_children_counts_and_a_landmark_is_seen(tmp_path: Path) -> None:
    child = "import time; held = bytearray(b'x' * 80_000_000); time.sleep(1.5)"
    code = f"import subprocess, sys; print('here', flush=True); subprocess.run([sys.executable, '-c', {child!r}])"
    import sys

    at_landmark, whole = process_tree.watched([sys.executable, "-c", code], tmp_path / "log", 60, {}, "here")
    assert whole.peak_mb > 80
    assert at_landmark.wall < whole.wall


def test_a_failure_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no such file"):
        process_tree.watched(["python3", "-c", "raise SystemExit('no such file')"], tmp_path / "log", 60, {}, "")
