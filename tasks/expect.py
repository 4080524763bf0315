"""Step 7d: run the expectation suites on what the warehouse holds and on the tables that will be published."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from schemas import instrument
from schemas.declaration import Declaration
from schemas.expectation import Validation
from warehouse import checkpoint
from warehouse.build import Warehouse


def expect(tables: Mapping[str, pd.DataFrame], declaration: Declaration, warehouse: Warehouse) -> list[Validation]:
    """Return what each suite found; nothing is refused here. tables: as they will be published."""
    return checkpoint.run(warehouse, tables, instrument.find(declaration.instrument), parameters(declaration))


def parameters(declaration: Declaration) -> dict[str, object]:
    """Name what queries and suites may ask of a survey's declaration."""
    return {
        "survey": declaration.id,
        "countries": list(declaration.countries),
        "methods": list(declaration.methods),
        "largest_invalid_share": declaration.acceptance.largest_invalid_share,
        "first_day": declaration.fieldwork.first_day.isoformat(),
        "last_day": declaration.fieldwork.last_day.isoformat(),
    }
