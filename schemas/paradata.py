"""Paradata: columns that tell how an interview was held. No result rests on them, so no row is refused for them.

What they hold is known to be odd at times; the cell is emptied then, the act logged, and the row counts all the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from schemas import editing
from schemas.failures import Failures

ACTION = "empty"


def take_out(failures: Failures, columns: Sequence[str]) -> pd.DataFrame:
    """Take out every failure of the columns, and return them as `Failures.table` does."""
    table = failures.table()
    found = table[table["column_name"].isin(columns)]
    for rule, part in found.groupby("rule", sort=True):
        failures.take_out(str(rule), set(part["position"]))
    return found


def emptied(frame: pd.DataFrame, taken: pd.DataFrame) -> pd.DataFrame:
    """Return the records, by position, with the cells that failed made missing."""
    out = {}
    for column, part in taken.groupby("column_name"):
        out[str(column)] = frame[str(column)].mask(frame.index.isin(part["position"].to_numpy(dtype=np.int64)))
    return frame.assign(**out)


def log(taken: pd.DataFrame, failures: Failures, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the log of edits, indexed by position: one row per emptied cell of a row that passes.

    taken: what `take_out` returned.  failures: what is left.
    """
    acts = taken[~taken["position"].isin(list(failures.positions()))].set_index("position")
    acts.index = acts.index.astype("int64")
    rows = frame.loc[acts.index, editing.NAMED]
    return editing.acts(rows, acts["rule"].array, ACTION, acts["column_name"].array, acts["value"], "")
