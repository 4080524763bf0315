"""Lots that workers have ahead of the one that lands: their order, how many they are, and what becomes of lost ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from flows.side_by_side import AHEAD, ahead
from schemas.batch import Lot, PulledFile
from schemas.errors import RunnerUnavailable, WorkerLost

WIDTH = 3


@dataclass
class Workers:
    """Answer at once; end on files of some names, or refuse to be given lots with a long file among others."""

    deadly: tuple[str, ...] = ()
    long: tuple[str, ...] = ()
    broken: str = ""
    width: int = WIDTH
    given: list[str] = field(default_factory=list)
    waiting: list[Lot] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    def submit(self, lot: Lot, declaration: Any, errand: Any) -> Lot:
        assert errand == f"errand of {lot.name}"
        self.given.append(lot.name)
        self.waiting.append(lot)
        return lot

    def result(self, ticket: Lot) -> Any:
        self.waiting.remove(ticket)
        names = [file.name for file in ticket.files]
        if self.broken in names:
            raise RunnerUnavailable("it has gone.")
        if set(names) & set(self.deadly):
            raise WorkerLost("it ended.", file=names[0])
        return None if len(names) > 1 and set(names) & set(self.long) else f"made of {ticket.name}"

    def cancel(self, ticket: Lot) -> None:
        self.cancelled.append(ticket.name)


def lot(*names: str) -> Lot:
    files = tuple(PulledFile(name, name, "KZ", 0, name, 1, f"load-{name}") for name in names)
    return Lot(files, tuple(range(len(files))))


def found(workers: Workers, *lots: Lot) -> Iterator[Any]:
    return ahead(iter(lots), cast(Any, workers), cast(Any, None), cast(Any, lambda one: f"errand of {one.name}"))


def test_lots_come_in_their_order_and_a_few_are_asked_for_ahead() -> None:
    workers = Workers()
    names = [f"{number:02d}" for number in range(20)]
    seen: list[tuple[str, Any]] = []
    for one, brought in found(workers, *map(lot, names)):
        assert len(workers.waiting) <= AHEAD * WIDTH - 1  # the one that lands waits no more
        assert len(workers.given) == min(len(seen) + AHEAD * WIDTH, 20)
        seen.append((one.name, brought))
    assert seen == [(name, f"made of {name}") for name in names]


def test_of_a_lot_that_ends_workers_only_the_file_is_lost_that_does() -> None:
    workers = Workers(deadly=("b",))
    seen = [(one.name, brought) for one, brought in found(workers, lot("a", "b", "c"), lot("d"))]
    assert [name for name, _ in seen] == ["a", "b", "c", "d"]
    assert [isinstance(brought, WorkerLost) for _, brought in seen] == [False, True, False, False]
    assert seen[1][1].where.file == "b"


def test_a_lot_with_a_long_file_comes_again_file_by_file() -> None:
    workers = Workers(long=("b",))
    seen = [(one.name, brought) for one, brought in found(workers, lot("a", "b"), lot("b"))]
    assert seen == [("a", "made of a"), ("b", "made of b"), ("b", "made of b")]
    assert workers.given == ["2 files, a to b", "b", "a", "b"]


def test_what_workers_still_have_is_given_up_when_the_cluster_breaks_off() -> None:
    workers = Workers(broken="b")
    coming = found(workers, lot("a"), lot("b"), lot("c"), lot("d"))
    assert next(coming)[0].name == "a"
    with pytest.raises(RunnerUnavailable):
        next(coming)
    assert workers.cancelled == ["c", "d"]
