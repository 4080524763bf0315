"""Entries that found no row or file in tonight's delivery: none of them is silently of no effect."""

from __future__ import annotations

from collections.abc import Sequence

from schemas import accepted_deliveries, corrections
from schemas.batch import PulledFile
from schemas.declaration import Declaration
from schemas.errors import AcceptanceStale, CorrectionStale
from warehouse import loads
from warehouse.build import Warehouse


def unplaced(declaration: Declaration, files: Sequence[PulledFile], warehouse: Warehouse) -> list[CorrectionStale]:
    """Return an error for each correction that names no file of the delivery, or a questionnaire that no file has.

    An entry that names a file is held to it when that file is read. Of a country with a refused file nothing is known.
    """
    if not declaration.corrections:
        return []
    standing = loads.current(warehouse, declaration.id).values()
    refused = {load.country for load in standing if load.status == "refused"}
    made = loads.corrected(warehouse, declaration.id)
    errors = []
    for entry in declaration.corrections:
        if not any(entry in file.corrections for file in files):
            errors.append(corrections.unplaced(entry, "no file of the delivery has this name"))
        elif entry.file is None and entry.country not in refused:
            number = (entry.questionnaire or "").strip()
            if (entry.country, number, entry.column) not in made:
                errors.append(corrections.unplaced(entry, "no file of the country has this questionnaire"))
    return errors


def unknown_files(declaration: Declaration, files: Sequence[PulledFile], warehouse: Warehouse) -> list[AcceptanceStale]:
    """Return an error for each accepted delivery of a file that is neither delivered nor in force."""
    if not declaration.accepted_deliveries:
        return []
    standing = loads.current(warehouse, declaration.id).values()
    known = {(file.country, file.name, file.uri) for file in files}
    known |= {(load.country, load.file, load.uri) for load in standing}
    return [
        accepted_deliveries.unplaced(entry)
        for entry in declaration.accepted_deliveries
        if not any(entry.concerns(*one) for one in known)
    ]
