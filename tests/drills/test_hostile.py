"""Hostile files among a survey's deliveries: each is refused or taken in as it should be, and the rest is unharmed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from samples.hostile import CASES
from samples.hostile.case import Case
from tests import small_survey
from tests.drills import hostile
from tests.drills.hostile import Seen
from tests.drills.nursery import Nursery
from warehouse.home import Home

NUMBERED = [*enumerate(CASES)]
ONE_BY_ONE = [
    pytest.param(number, case, id=case.name, marks=() if case.name in hostile.DEAREST else pytest.mark.slow)
    for number, case in NUMBERED
]


def night(folder: Path, nursery: Nursery) -> dict[str, Any]:
    told = nursery.ask("night", Home(folder / "home"), folder / "surveys").told
    assert told["release"] == "small_survey-2009-r1", told["errors"]
    return told


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Callable[[list[int]], str]:
    """The content hash of an undisturbed night that is given the interviews of some cases in a plain file."""
    known: dict[tuple[int, ...], str] = {}

    def of(numbers: list[int]) -> str:
        key = tuple(numbers)
        if key not in known:
            folder = tmp_path_factory.mktemp("undisturbed")
            survey = small_survey.write(folder / "surveys")
            if numbers:
                hostile.plain(survey, numbers)
            told = night(folder, nursery)
            assert told["exit_code"] == 0
            known[key] = str(told["content"])
        return known[key]

    return of


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Callable[[Seen], None]:
    """Take down what became of a case in the file of --record-hostile if there is one."""
    file: str | None = request.config.getoption("--record-hostile")

    def take_down(seen: Seen) -> None:
        if file:
            with Path(file).open("a", encoding="utf-8") as handle:
                handle.write(json.dumps(asdict(seen)) + "\n")

    return take_down


def test_a_night_that_is_given_all_of_them_gives_the_numbers_of_an_undisturbed_night(
    tmp_path: Path, nursery: Nursery, content: Callable[[list[int]], str]
) -> None:
    hostile.declare(small_survey.write(tmp_path / "surveys"), NUMBERED)
    told = night(tmp_path, nursery)
    wrong = {
        case.name: hostile.verdict(told, number)
        for number, case in NUMBERED
        if not hostile.as_expected(case, told, number)[0]
    }
    assert wrong == {}
    strange = [e for e in told["errors"] if not any(hostile.concerns(e, number) for number, _ in NUMBERED)]
    assert strange == []
    assert told["content"] == content([number for number, case in NUMBERED if case.refused is None])
    assert max(told["peaks"]) < hostile.MOST_OF_A_NIGHT


@pytest.mark.parametrize(("number", "case"), ONE_BY_ONE)
def test_a_night_that_is_given_one_of_them(
    number: int,
    case: Case,
    tmp_path: Path,
    nursery: Nursery,
    content: Callable[[list[int]], str],
    record: Callable[[Seen], None],
) -> None:
    survey = small_survey.write(tmp_path / "surveys")
    hostile.declare(survey, [(number, case)])
    told = night(tmp_path, nursery)
    right, words = hostile.as_expected(case, told, number)
    assert right, words
    assert told["content"] == content([number] if case.refused is None else [])
    seen = Seen(case.name, case.format, hostile.size(survey, number, case), words, told["computing"], *told["peaks"])
    record(seen)
    assert max(seen.night, seen.reader) < hostile.MOST_MEMORY
    assert seen.seconds < hostile.LONGEST
    assert told["seconds"] < 12 * hostile.LONGEST, "it hung"
