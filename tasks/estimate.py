"""Step 6: compute each indicator, domain and method of the survey from the PSU totals, as far as not known yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping

import pandas as pd

from estimators.parts import TOGETHER, WHOLE, Part, beside, estimate_parts, own_options, parts, rests_on
from schemas.declaration import Declaration
from schemas.selection import Selection
from tasks.lonely_strata import declared
from warehouse import canonical, code_version, estimated
from warehouse.build import Warehouse

POPULATIONS = ["country", "region", "population_thousands"]


def estimate(
    psu_totals: pd.DataFrame,
    declaration: Declaration,
    warehouse: Warehouse,
    selection: Selection | None = None,
    say: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Return every cell of `estimates` but its release: survey and wave are set, release_id is not known yet.

    A part of which nothing changed comes from the build warehouse; the others are computed and kept there. selection:
    what it takes is computed whatever is kept, and what it does not take stays as it was kept, if it is. Raises
    DeclarationError if a stratum has one settlement and the survey does not say what it stands for.
    """
    settings = declaration.settings
    listed = parts(psu_totals, settings)
    known = estimated.keys(warehouse, declaration.id)
    now = part_keys(listed, psu_totals, declaration)
    wanted = [part for part in listed if is_wanted(part, known.get(part), now[part], selection)]
    if say:
        say(message(wanted, listed))
    with declared(declaration):
        made = estimate_parts(psu_totals, declaration.population, settings, wanted)
    estimated.replace(warehouse, declaration.id, {part: now[part] for part in wanted}, made, set(listed))
    cells = estimated.read(warehouse, declaration.id)
    return check_output(cells.assign(survey_id=declaration.id, wave=declaration.wave))


def is_wanted(part: Part, kept: str | None, now: str, selection: Selection | None) -> bool:
    """Tell whether a part is computed. kept: its key in the store, or None if it is not there. now: the key it has."""
    if kept is None or selection is None:
        return kept != now
    return selection.takes(None if part.country in (TOGETHER, WHOLE) else part.country, part.method)


def part_keys(listed: Collection[Part], psu_totals: pd.DataFrame, declaration: Declaration) -> dict[Part, str]:
    """Return SHA-256 over all that each part rests on: PSU rows, populations, what its method is told, and the code."""
    settings = declaration.settings
    code = code_version.fingerprint(code_version.ESTIMATES)
    countries = dict.fromkeys(part.country for part in listed)
    rows = {country: _rows_key(country, psu_totals, declaration.population) for country in countries}
    said: Mapping[str, object] = {"beside": beside(settings), "reliability": settings["reliability"]}
    keys = {}
    for part in listed:
        told = json.dumps([own_options(part.method, settings), said], sort_keys=True)
        keys[part] = hashlib.sha256("\0".join([*part, rows[part.country], told, code]).encode()).hexdigest()
    return keys


def _rows_key(country: str, psu_totals: pd.DataFrame, population: pd.DataFrame) -> str:
    """Return SHA-256 over the rows that parts of a country, or of all together, are made from, in one order."""
    psus, people = rests_on(country, psu_totals, population[POPULATIONS])
    order = [name for name in ("country", "region", "stratum", "psu", "family") if name in psus]
    digest = hashlib.sha256()
    canonical.update(digest, psus.sort_values(order, ignore_index=True))
    canonical.update(digest, people.sort_values(POPULATIONS[:2], ignore_index=True))
    return digest.hexdigest()


def message(wanted: Collection[Part], listed: Collection[Part]) -> str:
    """Say whose cells are computed, and whose are as before."""
    names = {TOGETHER: "all countries", WHOLE: "all countries"}
    again = dict.fromkeys(names.get(part.country, part.country) for part in wanted)
    before = dict.fromkeys(names.get(part.country, part.country) for part in listed if part not in wanted)
    kept = [name for name in before if name not in again]
    some = [name for name in before if name in again]
    told = f"estimating {', '.join(again)}" if again else "estimating nothing anew"
    told += f"; {len(listed) - len(wanted)} of {len(listed)} parts as before" if some else ""
    return told + (f" ({', '.join(kept)} as before)" if kept else "")


def check_output(cells: pd.DataFrame) -> pd.DataFrame:
    """Assert that limits hold their estimate and that no standard error is negative."""
    known = cells.dropna(subset=["estimate", "ci_low", "ci_high"])
    outside = known[(known["estimate"] < known["ci_low"] - 1e-9) | (known["estimate"] > known["ci_high"] + 1e-9)]
    if len(outside):
        raise AssertionError(
            f"{len(outside)} cells lie outside their own limits, the first: {outside.iloc[0].to_dict()}"
        )
    return cells
