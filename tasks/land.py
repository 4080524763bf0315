"""Step 4: replace the rows of files in the build warehouse, in one transaction, each file under its own load_id."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from schemas.batch import Batch, Load, LongBatch, Lot, PulledFile
from schemas.declaration import Declaration
from schemas.errors import DeliveryError, KinscaleError
from tasks import delivery_comparison
from tasks.ahead import ahead
from warehouse import loads
from warehouse.build import Warehouse


def land(
    lot: Lot, batches: Sequence[Batch | LongBatch], declaration: Declaration, warehouse: Warehouse
) -> list[Load | KinscaleError]:
    """Land the validated files of a lot in one transaction. Running it twice changes nothing.

    lot: the files of the batches.  A long file is alone, and is validated now; in its place comes why it is refused as
    a whole, if its rows say so.  When the transaction of several files fails, each is landed by itself, and the
    failure of the one that is to blame is raised when the others are in.
    Returns a load for each file, or DeliveryUnexpected for a new version that a check refuses (`delivery_comparison`).
    """
    if len(batches) == 1 and isinstance(batches[0], LongBatch):
        return [_land_long(batches[0], declaration, warehouse)]
    return [*_land_together([batch for batch in batches if isinstance(batch, Batch)], declaration, warehouse)]


def _land_long(batch: LongBatch, declaration: Declaration, warehouse: Warehouse) -> Load | KinscaleError:
    """Land a file part by part, while the next one is validated; all of it or nothing."""
    load = Load(**_identity(batch.file, declaration))
    with contextlib.closing(ahead(batch.parts)) as parts:

        def landing(_: Sequence[str]) -> list[Load]:
            return loads.replace(warehouse, ([(load_of(part, declaration), part)] for part in parts))

        try:
            landed = delivery_comparison.landed(warehouse, {load.load_id: (load, batch.file)}, declaration, landing)
        except DeliveryError as error:
            return error
    return check_output(landed, warehouse)[0]


def _land_together(
    batches: Sequence[Batch], declaration: Declaration, warehouse: Warehouse
) -> list[Load | KinscaleError]:
    pairs = [(load_of(batch, declaration), batch) for batch in batches]
    try:
        return check_output(_landed(pairs, declaration, warehouse), warehouse)
    except Exception:  # whatever it was, it is raised again below by the file that it belongs to
        if len(pairs) == 1:
            raise
    landed: list[Load | KinscaleError] = []
    failures = []
    for pair in pairs:
        try:
            landed += check_output(_landed([pair], declaration, warehouse), warehouse)
        except Exception as error:  # noqa: BLE001 - raised below, when the other files are in
            failures.append(error)
    if failures:
        raise failures[0]
    return landed


def _landed(
    pairs: Sequence[tuple[Load, Batch]], declaration: Declaration, warehouse: Warehouse
) -> list[Load | KinscaleError]:
    """Land files in one transaction, those left out that are not what was expected."""
    by_name = {load.load_id: (load, batch) for load, batch in pairs}
    coming = {name: (load, batch.file) for name, (load, batch) in by_name.items()}

    def landing(names: Sequence[str]) -> list[Load]:
        return loads.replace(warehouse, [[by_name[name] for name in names]])

    return delivery_comparison.landed(warehouse, coming, declaration, landing)


def load_of(batch: Batch, declaration: Declaration) -> Load:
    """Return what a validated file comes to."""
    return Load(
        **_identity(batch.file, declaration),
        rows_read=batch.rows_read,
        rows_accepted=batch.rows_accepted,
        rows_quarantined=len(batch.quarantined),
        reasons=_count(batch.quarantined["rule"].tolist()),
        edits=_count(batch.edits["rule"].tolist()),
    )


def refuse(lot: Lot, errors: Sequence[KinscaleError], declaration: Declaration, warehouse: Warehouse) -> list[Load]:
    """Record files that were refused as a whole, each with the message its sender should read."""
    refused = [refused_load(file, str(error), declaration) for file, error in zip(lot.files, errors, strict=True)]
    loads.refuse(warehouse, refused)
    return refused


def refused_load(file: PulledFile, error: str, declaration: Declaration) -> Load:
    """Return the load of a file none of whose rows count, and why."""
    return Load(**_identity(file, declaration), status="refused", error=error)


def check_output(landed: list[Load | KinscaleError], warehouse: Warehouse) -> list[Load | KinscaleError]:
    """Assert that the warehouse holds exactly the rows that were read of each file that landed."""
    taken = [load for load in landed if isinstance(load, Load)]
    held = loads.rows_held(warehouse, [load.load_id for load in taken])
    for load in taken:
        seen = held.get(load.load_id, (0, 0))
        if seen != (load.rows_accepted, load.rows_quarantined):
            raise AssertionError(f"{load.file}: the warehouse holds {seen}, the load says {load}")
    return landed


def _identity(file: PulledFile, declaration: Declaration) -> dict[str, Any]:
    return {
        "load_id": file.load_id,
        "survey_id": declaration.id,
        "country": file.country,
        "uri": file.uri,
        "file": file.name,
        "sha256": file.sha256,
        "bytes": file.bytes,
    }


def _count(rules: list[str]) -> dict[str, int]:
    return {rule: rules.count(rule) for rule in sorted(set(rules))}
