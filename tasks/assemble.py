"""Step 7a: build the tidy result tables of a release from the estimated cells."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from estimators import reproduction
from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.result_tables import conform, dictionary
from tasks.compare import compare
from warehouse.canonical import rounded


def assemble(
    cells: pd.DataFrame, psu_totals: pd.DataFrame, declaration: Declaration, loads: Sequence[Load], release_id: str
) -> dict[str, pd.DataFrame]:
    """Return the tables of a release but `quality` and its history, each as its description in the schemas demands.

    loads: the files in force, whose row counts stand beside the questionnaires the publication counted.
    """
    check_input(cells, declaration)
    return {
        "estimates": conform("estimates", rounded(cells.assign(release_id=release_id))),
        "reproduction": _reproduction(cells, psu_totals, declaration, loads),
        "regions": conform("regions", regions(declaration)),
        "dictionary": dictionary(),
        **compare(psu_totals, declaration, release_id),
    }


def check_input(cells: pd.DataFrame, declaration: Declaration) -> None:
    """Assert that there is something to publish for every declared method."""
    missing = set(declaration.methods) - set(cells["method"])
    if missing:
        raise AssertionError(f"no cell of method {', '.join(sorted(missing))}")


def regions(declaration: Declaration) -> pd.DataFrame:
    """Lay out the survey's regions with the population their totals rest on."""
    population = declaration.population.dropna(subset=["region"])
    columns = ["country", "region", "population_thousands", "reference_date", "grade", "source"]
    names = declaration.regions[["country", "region", "name_en", "name_ru", "surveyed"]]
    return names.merge(population[columns], on=["country", "region"], how="left").assign(survey_id=declaration.id)


def _reproduction(
    cells: pd.DataFrame, psu_totals: pd.DataFrame, declaration: Declaration, loads: Sequence[Load]
) -> pd.DataFrame:
    if declaration.published is None:
        empty = pd.DataFrame(columns=["survey_id"])
        return conform("reproduction", empty.reindex(columns=_reproduction_columns()))
    read: dict[str, tuple[int, int, int]] = {}
    for load in loads:
        before = read.get(load.country, (0, 0, 0))
        now = (load.rows_read, load.rows_accepted, load.rows_quarantined)
        read[load.country] = (before[0] + now[0], before[1] + now[1], before[2] + now[2])
    frame = reproduction.reproduce(declaration.published, psu_totals, cells, declaration.population, read)
    return conform("reproduction", rounded(frame.assign(survey_id=declaration.id, source=declaration.publication)))


def _reproduction_columns() -> list[str]:
    from schemas.result_tables import tables

    return tables()["reproduction"].names
