"""Steps 2 and 3 of a lot in one, as a worker does them that has no warehouse: what travels back is small.

What only the warehouse knows - whether another file holds a questionnaire number - is asked when the lot is back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas import settings
from schemas.batch import Batch, LongBatch, Lot
from schemas.declaration import Declaration
from schemas.errors import DeliveryError, KinscaleError, PseudonymKeyChanged, RunnerUnavailable
from schemas.personal import LooksPersonal
from schemas.shape import LastAccepted
from warehouse import code_version
from warehouse.home import Home
from warehouse.microdata import Microdata
from warehouse.stored_rows import Writing
from warehouse.succession import Succession


@dataclass(frozen=True)
class Errand:
    """What a worker is told of a lot. Keys and credentials it has from its own environment, or not at all.

    root: where Spark's parts lie, None where the build warehouse will hold the rows.  before: what was accepted last.
    earlier: rows refused before that may go on, by load.  key: fingerprint of the key of pseudonyms, None if none is
    needed.  code: fingerprint of what reads and validates.
    """

    home: Home
    root: str | None
    before: LastAccepted
    earlier: Mapping[str, Sequence[dict[str, Any]]]
    key: str | None
    code: str


@dataclass(frozen=True)
class Brought:
    """What a worker made of a lot: for each file a batch whose rows lie in a file, or why it is refused.

    looks_personal: of each file, None for one that could not be read.
    """

    outcomes: tuple[Batch | KinscaleError, ...]
    looks_personal: tuple[tuple[LooksPersonal, ...] | None, ...]


def read_and_validate(lot: Lot, declaration: Declaration, errand: Errand) -> Brought | None:
    """Read and validate the files of a lot as if no other file were there, and write their accepted rows.

    Returns None for a lot of several files of which one is long: they are to come one by one.
    Raises RunnerUnavailable or PseudonymKeyChanged when this process is not set up as the pipeline's is.
    """
    from schemas import instrument
    from sources.table import LongTable
    from tasks.read import read
    from tasks.validate import validate

    store = check_worker(declaration, errand)
    tables = read(lot, declaration, errand.home)
    if len(tables) > 1 and any(isinstance(table, LongTable) for table in tables):
        return None
    personal = tuple(None if isinstance(table, KinscaleError) else table.looks_personal for table in tables)
    writing = Writing(errand.home, declaration.id, instrument.find(declaration.instrument), store)
    try:
        validated = validate(lot, tables, declaration, before=errand.before)
        del tables
        outcomes = [_written(one, writing, errand) for one in validated]
        stored = writing.end() if any(isinstance(one, Batch) for one in outcomes) else {}
    finally:
        writing.abandon()
    return Brought(
        tuple(replace(one, stored=stored[one.file.load_id]) if isinstance(one, Batch) else one for one in outcomes),
        personal,
    )


def check_worker(declaration: Declaration, errand: Errand) -> Microdata | None:
    """Refuse to work with other code, another key or other folders than the pipeline; return where parts go."""
    from tasks import pseudonym_key

    mine = code_version.fingerprint(code_version.INTAKE)
    if mine != errand.code:
        raise _unlike("it runs other code than the pipeline.", "Give it the same checkout, and begin it again.")
    if not errand.home.raw.is_dir():
        raise _unlike(f"it does not see {errand.home.raw}.", "Let it see the data folder under the same name.")
    if errand.key is not None and pseudonym_key.wanted(declaration):
        own = pseudonym_key.find(errand.home).fingerprint
        if own != errand.key:
            raise PseudonymKeyChanged(
                f"a worker has the key {own} for pseudonyms, the pipeline {errand.key}.",
                expected="one key on all machines: a person has another pseudonym under another key",
                next_step="Give every worker the key of the pipeline: docs/security.md.",
                facts={"known": errand.key, "given": own},
            )
    if errand.root is None:
        return None
    store = Microdata.of(errand.home.root, settings.load(errand.home.root))
    if store.root != errand.root:
        raise _unlike(f"it would write interviews to {store.root}, not to {errand.root}.", "Give it the same settings.")
    return store


def _unlike(what: str, next_step: str) -> RunnerUnavailable:
    return RunnerUnavailable(f"a worker cannot read for the pipeline: {what}", next_step=f"{next_step} docs/scale.md.")


def _written(outcome: Batch | LongBatch | KinscaleError, writing: Writing, errand: Errand) -> Batch | KinscaleError:
    """Write the accepted rows of a file, and return what is left of it."""
    if isinstance(outcome, KinscaleError):
        return outcome
    succession = Succession(errand.earlier.get(outcome.file.load_id, ()))
    if isinstance(outcome, Batch):
        return _without_rows(outcome, writing, succession)
    try:
        return joined([_without_rows(part, writing, succession) for part in outcome.parts])
    except DeliveryError as error:
        return error


def _without_rows(batch: Batch, writing: Writing, succession: Succession) -> Batch:
    """Write the accepted rows, and keep those of them that were refused before."""
    writing.add(batch.file, batch.accepted)
    kept = succession.those_of(batch)
    return replace(batch, accepted=kept.accepted, delivered=kept.delivered)


def joined(parts: Sequence[Batch]) -> Batch:
    """Return the parts of a long file as one batch; what is known of the whole of it came with the last."""
    import pandas as pd

    def together(name: str) -> Any:
        frames = [frame for part in parts if (frame := getattr(part, name)) is not None]
        filled = [frame for frame in frames if len(frame)]
        return pd.concat(filled, ignore_index=True) if filled else next(iter(frames), None)

    names = ("accepted", "quarantined", "edits", "delivered")
    return replace(
        parts[-1], rows_read=sum(part.rows_read for part in parts), **{name: together(name) for name in names}
    )
