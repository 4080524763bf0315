"""What somebody can compute who reads a table of counts: linear programmes over its cells, with no code of the project.

The reader knows the shown counts, the bases beside them, that codes sum to a base where they are said to, that regions
sum to their nation, and that no count is below zero or above its base.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.optimize import linprog

ENOUGH = 1 - 1e-6
"""One unit, less what a linear programme is off."""


def bounds_of_hidden(table: pd.DataFrame) -> pd.DataFrame:
    """Return question, code, region, count, low and high of every hidden count of what `hide` returned.

    The fixture must have no unit without a region. A base is known where any count of its region is shown.
    """
    found: list[tuple[object, ...]] = []
    for _, of_question in table.fillna({"region": ""}).groupby("question"):
        rows = of_question.reset_index(drop=True).assign(number=of_question["count"].to_numpy())
        places = sorted(set(rows["region"]))
        n, width = len(rows), len(rows) + len(places)
        known = list(_known(rows, places))
        equations, right = np.array([row for row, _ in known]).reshape(-1, width), [value for _, value in known]
        within = np.zeros((n, width))
        within[np.arange(n), np.arange(n)] = 1.0
        within[np.arange(n), [n + places.index(place) for place in rows["region"]]] = -1.0
        for k in np.flatnonzero(rows["conf_status"] != "F"):
            goal = np.eye(width)[k]
            low, high = (
                way * linprog(way * goal, within, np.zeros(n), equations, right, (0, 10**6)).fun for way in (1, -1)
            )
            found.append((*rows.loc[k, ["question", "code", "region", "count"]], low, high))
    return pd.DataFrame(found, columns=["question", "code", "region", "count", "low", "high"])


def _known(rows: pd.DataFrame, places: list[str]) -> Iterator[tuple[np.ndarray, float]]:
    """Yield what the reader knows as equations over the counts, then the bases of the places; '' is the nation."""
    n = len(rows)
    unit = np.eye(n + len(places))
    base = {place: unit[n + k] for k, place in enumerate(places)}
    for k, row in enumerate(rows.itertuples()):
        if row.conf_status == "F":
            yield unit[k], float(row.number)
            yield base[row.region], float(row.base)
    if "" in places and len(places) > 1:
        yield sum(base[place] for place in places if place) - base[""], 0.0
        for _, of_code in rows.groupby("code", dropna=False):
            yield sum(unit[k] * (1 if rows["region"][k] else -1) for k in of_code.index), 0.0
    if rows["additive"].all():
        for place in places:
            yield unit[np.flatnonzero(rows["region"] == place)].sum(axis=0) - base[place], 0.0


def too_close(table: pd.DataFrame) -> pd.DataFrame:
    """Return the hidden counts, other than zeros, that are known, and those of one rule's own that are within one unit.

    A count of everybody cannot rise where the base is known; so it must be able to fall. A count that is hidden only
    with its whole region (D, and nothing of the question shown there) protects that region's base, and need not be.
    """
    filled = table.fillna({"region": ""})
    shown = filled[filled["conf_status"] == "F"]
    seen = set(zip(shown["question"], shown["region"], strict=True))
    bounds = bounds_of_hidden(table).merge(filled, on=["question", "code", "region", "count"])
    below = bounds["count"] - bounds["low"] > ENOUGH
    above = (bounds["high"] - bounds["count"] > ENOUGH) | (bounds["rule"] == "whole")
    safe = np.where(bounds["conf_status"] == "C", below & above, below | above)
    pairs = zip(bounds["question"], bounds["region"], strict=True)
    seen_there = np.array([pair in seen for pair in pairs], dtype=bool)
    return bounds[~safe & (bounds["count"] > 0) & ((bounds["conf_status"] == "C") | seen_there)]
