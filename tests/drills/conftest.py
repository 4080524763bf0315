"""What the drills share: the process that forks them, and the record of what became of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.drills import nursery as nurseries
from tests.drills.aftermath import Seen
from tests.drills.nursery import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """The process that forks a child per drill; it is started by the first drill that asks for it."""
    with nurseries.running() as started:
        yield started


@pytest.fixture(scope="session")
def record(request: pytest.FixtureRequest) -> Callable[[Seen], None]:
    """Take down what became of a drill, a line each, in the file of --record-drills if there is one."""
    file: str | None = request.config.getoption("--record-drills")

    def take_down(seen: Seen) -> None:
        if file:
            with Path(file).open("a", encoding="utf-8") as handle:
                handle.write(json.dumps(asdict(seen)) + "\n")

    return take_down
