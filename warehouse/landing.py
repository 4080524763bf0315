"""Landing of rows in one transaction: those of many files together, or those of a long file part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from schemas.batch import Batch, Load, Stored
from warehouse import interview_parts
from warehouse.build import Warehouse
from warehouse.life_cycle import as_opened
from warehouse.microdata import Part, PartWriter, schema_of

if TYPE_CHECKING:
    import pandas as pd

ROW_GROUP = 122_880
"""Rows that DuckDB compresses together. What is added as whole groups goes to the file at once; the rest of a
statement stays in memory until the transaction ends, which a file of a hundred parts would fill."""
OF_LOADS = "(load_id IN (SELECT unnest($loads))) IS TRUE"
"""Picks the rows of some loads. When DuckDB plans a join it takes rows that are not committed yet for none, and a whole
long file would go into the hash table; a join whose mark is asked, as here, is never turned round."""
TABLES = ("quarantine", "edits")


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

    def take(self, stored: Sequence[tuple[Load, Stored]]) -> None:
        """Insert the rows of loads that lie in files, each of which may hold those of several."""
        for place in dict.fromkeys(file.place for _, file in stored):
            names = [load.load_id for load, file in stored if file.place == place]
            self.warehouse.execute(
                f"""INSERT INTO {self.table} BY NAME
                    SELECT * FROM read_parquet($place, hive_partitioning = false) WHERE {OF_LOADS}""",
                place=place,
                loads=names,
            )

    def flush(self) -> None:
        """Insert what is left."""
        rows = self._together() if self.waiting else []
        if len(rows):
            self.warehouse.append(self.table, rows)
        self.waiting = []

    def _together(self) -> Any:
        import pyarrow

        return pyarrow.concat_tables(self.waiting, promote_options="permissive")


@dataclass
class RowsOfParts:
    """Accepted records on their way into Parquet parts, one of each load."""

    warehouse: Warehouse
    table: str
    writing: dict[str, PartWriter] = field(default_factory=dict)
    written: list[Part] = field(default_factory=list)

    def add(self, parts: Sequence[tuple[Load, pd.DataFrame]]) -> None:
        """Take the rows of several loads. What is not flushed in the end leaves a file that counts nothing."""
        import pyarrow

        for load, frame in parts:
            if not len(frame):
                continue
            if not (frame["country"] == load.country).all():
                raise AssertionError(f"{load.file}: a part holds the rows of one country, {load.country}")
            if load.load_id not in self.writing:
                schema = schema_of(self.warehouse.instrument)
                self.writing[load.load_id] = self.warehouse.microdata.written(
                    load.survey_id, load.country, load.load_id, schema
                )
            self.writing[load.load_id].add(pyarrow.Table.from_pandas(frame, preserve_index=False, nthreads=1))

    def take(self, stored: Sequence[tuple[Load, Stored]]) -> None:
        """Take parts that are written already."""
        self.written += [
            Part(load.survey_id, load.country, load.load_id, file.place, file.form, file.rows, file.bytes)
            for load, file in stored
        ]

    def flush(self) -> None:
        """Give the parts their places, and let them count."""
        self.written += [writer.end() for writer in self.writing.values()]
        interview_parts.enter(self.warehouse, self.written)
        self.writing, self.written = {}, []

    def abandon(self) -> None:
        """Leave nothing of what was not flushed."""
        for writer in self.writing.values():
            writer.abandon()


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
        self._warehouse = warehouse
        self._rows = {table: Rows(warehouse, table) for table in TABLES}
        self._records: Rows | RowsOfParts | None = None

    def add(self, part: Sequence[tuple[Load, Batch]]) -> None:
        """Take files, or further parts of them."""
        for load, _ in part:
            before = self.loads.get(load.load_id)
            self.loads[load.load_id] = before.and_then(load) if before else load
        if part and self._records is None:
            outside = interview_parts.are_parts(self._warehouse, part[0][0].survey_id)
            self._records = (RowsOfParts if outside else Rows)(self._warehouse, self._warehouse.records)
        if self._records:
            self._records.add([(load, batch.accepted) for load, batch in part if batch.stored is None])
            self._records.take([(load, batch.stored) for load, batch in part if batch.stored and batch.stored.rows])
        self._rows["quarantine"].add([(load, as_opened(batch.quarantined, self._now)) for load, batch in part])
        self._rows["edits"].add([(load, batch.edits) for load, batch in part])

    def __enter__(self) -> Landing:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave no file half written."""
        if isinstance(self._records, RowsOfParts):
            self._records.abandon()

    def end(self) -> None:
        """Insert what waits."""
        for rows in (self._records, *self._rows.values()):
            if rows:
                rows.flush()
