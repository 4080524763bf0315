"""The folder of nights: whole or not there, for its owner, and with an end."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from warehouse import nights
from warehouse.home import Home

FILES = {"summary.md": "# a night\n", "summary.json": "{}\n"}


def names(home: Home) -> list[str]:
    return [path.name for path in nights.kept(home)]


def test_a_night_has_its_files_and_its_progress(home: Home) -> None:
    nights.folder(home)
    nights.progress(home, "s").write_text("listing\n", encoding="utf-8")
    folder = nights.keep(home, "20261122T013000-a", FILES, "s")
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {
        **FILES,
        "progress.log": "listing\n",
    }
    assert not nights.progress(home, "s").exists()
    assert home.nights.stat().st_mode & 0o077 == 0


def test_a_night_that_cannot_be_written_has_no_folder(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    nights.keep(home, "20261122T013000-a", FILES, "s")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full)
        with pytest.raises(OSError, match="No space left"):
            nights.keep(home, "20261123T013000-b", FILES, "s")
    assert names(home) == ["20261122T013000-a"]
    (left,) = home.nights.glob(".building-*")
    os.utime(left, (0, 0))
    nights.keep(home, "20261124T013000-c", FILES, "s")
    assert sorted(path.name for path in home.nights.iterdir()) == ["20261122T013000-a", "20261124T013000-c"]


def test_the_oldest_nights_go(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nights, "KEPT", 3)
    for day in (24, 21, 25, 22, 23):
        nights.keep(home, f"202611{day}T013000-a", FILES, "s")
    assert names(home) == ["20261123T013000-a", "20261124T013000-a", "20261125T013000-a"]


def test_the_log_of_notices_has_an_end(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nights, "LINES_KEPT", 10)
    for number in range(25):
        nights.note(home, {"number": number})
    lines = (home.nights / "notices.jsonl").read_text(encoding="utf-8").splitlines()
    numbers = [json.loads(line)["number"] for line in lines]
    assert numbers == list(range(numbers[0], 25))  # the newest, none lost between
    assert 5 <= len(numbers) <= 10
