"""Workers for tests that need no Dask: two threads, to which all goes and from which all comes as bytes."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from flows import direct
from flows.steps import Steps
from schemas.batch import Lot
from schemas.declaration import Declaration
from schemas.errors import WorkerLost
from schemas.settings import Dask
from tasks import read_and_validate
from tasks.read_and_validate import Brought, Errand
from warehouse.home import Home


class Pool:
    """Keeps count of what was asked; ends, as a worker that is killed, on files of some names."""

    width = 2
    deadly: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.lots: list[str] = []
        self.bytes_back: list[int] = []
        self.waiting = self.most = 0
        self._threads = ThreadPoolExecutor(self.width)

    @contextlib.contextmanager
    def begin(self, _: Dask) -> Iterator[Pool]:
        yield self
        assert self.waiting == 0  # nothing was left behind

    def submit(self, lot: Lot, declaration: Declaration, errand: Errand) -> Future[bytes]:
        self.lots.append(lot.name)
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        return self._threads.submit(self._work, pickle.dumps((lot, declaration, errand)))

    def _work(self, asked: bytes) -> bytes:
        lot, declaration, errand = pickle.loads(asked)
        if any(file.name in self.deadly for file in lot.files):
            raise WorkerLost("it ended.", file=lot.files[0].name)
        return pickle.dumps(read_and_validate.read_and_validate(lot, declaration, errand))

    def result(self, ticket: Future[bytes]) -> Brought | None:
        try:
            whole = ticket.result()
        finally:
            self.waiting -= 1
        self.bytes_back.append(len(whole))
        found: Brought | None = pickle.loads(whole)
        return found

    def cancel(self, ticket: Future[bytes]) -> None:
        ticket.cancel()
        self.waiting -= 1


def use(pool: Any, home: Home, patch: pytest.MonkeyPatch, **settings: str) -> None:
    """Let nights of this test read with workers. settings: of the data folder."""
    plain = direct.steps

    def steps() -> Steps:
        return replace(plain(), pool=pool.begin)

    patch.setattr(direct, "steps", steps)
    home.root.mkdir(parents=True, exist_ok=True)
    chosen = {"runner": "dask", **settings}
    (home.root / "settings.yaml").write_text("".join(f"{key}: {value}\n" for key, value in chosen.items()))
