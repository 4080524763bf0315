"""Step 7e: what must hold before a release, put together from `tasks/gates/`; what was seen is the table `quality`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from schemas import instrument
from schemas.additivity import additivity
from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.expectation import Validation
from schemas.result_tables import conform
from tasks.gates.accounting import accounting
from tasks.gates.check import CELL, Check
from tasks.gates.completeness import completeness, national_totals
from tasks.gates.countries import countries_add_up
from tasks.gates.expectations import expectations
from tasks.gates.plausibility import plausibility
from tasks.gates.records import codes_add_up, tallies_add_up
from tasks.gates.regions import region_set, regional_gap, regions_add_up, regions_add_up_as_rounded
from tasks.gates.reproduction import reproduction
from tasks.gates.splits import splits_add_up
from warehouse.accounting import Fault


def gate(
    tables: Mapping[str, pd.DataFrame],
    cells: pd.DataFrame,
    declaration: Declaration,
    loads: Sequence[Load],
    previous: pd.DataFrame | None,
    release_id: str,
    confidentiality: Sequence[Check] = (),
    validations: Sequence[Validation] = (),
    reason: str | None = None,
    faults: Sequence[Fault] = (),
) -> pd.DataFrame:
    """Return the table `quality`.

    tables: as they will be published, after disclosure control. cells: the estimates before rounding and
    disclosure control, on which sums are checked. previous: `estimates` of the survey's last release, or None
    for the first. confidentiality: what the audit of disclosure control found. validations: what the expectation
    suites found. reason: why this release may move far from the last one, or lose numbers of it.
    faults: what does not add up in any load that ever landed.
    """
    published = tables["estimates"]
    own = of_records if instrument.find(declaration.instrument).ANALYSIS == instrument.RECORDS else of_families
    checks = [
        *accounting(loads, faults),
        *own(published, cells[[*CELL, "estimate"]], declaration, tables),
        *completeness(published),
        *plausibility(published, previous, declaration.plausibility, reason),
        *confidentiality,
        *expectations(validations),
        *reproduction(tables["reproduction"]),
    ]
    frame = pd.DataFrame([vars(check) for check in checks]).assign(release_id=release_id)
    return conform("quality", frame)


def of_families(
    published: pd.DataFrame, cells: pd.DataFrame, declaration: Declaration, _: Mapping[str, pd.DataFrame]
) -> list[Check]:
    """Check what must add up between forms, places, regions and countries."""
    promises = additivity()
    return [
        *splits_add_up(cells, promises),
        *countries_add_up(cells, promises),
        *regions_add_up(cells, declaration, promises),
        *regions_add_up_as_rounded(published, declaration, promises),
        *regional_gap(cells, published, declaration, promises),
        *region_set(cells, declaration),
        *national_totals(cells),
    ]


def of_records(
    _: pd.DataFrame, cells: pd.DataFrame, declaration: Declaration, tables: Mapping[str, pd.DataFrame]
) -> list[Check]:
    """Check that codes share out their base, that regions make the nation, and that nothing else is said to add up."""
    return [*codes_add_up(tables["indicators"]), *tallies_add_up(cells, tables["indicators"], declaration)]


def refused(quality: pd.DataFrame) -> list[str]:
    """Name the checks that stop the release, each with what was compared."""
    rows = quality[quality["verdict"] == "refused"]
    return [f"{row.check_id} ({row.scope}): {row.detail}" for row in rows.itertuples()]
