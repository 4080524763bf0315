"""Taking in the files of a night: which are read, lot by lot, and what becomes of those that cannot be."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from flows import side_by_side
from flows.steps import Say, Steps
from schemas import instrument
from schemas.batch import Batch, Load, Lot, PulledFile, lots
from schemas.declaration import Declaration
from schemas.errors import DeliveryError, KinscaleError, WorkerLost
from sources import confined
from tasks import duplicates, resent
from tasks.land import refused_load
from warehouse import interview_parts, loads, looks_personal, shapes
from warehouse import resent as copied
from warehouse.home import Home
from warehouse.numbers_taken import NumbersTaken

if TYPE_CHECKING:
    from schemas.shape import LastAccepted
    from tasks.duplicates import Holders
    from tasks.read_and_validate import Brought
    from warehouse.build import Warehouse
    from warehouse.shapes import Before

T = TypeVar("T")
SECONDS_BETWEEN_LINES = 2.0
"""Of progress, where many lots follow each other."""


@confined.reading()
def take_in(
    files: Sequence[PulledFile],
    declaration: Declaration,
    home: Home,
    warehouse: Warehouse,
    todo: Steps,
    say: Say,
    only: Collection[str] | None = None,
) -> tuple[list[Load], list[KinscaleError]]:
    """Read, validate and land each file that has no load yet, lot by lot; one that cannot be read is refused alone.

    Afterwards files are read again whose questionnaire numbers another one that came now, and stands before them in the
    listing, holds or has given up: what is accepted follows from the listing, not from the order of the nights.
    files: the whole listing, in its order.  only: URIs of those that may be read; None for all.
    """
    interview_parts.settle(warehouse, declaration.id)
    _ = declaration.region_names  # two regions of one spelling are named before anything is read
    loads.remember_order(warehouse, files)
    standing = loads.current(warehouse, declaration.id)
    asked = {place for place, file in enumerate(files) if only is None or file.uri in only}
    copies = resent.copies(files, standing, warehouse, declaration.id)
    settled = resent.still(files, standing, copies, warehouse, declaration.id)
    copies = {place: uri for place, uri in copies.items() if place in asked - settled}
    lapsed = {
        p for p in asked - settled if files[p].load_id in standing and standing[files[p].load_id].status == "resent"
    }
    fresh = {place for place in asked if files[place].load_id not in standing} | lapsed
    copied.forget(warehouse, [files[place].load_id for place in sorted(fresh | copies.keys())])
    refused = {p: standing[files[p].load_id] for p in sorted(asked - fresh) if _is_refused(standing, files[p])}
    if fresh:  # a number that another file had taken may be free now
        fresh |= {place for place, load in refused.items() if duplicates.RULE in load.error}
    fresh -= copies.keys()  # their bytes are read with another file
    errors: dict[str, KinscaleError] = {
        files[p].load_id: standing_refusal(load) for p, load in refused.items() if p not in fresh | copies.keys()
    }
    loads.hold(warehouse, [file.uri for place, file in enumerate(files) if place not in fresh])
    landed: dict[str, Load] = {}
    again: set[int] = set()
    tell = _every(SECONDS_BETWEEN_LINES, say)
    wanted = sorted(fresh)
    if wanted:
        from tasks import withholding  # not at the top: a night without news loads no pandas

        withholding.prepare(declaration, home, warehouse)
    aside = side_by_side.wanted(declaration, home, warehouse, todo, say) if wanted else None
    while True:
        done = 0
        before = shapes.Before(warehouse, declaration.id)
        with side_by_side.reading(lots(files, wanted), aside, declaration, home, warehouse, before) as coming:
            for lot, brought in coming:
                tell(f"taking in {lot.name} ({done:,} of {len(wanted):,} are in, {lot.bytes:,} bytes)")
                new, wrong = take_in_lot(lot, brought, declaration, home, warehouse, todo, before)
                landed = {**_without(landed, lot), **{load.load_id: load for load in new}}
                errors = {**_without(errors, lot), **wrong}
                done += len(lot.files)
        aside = None  # what is read again depends on what has landed
        loads.hold(warehouse)
        at_odds = loads.contested(warehouse, declaration.id, duplicates.RULE, duplicates.ELSEWHERE)
        unread = resent.settle(files, copies, declaration, warehouse)
        copies = {}
        wanted = [  # once: what reading does not change stays
            place for place in sorted({*at_odds, *unread}) if place in asked and place not in again
        ]
        again.update(wanted)
        if not wanted:
            return list(landed.values()), list(errors.values())


def take_in_lot(
    lot: Lot,
    brought: Brought | WorkerLost | None,
    declaration: Declaration,
    home: Home,
    warehouse: Warehouse,
    todo: Steps,
    before: Before,
) -> tuple[list[Load], dict[str, KinscaleError]]:
    """Take in the files of one lot. Returns the loads, and why the others have none, by load_id.

    brought: what a worker made of it; None for what is to be read here.
    """
    if isinstance(brought, KinscaleError):
        return [], {file.load_id: brought for file in lot.files}
    if brought is not None:
        try:
            if side_by_side.stands(lot, brought, declaration, warehouse):
                return _take_in_brought(lot, brought, declaration, warehouse, todo)
        finally:
            side_by_side.forget(lot, brought, declaration, warehouse)
    landed: list[Load] = []
    errors: dict[str, KinscaleError] = {}
    for some, tables in in_turn(lot, todo.read(lot, declaration, home)):
        new, wrong = _take_in_tables(some, tables, declaration, warehouse, todo, before)
        landed += new
        errors |= wrong
    return landed, errors


def in_turn(lot: Lot, tables: Sequence[Any]) -> Iterator[tuple[Lot, Sequence[Any]]]:
    """Divide a lot where a file turned out to be long, as an archive can: it is landed before the next one is asked."""
    start = 0
    for number, table in enumerate(tables):
        if hasattr(table, "parts"):
            if number > start:
                yield lot.of(range(start, number)), tables[start:number]
            yield lot.of([number]), [table]
            start = number + 1
    if start < len(tables):
        yield lot.of(range(start, len(tables))), tables[start:]


def _take_in_brought(
    lot: Lot, brought: Brought, declaration: Declaration, warehouse: Warehouse, todo: Steps
) -> tuple[list[Load], dict[str, KinscaleError]]:
    """Land what a worker has read and validated."""
    seen = [(f, found) for f, found in zip(lot.files, brought.looks_personal, strict=True) if found is not None]
    looks_personal.replace(warehouse, declaration.id, seen)
    return _ended(
        lot, _land(lot, dict(enumerate(brought.outcomes)), declaration, warehouse, todo), declaration, warehouse, todo
    )


def _take_in_tables(
    lot: Lot, tables: Sequence[Any], declaration: Declaration, warehouse: Warehouse, todo: Steps, before: Before
) -> tuple[list[Load], dict[str, KinscaleError]]:
    seen = [(f, t.looks_personal) for f, t in zip(lot.files, tables, strict=True) if not isinstance(t, KinscaleError)]
    looks_personal.replace(warehouse, declaration.id, seen)
    last = before.of(lot, declaration)
    outcomes = _validated(lot, tables, declaration, warehouse, todo, last)
    doubtful = [n for n, outcome in enumerate(outcomes) if resent.is_doubtful(outcome)]
    results = _land(
        lot, {n: outcomes[n] for n in range(len(outcomes)) if n not in doubtful}, declaration, warehouse, todo
    )
    if doubtful:  # after the others have landed: the file that it is again may be one of them
        alone = lot.of(doubtful)
        read = todo.validate(alone, [tables[n] for n in doubtful], declaration, before=last)
        again = resent.of_rows([x for x in read if not isinstance(x, KinscaleError)], declaration, warehouse)
        left = {n: outcomes[n] for n in doubtful if lot.files[n].load_id not in again}
        results |= _land(lot, left, declaration, warehouse, todo)
    return _ended(lot, results, declaration, warehouse, todo)


def _validated(
    lot: Lot, tables: Sequence[Any], declaration: Declaration, warehouse: Warehouse, todo: Steps, last: LastAccepted
) -> list[Any]:
    """Validate the files of a lot as if their older versions were gone already.

    Where a file is refused, so that its older version stays, the others are validated again if they hold its numbers.
    """

    def held_beside(some: Lot) -> Holders:
        uris = [file.uri for file in some.files]
        return lambda numbers: loads.holders(warehouse, declaration.id, some.files[0].country, numbers, uris)

    def taken() -> NumbersTaken:
        return NumbersTaken(warehouse.connection.cursor())

    key = instrument.find(declaration.instrument).KEY
    outcomes: dict[int, Any] = {}
    left = list(range(len(tables)))
    while left:
        some = lot.of(left)
        found = todo.validate(some, [tables[n] for n in left], declaration, held_beside(some), last, taken)
        outcomes |= dict(zip(left, found, strict=True))
        refused = [n for n in left if isinstance(outcomes[n], KinscaleError)]
        left = [n for n in left if isinstance(outcomes[n], Batch)]
        if not refused or not left:
            break
        loads.hold(warehouse, [lot.files[n].uri for n in refused])
        held = held_beside(lot.of(left))
        if not any(-1 in held(outcomes[n].accepted[key]).values() for n in left):
            break
    return [outcomes[n] for n in range(len(tables))]


def _ended(
    lot: Lot, results: Mapping[int, Load | KinscaleError], declaration: Declaration, warehouse: Warehouse, todo: Steps
) -> tuple[list[Load], dict[str, KinscaleError]]:
    """Write down which files are refused. results: by number of the file in the lot."""
    errors = {
        n: _told(result, lot.files[n], declaration, warehouse)
        for n, result in sorted(results.items())
        if isinstance(result, KinscaleError)
    }
    theirs = [n for n, error in errors.items() if isinstance(error, DeliveryError)]
    if theirs:  # any other error is the store's fault: the file is read again when the bytes are back
        todo.refuse(lot.of(theirs), [errors[n] for n in theirs], declaration, warehouse)
    landed = [result for _, result in sorted(results.items()) if isinstance(result, Load)]
    return landed, {lot.files[n].load_id: error for n, error in errors.items()}


def _told(error: KinscaleError, file: PulledFile, declaration: Declaration, warehouse: Warehouse) -> KinscaleError:
    """Name the file that holds the numbers of a refused one."""
    load = refused_load(file, "", declaration)
    return duplicates.named(error, lambda number, place: loads.holder_named(warehouse, load, number, place))


def _land(
    lot: Lot, outcomes: Mapping[int, Any], declaration: Declaration, warehouse: Warehouse, todo: Steps
) -> dict[int, Load | KinscaleError]:
    """Land the files of a lot that were validated, by their number in it. Returns a load or an error for each."""
    batches = {n: outcome for n, outcome in outcomes.items() if not isinstance(outcome, KinscaleError)}
    landed = todo.land(lot.of([*batches]), [*batches.values()], declaration, warehouse) if batches else []
    return {**outcomes, **dict(zip(batches, landed, strict=True))}


def standing_refusal(load: Load) -> KinscaleError:
    """Say again why an unchanged file was refused; its bytes have not changed, so reading it again would not help."""
    where, _, rest = load.error.partition("\n")
    return DeliveryError(f"{where} (refused before, unchanged since)", next_step=rest or None)


def _is_refused(standing: Mapping[str, Load], file: PulledFile) -> bool:
    return file.load_id in standing and standing[file.load_id].status == "refused"


def _without(found: Mapping[str, T], lot: Lot) -> dict[str, T]:
    """Leave out what a lot came to before it was read again."""
    gone = {file.load_id for file in lot.files}
    return {name: one for name, one in found.items() if name not in gone}


def _every(seconds: float, say: Say) -> Say:
    """Return a way to say something that leaves out what comes too soon after the line before."""
    last = float("-inf")

    def tell(line: str) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            say(line)
            last = time.monotonic()

    return tell
