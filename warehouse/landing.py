"""Landing of rows in one transaction: those of many files together, or those of a long file part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from schemas.batch import Batch, Load
from warehouse.build import Warehouse
from warehouse.life_cycle import as_opened

if TYPE_CHECKING:
    import pandas as pd

ROW_GROUP = 122_880
"""Rows that DuckDB compresses together. What is added as whole groups goes to the file at once; the rest of a
statement stays in memory until the transaction ends, which a file of a hundred parts would fill."""
TABLES = ("interviews", "quarantine", "edits")


@dataclass
class Rows:
    """Rows that wait for their table until they fill row groups, or until all are there."""

    warehouse: Warehouse
    table: str
    waiting: list[Any] = field(default_factory=list)

    def add(self, parts: Sequence[tuple[Load, pd.DataFrame]]) -> None:
        """Take the rows of several loads, each with the marks of its load."""
        import pyarrow

        parts = [(load, frame) for load, frame in parts if len(frame)]
        if not parts:
            return
        self.waiting.append(pyarrow.Table.from_pandas(_marked(self.table, parts), preserve_index=False, nthreads=1))
        full = sum(map(len, self.waiting)) // ROW_GROUP * ROW_GROUP
        if full:
            rows = self._together()
            for start in range(0, full, ROW_GROUP):
                self.warehouse.append(self.table, rows.slice(start, ROW_GROUP))
            self.waiting = [rows.slice(full)]

    def flush(self) -> None:
        """Insert what is left."""
        rows = self._together() if self.waiting else []
        if len(rows):
            self.warehouse.append(self.table, rows)
        self.waiting = []

    def _together(self) -> Any:
        import pyarrow

        return pyarrow.concat_tables(self.waiting, promote_options="permissive").combine_chunks()


def _marked(table: str, parts: Sequence[tuple[Load, pd.DataFrame]]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    marks = {"load_id": [load.load_id for load, _ in parts], "survey_id": [load.survey_id for load, _ in parts]}
    if table == "quarantine":
        marks |= {"country": [load.country for load, _ in parts], "file": [load.file for load, _ in parts]}
    sizes = [len(frame) for _, frame in parts]
    whole = pd.concat([frame for _, frame in parts], ignore_index=True) if len(parts) > 1 else parts[0][1]
    repeated = {
        name: pd.array(values, dtype="str").take(np.repeat(np.arange(len(values)), sizes))
        for name, values in marks.items()
    }
    return whole.assign(**repeated)


class Landing:
    """The rows of a transaction on their way into their tables, and what each file came to."""

    def __init__(self, warehouse: Warehouse, now: datetime) -> None:
        """Begin; call within a transaction."""
        self.loads: dict[str, Load] = {}
        self._now = now
        self._rows = {table: Rows(warehouse, table) for table in TABLES}

    def add(self, part: Sequence[tuple[Load, Batch]]) -> None:
        """Take files, or further parts of them."""
        for load, _ in part:
            before = self.loads.get(load.load_id)
            self.loads[load.load_id] = before.and_then(load) if before else load
        self._rows["interviews"].add([(load, batch.accepted) for load, batch in part])
        self._rows["quarantine"].add([(load, as_opened(batch.quarantined, self._now)) for load, batch in part])
        self._rows["edits"].add([(load, batch.edits) for load, batch in part])

    def end(self) -> None:
        """Insert what waits."""
        for rows in self._rows.values():
            rows.flush()
