"""Corrections that found no row in any file of tonight's delivery: none of them is silently of no effect."""

from __future__ import annotations

from collections.abc import Sequence

from schemas import corrections
from schemas.batch import PulledFile
from schemas.declaration import Declaration
from schemas.errors import CorrectionStale
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
