"""Victim lists outside any survey: read a table of overlaps, check every cell, and estimate those on no list.

Not here: the models (`estimators.multiple_systems`), and how the answer is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from estimators.list_overlap import listed_people
from estimators.multiple_systems import estimate_lists
from estimators.multiple_systems.overlaps import LARGEST, overlaps
from schemas.errors import ListsInvalid, MissingColumn, SourceMissing
from sources import delimited
from sources.table import ROW, RawTable

COUNT = "count"
LARGEST_COUNT = 10**9
"""More people than this on one combination is a misprint."""


@dataclass(frozen=True)
class ListEstimates:
    """What the lists say. shared: people on both lists of each pair, by name. models: `estimate_lists`' rows."""

    file: str
    lists: tuple[str, ...]
    observed: int
    shared: Mapping[str, int]
    models: pd.DataFrame

    @property
    def record(self) -> dict[str, Any]:
        """Return the same for programs; what is not known, and a limit that does not exist, is null."""
        models = self.models.replace([np.inf, -np.inf], np.nan).astype(object)
        rows = models.where(models.notna(), None).to_dict("records")
        facts = {"file": self.file, "lists": list(self.lists), "observed": self.observed, "shared": dict(self.shared)}
        return {**facts, "estimates": rows}


def estimate(
    path: Path,
    ignore: Sequence[str] = (),
    delimiter: str = ",",
    options: Mapping[str, Any] | None = None,
    entries: tuple[str, str] | None = None,
) -> ListEstimates:
    """Estimate all victims from a file of lists, one row per combination (with `count`) or one row per person.

    ignore: columns that are no lists, as an identifier. entries: the columns of the key of a person and of the name of
    the list, where each row is a person on one list. options: those of `estimate_lists`. Raises SourceMissing,
    a DeliveryError for a file that is no table, and ListsInvalid naming row and column.
    """
    table = read_entries(path, *entries, delimiter) if entries else read(path, ignore, delimiter)
    data = overlaps(table)
    shared = {data.name(pair): data.shared(pair) for pair in data.pairs}
    return ListEstimates(path.name, data.lists, data.observed, shared, estimate_lists(table, options))


def read(path: Path, ignore: Sequence[str] = (), delimiter: str = ",") -> pd.DataFrame:
    """Return the table of overlaps that `estimate_lists` takes: a column of 0 and 1 per list, and `count`."""
    raw = _table(path, delimiter)
    for name in ignore:
        if name not in raw.columns:
            raise MissingColumn("it is to be ignored, but is not there.", file=raw.file, column=name)
    lists = [name for name in raw.columns if name not in (COUNT, *ignore)]
    _check_lists(raw, lists)
    table = pd.DataFrame({name: _marks(raw, name) for name in lists})
    table[COUNT] = _counts(raw) if COUNT in raw.columns else 1
    _check_people(raw, table, lists)
    return table.groupby(lists, as_index=False)[COUNT].sum()


def read_entries(path: Path, person: str, on_list: str, delimiter: str = ",") -> pd.DataFrame:
    """Return the same from a file with one row per person and list: their key, and the name of the list.

    Raises ListsInvalid where the lists cannot be matched, with the reason and how many people they can hold together.
    """
    raw = _table(path, delimiter)
    for name in (person, on_list):
        if name not in raw.columns:
            raise MissingColumn("it is to name people or lists, but is not there.", file=raw.file, column=name)
    cells = raw.frame[[person, on_list]].apply(lambda column: column.str.strip())
    found = listed_people(cells.mask(cells == ""), person, on_list)
    if found.overlaps is None:
        low, high = found.bounds
        raise ListsInvalid(
            f"people on no list cannot be estimated: {found.reason}.",
            file=raw.file,
            expected="lists that use one key for one person, some of whom stand on two of them",
            next_step=f"All that can be said: between {low:,} and {high:,} people stand on these lists.",
            facts={"verdict": found.verdict, "fewest": low, "most": high, "lists": found.n_lists},
        )
    return found.overlaps


def _table(path: Path, delimiter: str) -> RawTable:
    if not path.is_file():
        raise SourceMissing("there is no such file.", file=str(path), next_step="An example: samples/victim_lists/")
    raw = delimited.read(path, path.name, {"format": "csv", "encoding": "utf-8-sig", "delimiter": delimiter})
    if raw.damaged:
        first = raw.damaged[0]
        raise ListsInvalid(f"the row does not fit the header: {first.reason}.", file=raw.file, row=first.source_row)
    return raw


def _check_lists(raw: RawTable, lists: Sequence[str]) -> None:
    if not 2 <= len(lists) <= LARGEST:
        raise ListsInvalid(
            f"there are {len(lists)} lists ({', '.join(lists) or 'none'}).",
            file=raw.file,
            expected=f"2 to {LARGEST} columns of 0 and 1, and `{COUNT}` unless each row is a person",
            next_step="Leave other columns out with --ignore NAME, or name another --delimiter.",
        )


def _marks(raw: RawTable, name: str) -> pd.Series:
    """Read one list's column. Raises ListsInvalid at the first cell that is neither 0 nor 1."""
    cells = raw.frame[name].str.strip()
    wrong = ~cells.isin(["0", "1"])
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        said = cells.iloc[at] if pd.notna(cells.iloc[at]) else ""
        raise ListsInvalid(
            f'"{said}" is neither 0 nor 1.',
            file=raw.file,
            row=int(raw.frame[ROW].iloc[at]),
            column=name,
            expected="1 for who is on the list, 0 for who is not",
            next_step=f"Correct the cell; if {name} is no list, leave it out: --ignore {name}",
        )
    return cells.astype("int64")


def _counts(raw: RawTable) -> pd.Series:
    """Read the column of counts. Raises ListsInvalid at the first cell that is no whole number of 0 or more."""
    cells = raw.frame[COUNT].str.strip()
    numbers = pd.to_numeric(cells, errors="coerce")
    wrong = ~((numbers >= 0) & (numbers % 1 == 0) & (numbers <= LARGEST_COUNT))
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        raise ListsInvalid(
            f'"{cells.iloc[at]}" is not a number of people.',
            file=raw.file,
            row=int(raw.frame[ROW].iloc[at]),
            column=COUNT,
            expected=f"a whole number from 0 to {LARGEST_COUNT:,}",
        )
    return numbers.astype("int64")


def _check_people(raw: RawTable, table: pd.DataFrame, lists: Sequence[str]) -> None:
    """Refuse people on no list, whose number is what is estimated, and lists without anybody."""
    nowhere = (table[list(lists)].sum(axis=1) == 0) & (table[COUNT] > 0)
    if nowhere.any():
        row = int(raw.frame[ROW].iloc[int(nowhere.to_numpy().argmax())])
        raise ListsInvalid(
            "people on no list: their number is what is to be estimated.",
            file=raw.file,
            row=row,
            expected="a 1 for at least one list",
            next_step="Take the row out.",
        )
    for name in lists:
        if not table.loc[table[name] == 1, COUNT].sum():
            raise ListsInvalid(
                "nobody is on this list.", file=raw.file, column=name, next_step=f"Leave it out: --ignore {name}"
            )
