"""Where a drill begins: a data folder, the deliveries of the night to disturb, and what the undisturbed one gave."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests import small_survey
from tests.drills.nursery import Nursery
from warehouse.home import Home


@dataclass(frozen=True)
class State:
    """A state, and its night undisturbed.

    home: the data folder before the night; it may not exist.  content: content hash of the release in force after it.
    releases: all of them after it.  exit_code: of the night.  changes: how often it changed the disk.
    seconds: how long it took.
    """

    name: str
    surveys: Path
    home: Home
    content: str
    releases: list[str]
    exit_code: int
    changes: int
    seconds: float

    def copy(self, folder: Path) -> Home:
        """Copy the data folder, so that a drill may spoil it."""
        if self.home.root.exists():
            shutil.copytree(self.home.root, folder, symlinks=True)
        return Home(folder)

    @property
    def before(self) -> list[str]:
        """The releases before the night."""
        return sorted(path.parent.name for path in self.home.releases.glob("*-r*/manifest.json"))


def first(folder: Path, nursery: Nursery) -> State:
    """Nothing is there yet."""
    small_survey.write(folder / "surveys")
    return _undisturbed("first night", folder, nursery)


def second(folder: Path, nursery: Nursery) -> State:
    """A release is there, and one delivery has changed since."""
    survey = small_survey.write(folder / "surveys")
    assert nursery.ask("night", Home(folder / "home"), folder / "surveys").told["exit_code"] == 0
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": "20"})
    return _undisturbed("later night", folder, nursery)


def refused(folder: Path, nursery: Nursery) -> State:
    """As the second, and the other country's file is no longer what its declaration says."""
    survey = small_survey.write(folder / "surveys")
    assert nursery.ask("night", Home(folder / "home"), folder / "surveys").told["exit_code"] == 0
    small_survey.change(survey / "raw" / "KZ.csv", 0, {"relatives": "20"})
    damaged = survey / "raw" / "KG.csv"
    damaged.write_text(damaged.read_text(encoding="utf-8").replace("interviewer", "visitor", 1), encoding="utf-8")
    return _undisturbed("night with a refused file", folder, nursery)


def withdrawing(folder: Path, nursery: Nursery) -> State:
    """Two releases are there; what is disturbed is the withdrawal of the second."""
    state = second(folder, nursery)
    assert nursery.ask("night", state.home, state.surveys).told["exit_code"] == 0
    spoilt = state.copy(folder / "counting")
    told = nursery.ask("withdraw", spoilt, state.surveys, release="r2", count="yes").told
    return State("withdrawal", state.surveys, state.home, "", state.releases, 0, told["changes"], 0.2)


def rebuilding(folder: Path, nursery: Nursery) -> State:
    """Two releases are there and a damaged warehouse; what is disturbed is its rebuilding."""
    state = second(folder, nursery)
    assert nursery.ask("night", state.home, state.surveys).told["exit_code"] == 0
    damaged = state.home.warehouse
    damaged.write_bytes(b"\0" * damaged.stat().st_size)
    spoilt = state.copy(folder / "counting")
    told = nursery.ask("rebuild", spoilt, state.surveys, count="yes").told
    assert told["landed"] == ["raw/KG.csv", "raw/KZ.csv"]
    return State("rebuild", state.surveys, state.home, state.content, state.releases, 0, told["changes"], 0.8)


def _undisturbed(name: str, folder: Path, nursery: Nursery) -> State:
    """Run the night in a copy of the data folder, and keep what it came to."""
    nothing = State(name, folder / "surveys", Home(folder / "home"), "", [], 0, 0, 1.0)
    home = nothing.copy(folder / "undisturbed")
    told = nursery.ask("night", home, nothing.surveys, count="yes").told
    made = sorted(path.parent.name for path in home.releases.glob("*-r*/manifest.json"))
    assert told["is_new"]
    return State(
        name, nothing.surveys, nothing.home, told["content"], made, told["exit_code"], told["changes"], told["seconds"]
    )


def delivered(surveys: Path) -> Counter[str]:
    """Count the questionnaires of the deliveries as they lie there now, by number."""
    found: Counter[str] = Counter()
    for file in sorted((surveys / small_survey.ID / "raw").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as handle:
            found.update(row["questionnaire_id"] for row in csv.DictReader(handle, delimiter=";"))
    return found
