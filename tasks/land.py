"""Step 4: replace one file's rows in the build warehouse, in one transaction, under one load_id."""

from __future__ import annotations

from typing import Any

from schemas.batch import Batch, Load, PulledFile
from schemas.declaration import Declaration
from schemas.errors import KinscaleError
from warehouse import loads
from warehouse.build import Warehouse


def land(batch: Batch, declaration: Declaration, warehouse: Warehouse) -> Load:
    """Land a validated file. Running it twice changes nothing."""
    file = batch.file
    load = Load(
        **_identity(file, declaration),
        rows_read=batch.rows_read,
        rows_accepted=len(batch.accepted),
        rows_quarantined=len(batch.quarantined),
        reasons=_count(batch.quarantined["rule"].tolist()),
        edits=_count(batch.edits["rule"].tolist()),
    )
    loads.replace(warehouse, load, batch)
    return check_output(load, warehouse)


def refuse(file: PulledFile, error: KinscaleError, declaration: Declaration, warehouse: Warehouse) -> Load:
    """Record a file that was refused as a whole, with the message its sender should read."""
    load = Load(**_identity(file, declaration), status="refused", error=str(error))
    loads.refuse(warehouse, load)
    return load


def check_output(load: Load, warehouse: Warehouse) -> Load:
    """Assert that the warehouse holds exactly the rows that were read."""
    seen = warehouse.rows(
        """SELECT (SELECT count(*) FROM interviews WHERE load_id = $load) AS accepted,
                  (SELECT count(*) FROM quarantine WHERE load_id = $load) AS quarantined""",
        load=load.load_id,
    )[0]
    if (seen["accepted"], seen["quarantined"]) != (load.rows_accepted, load.rows_quarantined):
        raise AssertionError(f"{load.file}: the warehouse holds {seen}, the load says {load}")
    return load


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
