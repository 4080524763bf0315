"""Reporting families, settlements and the largest family behind each count of a region, for disclosure control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from warehouse import reduction
from warehouse.build import Warehouse, statement


def query(places: Sequence[str], windows: Sequence[str], cells: Mapping[str, Sequence[str]]) -> str:
    """Write the GROUP BY. cells: name of a cell, and the answers per interview that it adds up."""
    answers, settlement, region = (
        statement(f"disclosure_counts_{part}") for part in ("answers", "settlement", "region")
    )
    added = {name: " + ".join(parts) for name, parts in cells.items()}
    return statement("disclosure_counts").format(
        answers=",\n".join(answers.format(place=place, window=window) for place in places for window in windows),
        by_settlement=",\n".join(settlement.format(name=name, cases=cases) for name, cases in added.items()),
        by_region=",\n".join(region.format(name=name) for name in cells),
    )


def compute(
    warehouse: Warehouse,
    survey_id: str,
    places: Sequence[str],
    windows: Sequence[str],
    cells: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """Return one row per region in key order, with families_, settlements_, cases_ and largest_ of each cell."""
    return reduction.rows(warehouse, survey_id, query(places, windows, cells))
