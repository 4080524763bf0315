"""Reading and validating lots on workers, a few ahead of the one that lands: the pipeline alone lands and commits.

Lots land in the order of the listing, whoever was ready first. Knows no cluster: `dask_pool` has one.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from flows.steps import Say, Steps
from schemas.batch import Batch, Lot
from schemas.declaration import Declaration
from schemas.errors import PseudonymKeyUnusable, TooManyBadRows, WorkerLost
from tasks import pseudonym_key, resent
from warehouse import code_version, interview_parts, loads, stored_rows
from warehouse.home import Home

if TYPE_CHECKING:
    from tasks.read_and_validate import Brought, Errand
    from warehouse.build import Warehouse
    from warehouse.shapes import Before

AHEAD = 2
"""Lots for each worker that are read or wait to land: more would only be memory of the pipeline."""
Found = tuple[Lot, "Brought | WorkerLost | None"]


class Pool(Protocol):
    """Workers that read and validate lots."""

    width: int
    """How many lots they work on at a time."""

    def submit(self, lot: Lot, declaration: Declaration, errand: Errand) -> Any:
        """Give a lot to a worker, and return what its result is asked with."""

    def result(self, ticket: Any) -> Brought | None:
        """Wait for a lot. Raises what reading it raised, WorkerLost, or RunnerUnavailable."""

    def cancel(self, ticket: Any) -> None:
        """Give a lot up."""


Begin = Callable[[], AbstractContextManager[Pool]]


def wanted(declaration: Declaration, home: Home, warehouse: Warehouse, todo: Steps, say: Say) -> Begin | None:
    """Return how workers are begun, if files are to be read by some; not where every file waits for a key."""
    stored_rows.sweep(home)
    if warehouse.settings.runner != "dask":
        return None
    if todo.pool is None:
        say("files are read in this process: only nights and backfills under Prefect use the Dask cluster")
        return None
    if pseudonym_key.wanted(declaration):
        try:
            pseudonym_key.find(home)
        except PseudonymKeyUnusable:
            return None  # each file will say it
    say("asking for the workers of the Dask cluster")
    return partial(todo.pool, warehouse.settings.dask)


@contextlib.contextmanager
def reading(
    lots: Iterator[Lot], begin: Begin | None, declaration: Declaration, home: Home, warehouse: Warehouse, before: Before
) -> Iterator[Iterator[Found]]:
    """Give the lots in their order, each with what a worker made of it, or with None when it is to be read here."""
    if begin is None:
        yield ((lot, None) for lot in lots)
        return
    with begin() as pool:
        errand = _errands(declaration, home, warehouse, before)
        with contextlib.closing(ahead(lots, pool, declaration, errand)) as coming:
            yield coming


def ahead(
    lots: Iterator[Lot], pool: Pool, declaration: Declaration, errand: Callable[[Lot], Errand]
) -> Generator[Found, None, None]:
    """Yield lots in their order while workers have the next ones; no more than `AHEAD` for each worker.

    A lot of several files is given again file by file when one of them is long, or when workers ended on it: then only
    the file that ends them is lost. How files are divided into lots decides nothing.
    """
    waiting: deque[tuple[Lot, Any]] = deque()
    try:
        while True:
            while len(waiting) < AHEAD * pool.width and (lot := next(lots, None)) is not None:
                waiting.append((lot, pool.submit(lot, declaration, errand(lot))))
            if not waiting:
                return
            lot, ticket = waiting.popleft()
            brought: Brought | WorkerLost | None
            try:
                brought = pool.result(ticket)
            except WorkerLost as error:
                brought = error
            del ticket
            if len(lot.files) > 1 and (brought is None or isinstance(brought, WorkerLost)):
                files = [lot.of([number]) for number in range(len(lot.files))]
                alone = [(one, pool.submit(one, declaration, errand(one))) for one in files]
                waiting.extendleft(reversed(alone))
                continue
            yield lot, brought
            del brought
    finally:
        for _, ticket in waiting:
            pool.cancel(ticket)


def _errands(declaration: Declaration, home: Home, warehouse: Warehouse, before: Before) -> Callable[[Lot], Errand]:
    from tasks.read_and_validate import Errand

    outside = interview_parts.are_parts(warehouse, declaration.id)
    root = warehouse.microdata.root if outside else None
    key = pseudonym_key.find(home).fingerprint if pseudonym_key.wanted(declaration) else None
    code = code_version.fingerprint(code_version.INTAKE)

    def errand(lot: Lot) -> Errand:
        names = {file.load_id: file.uri for file in lot.files}
        earlier = loads.earlier_refused(warehouse, declaration.id, names)
        return Errand(home, root, before.of(lot, declaration), earlier, key, code)

    return errand


def stands(lot: Lot, brought: Brought, declaration: Declaration, warehouse: Warehouse) -> bool:
    """Tell whether what a worker found, who knows of no other file, is what the pipeline would have found itself.

    So it is as long as no file that has landed holds a questionnaire number of the lot.
    """
    import pandas as pd

    if any(resent.is_doubtful(outcome) for outcome in brought.outcomes):
        return False
    batches = [outcome for outcome in brought.outcomes if isinstance(outcome, Batch)]
    uris, country = [file.uri for file in lot.files], lot.files[0].country
    if any(isinstance(outcome, TooManyBadRows) for outcome in brought.outcomes):  # its numbers did not travel
        return not loads.any_other(warehouse, declaration.id, country, uris)
    refused = [batch.quarantined["questionnaire_id"] for batch in batches]
    numbers = pd.concat(refused) if refused else pd.Series(dtype="str")
    stored = [batch.stored for batch in batches if batch.stored is not None]
    return not stored_rows.are_held(warehouse, declaration.id, country, numbers, stored, uris)


def forget(lot: Lot, brought: Brought, declaration: Declaration, warehouse: Warehouse) -> None:
    """Remove files of accepted rows that have landed, or will not."""
    stored = [outcome.stored for outcome in brought.outcomes if isinstance(outcome, Batch) and outcome.stored]
    stored_rows.forget(warehouse, [file.load_id for file in lot.files], declaration.id, stored)
