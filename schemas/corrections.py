"""Corrections: reviewed edits of single cells (`corrections.yaml`), with a guard that fails when the source moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from schemas.errors import CorrectionStale
from schemas.named_row import NamedRow, read_entries, wrong_entry
from schemas.placeholders import Filled, not_a_placeholder

if TYPE_CHECKING:
    import pandas as pd

    from schemas.failures import Failures

NAME = "corrections.yaml"
RULE = "correction"
"""Rule under which a correction stands in the log of edits."""
DROPPED = "dropped_by_correction"
"""Rule under which a dropped row is in quarantine."""


class Correction(NamedRow):
    """One cell, what it says as delivered, and what it should say; or the row is dropped."""

    column: str
    """The instrument's name of the column."""
    expect: str
    """The cell as delivered; when it says something else the entry is stale."""
    set: Annotated[str, AfterValidator(not_a_placeholder)] | None = None
    """The cell as it should have been delivered."""
    drop: Literal[True] | None = None
    reason: Filled
    source: Filled
    """The document the edit rests on."""
    date: date

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if (self.set is None) == (self.drop is None):
            raise ValueError("say either `set` or `drop: true`")
        if self.set is not None and self.set.strip() == self.expect.strip():
            raise ValueError("`set` is what `expect` says is there already")
        return self

    @property
    def act(self) -> str:
        """Name what it does: set or drop."""
        return "drop" if self.drop else "set"

    @property
    def told(self) -> str:
        """Say what was done and why, for the history of a row."""
        act = "dropped" if self.drop else f'{self.column} set from "{self.expect}" to "{self.set}"'
        return f"{act}: {self.reason} ({self.source}, {self.date})"


def read(folder: Path, columns: Mapping[str, frozenset[str]]) -> tuple[Correction, ...]:
    """Read a survey's corrections. columns: country to the columns its sources map.

    Raises DeclarationError for an entry that is wrong, names no column, or is about the cell of another entry.
    """
    path = folder / NAME
    entries = read_entries(path, Correction, list(columns))
    cells: dict[tuple[object, ...], int] = {}
    for entry in entries:
        if entry.column not in columns[entry.country]:
            raise wrong_entry(path, entry.number, f'column: no source of {entry.country} maps "{entry.column}"')
        cell = (entry.country, entry.file, entry.questionnaire, entry.source_row, entry.column)
        if cell in cells:
            raise wrong_entry(path, entry.number, f"entry {cells[cell]} is about the same cell")
        cells[cell] = entry.number
    return entries


def apply(
    raw: pd.DataFrame,
    entries: Sequence[Correction],
    headers: Mapping[str, str],
    key: str,
    file: str,
    failures: Failures,
    rows_found: Counter[int] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Correct the rows as delivered. Returns the corrected rows and the log of edits by position; `raw` stays as it is.

    raw: text with source_row.  headers: column to the file's header.  key: the column with the questionnaire number.
    rows_found: of a file that comes in parts, how many rows of earlier ones each entry names; it is counted on, and
    `check_found` tells at the end what was not there.
    A dropped row becomes a failure. An entry that names a file must find its row there.
    Raises CorrectionStale.
    """
    import pandas as pd

    from schemas.editing import EDIT_COLUMNS

    wanted = [headers[key], *(headers[entry.column] for entry in entries)]
    if not entries or not set(wanted) <= set(raw.columns):
        return raw, pd.DataFrame(columns=EDIT_COLUMNS)  # a header that is missing is named when columns are mapped
    out, log, positions = raw.copy(), [], []
    numbers = raw[headers[key]].str.strip()
    for entry in entries:
        found = entry.positions(numbers, raw["source_row"])
        earlier = 0 if rows_found is None else rows_found[entry.number]
        if rows_found is not None:
            rows_found[entry.number] += len(found)
        if len(found) + earlier > 1 or (rows_found is None and len(found) == 0):
            _check_number(entry, len(found) + earlier, file)
        if len(found) == 0:
            continue
        position = int(found[0])
        seen = _text(raw[headers[entry.column]].iloc[position])
        row = int(raw["source_row"].iloc[position])
        if seen.strip() != entry.expect.strip():
            raise _stale(entry, file, row, f'the cell is "{seen}" and no longer "{entry.expect}"')
        number = _text(numbers.iloc[position])
        positions.append(position)
        log.append([row, number, RULE, entry.act, entry.column, seen, entry.set or ""])
        if entry.drop:
            dropped = pd.Series(range(len(raw)), index=raw.index) == position
            failures.add(DROPPED, entry.column, raw[headers[entry.column]], dropped, entry.reason)
        else:
            out.iloc[position, out.columns.get_loc(headers[entry.column])] = entry.set
    return out, pd.DataFrame(log, columns=EDIT_COLUMNS, index=positions)


def check_found(entries: Sequence[Correction], rows_found: Mapping[int, int], file: str) -> None:
    """Refuse a file in which an entry that names it found no row. Raises CorrectionStale."""
    for entry in entries:
        _check_number(entry, rows_found.get(entry.number, 0), file)


def _check_number(entry: Correction, found: int, file: str) -> None:
    if found > 1:
        raise _stale(entry, file, None, f"{found} rows have this number", "Name one by `file` and `source_row`.")
    if found == 0 and entry.file is not None:
        raise _stale(entry, file, None, "the row is not in the file any more")


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else ""


def _stale(entry: Correction, file: str, row: int | None, what: str, step: str | None = None) -> CorrectionStale:
    return CorrectionStale(
        f"{what} ({NAME}, entry {entry.number}: {entry.row}).",
        file=file,
        row=row,
        column=entry.column,
        expected=f'"{entry.expect}", as when the correction was written on {entry.date}',
        next_step=step or f"Look at the new delivery, then remove or renew entry {entry.number} of {NAME}.",
        facts={"entry": entry.number},
    )


def unplaced(entry: Correction, why: str) -> CorrectionStale:
    """Return the error of an entry whose row is in no file of the delivery."""
    return _stale(entry, NAME, None, why)
