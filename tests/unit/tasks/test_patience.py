"""What is asked again and what is not: a source that did not answer may heal, a file that is wrong never does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from flows import direct
from schemas import declaration, errors
from schemas.errors import FormatDamaged, KinscaleError, SourceUnreachable
from tasks import patience, pull, validate
from tasks.patience import Patience
from tests import small_survey
from warehouse.home import Home

NEVER = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, KinscaleError) and not kind.retryable
]


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that would have been made."""
    pauses: list[float] = []
    monkeypatch.setattr(patience, "sleep", pauses.append)
    return pauses


def failing(times: int, error: KinscaleError) -> tuple[Callable[[], str], list[int]]:
    """Return a question that fails some times before it is answered, and its count."""
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        if len(asked) <= times:
            raise error
        return "answer"

    return ask, asked


def test_a_source_that_answers_later_is_asked_again(slept: list[float]) -> None:
    ask, asked = failing(3, SourceUnreachable("no answer"))
    assert Patience().again(ask) == "answer"
    assert len(asked) == 4
    assert all(base <= pause <= 1.5 * base for base, pause in zip((2, 10, 30), slept, strict=True))


def test_the_line_about_a_pause_names_its_source(caplog: pytest.LogCaptureFixture) -> None:
    ask, _ = failing(1, SourceUnreachable("no answer.", file="sftp://h/x"))
    with caplog.at_level(logging.INFO, "kinscale"):
        Patience().again(ask)
    assert "source_unreachable: sftp://h/x: no answer. Asking again in" in caplog.text


def test_a_source_that_never_answers_is_given_up(slept: list[float]) -> None:
    ask, asked = failing(99, SourceUnreachable("no answer"))
    with pytest.raises(SourceUnreachable):
        Patience().again(ask)
    assert (len(asked), len(slept)) == (4, 3)


@pytest.mark.parametrize("kind", NEVER)
def test_what_cannot_heal_is_asked_once(slept: list[float], kind: type[KinscaleError]) -> None:
    ask, asked = failing(99, kind("wrong"))
    with pytest.raises(kind):
        Patience().again(ask)
    assert (len(asked), slept) == (1, [])


def test_many_sources_that_are_down_hold_a_night_for_two_minutes(slept: list[float]) -> None:
    one = Patience()
    for _ in range(5000):
        with pytest.raises(SourceUnreachable):
            one.again(failing(99, SourceUnreachable("no answer"))[0])
    assert 90 < sum(slept) <= 120


def test_a_night_asks_a_source_again_and_a_refused_file_never(
    survey: Path, home: Home, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed, copied, validated, listing, receive = [0], [0], [0], pull.list_files, pull.raw_store.receive

    def shaky_listing(address: str, *_: object) -> object:
        listed[0] += 1
        if listed[0] == 1:
            raise SourceUnreachable("no answer", file=address)
        return listing(address)

    def shaky_copy(*arguments: object) -> object:
        copied[0] += 1
        if copied[0] == 2:
            raise SourceUnreachable("broke off")
        return receive(*arguments)  # type: ignore[arg-type]

    def wrong(*_: object) -> object:
        validated[0] += 1
        return [FormatDamaged("not whole", file="KZ.csv")]

    monkeypatch.setattr(pull, "list_files", shaky_listing)
    monkeypatch.setattr(pull.raw_store, "receive", shaky_copy)
    monkeypatch.setattr(validate, "validate", wrong)
    outcome = direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info)
    assert [error.code for error in outcome.errors] == ["format_damaged", "format_damaged"]
    # two sources listed, one of them twice; two files copied, one of them twice; each file validated once
    assert (listed[0], copied[0], validated[0], len(slept)) == (3, 3, 2, 2)
