"""Women and men make all, inside and abroad both, labour and sexual all: in every domain and method, without a gap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from schemas.additivity import Additivity, Split
from tasks.gates import sums
from tasks.gates.check import CELL, Check


def splits_add_up(cells: pd.DataFrame, promises: Additivity) -> Iterator[Check]:
    """Check every split of `schemas/additivity.yaml` over the estimates before rounding and disclosure control.

    A part without a number is refused unless it is one that cannot be (`cannot_be`), which counts as nothing.
    """
    additive = cells[cells["indicator"].isin(promises.split_indicators)].reset_index(drop=True)
    codes = {name: pd.factorize(additive[name], use_na_sentinel=False)[0] for name in CELL}
    for split in promises.splits:
        rows = additive[split.column].isin([*split.parts, split.whole]).to_numpy()
        laid = lay_out(additive[rows], {name: code[rows] for name, code in codes.items()}, split, promises)
        detail = f"largest relative gap over {laid.complete:,} cells"
        yield sums.gap(split.name, "all methods", laid.worst, promises.tolerance, detail)
        detail = f"{laid.lacking:,} of {laid.complete + laid.lacking:,} sums lack a part"
        detail += f"; {laid.impossible:,} parts cannot be and count as nothing" if laid.impossible else ""
        yield sums.missing(split.name, laid.lacking, detail)


@dataclass(frozen=True)
class Sums:
    """The sums of one split: largest relative gap, how many are complete, lack a part, have parts that cannot be."""

    worst: float
    complete: int
    lacking: int
    impossible: int


def lay_out(rows: pd.DataFrame, codes: Mapping[str, np.ndarray], split: Split, promises: Additivity) -> Sums:
    """Set parts and whole of each sum side by side. rows: parts and wholes of the split; codes: of their columns."""
    key = np.zeros(len(rows), dtype=np.int64)
    for name in CELL:
        if name != split.column:
            key = key * (int(codes[name].max(initial=0)) + 1) + codes[name]
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    columns = (*split.parts, split.whole)
    value = np.full((len(first), len(columns)), np.nan)
    position = rows[split.column].map(columns.index).to_numpy(dtype=int)
    value[place, position] = rows["estimate"].to_numpy(dtype=float)
    cannot = _cannot_be(rows.iloc[first], split, promises) & np.isnan(value)
    known = ~np.isnan(value)
    anything = known.any(axis=1)  # a domain without any number, as without a population, owes no sum
    complete = (known | cannot).all(axis=1) & anything
    total = value[complete, -1]
    gaps = np.abs(np.nansum(value[complete, :-1], axis=1) - total) / np.maximum(np.abs(total), 1)
    return Sums(
        worst=float(gaps.max(initial=0.0)),
        complete=int(complete.sum()),
        lacking=int((anything & ~complete).sum()),
        impossible=int(cannot[anything].sum()),
    )


def _cannot_be(example: pd.DataFrame, split: Split, promises: Additivity) -> np.ndarray:
    """Say which parts of each sum cannot have a number. example: one row of each sum, for its other columns."""
    cannot = np.zeros((len(example), len(split.parts) + 1), dtype=bool)
    for number, part in enumerate(split.parts):
        for cell in promises.cannot_be:
            if cell.get(split.column) == part:
                others = [(example[c] == v).to_numpy() for c, v in cell.items() if c != split.column]
                cannot[:, number] |= np.logical_and.reduce(others)
    return cannot
