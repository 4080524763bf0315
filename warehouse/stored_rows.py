"""Accepted rows that a worker writes into files, and that the pipeline lands without having had them in its memory.

For the build warehouse one file a lot, which is removed when it has landed; for Spark the parts that will count.
Nothing counts for being written: what a worker leaves that ended half-way is removed by `sweep`, or by that of parts.
"""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.batch import PulledFile, Stored
from schemas.instrument import Instrument
from warehouse import interview_parts, loads
from warehouse.build import Warehouse
from warehouse.home import Home
from warehouse.microdata import Microdata, PartWriter, schema_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow

NOTHING = Stored("", "", 0, 0)
"""Of a file of which no row is accepted."""


def folder(home: Home) -> Path:
    """Where files wait that are to land in the build warehouse."""
    return home.warehouse.parent / "aside"


def sweep(home: Home) -> None:
    """Remove what waits and never landed. Call under the lock, before files are read."""
    shutil.rmtree(folder(home), ignore_errors=True)


class Writing:
    """The accepted rows of a lot on their way into files. store: of Spark's parts, None for the build warehouse."""

    def __init__(self, home: Home, survey_id: str, instrument: Instrument, store: Microdata | None) -> None:
        """Begin without a row."""
        self._survey_id, self._store, self._schema = survey_id, store, schema_of(instrument)
        self._aside = Microdata(str(folder(home)), home.root)
        self._writers: dict[str, PartWriter] = {}
        self._rows: dict[str, int] = {}

    def add(self, file: PulledFile, rows: pd.DataFrame) -> None:
        """Take accepted rows of a file."""
        import pyarrow

        self._rows[file.load_id] = self._rows.get(file.load_id, 0) + len(rows)
        if not len(rows):
            return
        if not (rows["country"] == file.country).all():
            raise AssertionError(f"{file.name}: accepted rows are of one country, {file.country}")
        table = pyarrow.Table.from_pandas(rows, preserve_index=False, nthreads=1)
        if self._store is not None:
            self._writer(file.load_id, file).add(table)
            return
        marks = {"load_id": file.load_id, "survey_id": self._survey_id, "country": file.country}
        for name, value in marks.items():
            column = pyarrow.repeat(pyarrow.scalar(value), len(table))
            table = table.drop_columns([name] if name in table.column_names else []).append_column(name, column)
        self._writer("", file).add(table)

    def _writer(self, name: str, file: PulledFile) -> PartWriter:
        if name not in self._writers:
            if self._store is not None:
                begun = self._store.written(self._survey_id, file.country, file.load_id, self._schema)
            else:
                place = f"{uuid.uuid4().hex}.parquet"
                begun = self._aside.written(self._survey_id, "", "", _with_marks(self._schema), place)
            self._writers[name] = begun
        return self._writers[name]

    def end(self) -> dict[str, Stored]:
        """Give the files their places; return where the rows of each file lie, by its load_id."""
        ended = {name: writer.end() for name, writer in self._writers.items()}
        if sum(part.rows for part in ended.values()) != sum(self._rows.values()):
            raise AssertionError(f"{sum(self._rows.values()):,} rows were accepted, and others written")

        def stored(name: str, rows: int) -> Stored:
            part = ended[name if self._store is not None else ""]
            place = part.place if self._store is not None else self._aside.address(part.place)
            return Stored(place, part.form, rows, part.bytes)

        return {name: stored(name, rows) if rows else NOTHING for name, rows in self._rows.items()}

    def abandon(self) -> None:
        """Leave nothing of what has not ended."""
        for writer in self._writers.values():
            writer.abandon()


def _with_marks(schema: pyarrow.Schema) -> pyarrow.Schema:
    import pyarrow

    marks = [(name, pyarrow.string()) for name in ("load_id", "survey_id", "country")]
    return pyarrow.schema([*marks, *zip(schema.names, schema.types, strict=True)])


def are_held(
    warehouse: Warehouse,
    survey_id: str,
    country: str,
    numbers: pd.Series,
    stored: Iterable[Stored],
    without: Sequence[str],
) -> bool:
    """Tell whether another file in force has one of some questionnaire numbers, or of those in files of rows.

    without: URIs of the files that bring them.
    """
    files = sorted({one.place for one in stored if one.rows})
    if interview_parts.are_parts(warehouse, survey_id):
        files = [warehouse.microdata.address(place) for place in files]
    asked = "SELECT questionnaire_id FROM rows_given"
    if files:
        asked += " UNION ALL SELECT questionnaire_id FROM read_parquet($files, hive_partitioning = false)"
    if not loads.any_other(warehouse, survey_id, country, without):
        return False
    found = warehouse.rows(
        f"""SELECT 1 FROM interviews JOIN loads USING (load_id)
            WHERE {loads.OTHERS} AND questionnaire_id IN ({asked}) LIMIT 1""",
        numbers.astype("str").to_frame("questionnaire_id"),
        survey=survey_id,
        country=country,
        without=list(without),
        **({"files": files} if files else {}),
    )
    return bool(found)


def forget(warehouse: Warehouse, load_ids: Sequence[str], survey_id: str, stored: Iterable[Stored]) -> None:
    """Remove the files of a lot that are of no use any more: those that have landed, and parts that do not count."""
    places = {one.place for one in stored if one.rows}
    if not interview_parts.are_parts(warehouse, survey_id):
        for place in places:
            with contextlib.suppress(FileNotFoundError):
                Path(place).unlink()
        return
    for place in sorted(places - {part.place for part in interview_parts.of_loads(warehouse, load_ids)}):
        warehouse.microdata.remove(place)
