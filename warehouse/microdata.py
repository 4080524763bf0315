"""Where accepted records lie as Parquet: a folder or an object store of immutable parts, by survey, country and load.

Lives here: the files and their names. Not here: which of them count (`interview_parts`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from schemas import settings
from schemas.errors import CredentialsMissing
from sources.credentials import from_environment, variable
from sources.storage import connect
from warehouse.private import OWNER_ONLY

if TYPE_CHECKING:
    import pyarrow

    from schemas.instrument import Instrument

ROWS_OF_GROUP = 122_880
"""Rows that are compressed together, as in DuckDB's own files."""
IN_NAME = ("survey_id", "country", "load_id")
"""Columns that a file's place tells, and that are not in it."""
WRITING = ".writing-"
"""Beginning of names of folders in which a part is written."""
OWNER = f"build{os.sep}microdata.id"
"""Names the data folder to those that share its root."""
PLAIN = f"build{os.sep}interviews"
"""Where parts lie in a data folder whose settings name no other place."""
RESULTS = "_results"
"""Folder beside the parts in which what Spark found lies until it is read."""


@dataclass(frozen=True)
class Part:
    """One file of accepted records of one load. place: below the root; form: of its columns; rows and bytes of it."""

    survey_id: str
    country: str
    load_id: str
    place: str
    form: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class Microdata:
    """A root below which parts lie, and how it is reached.

    storage: fsspec's, None for a folder. credentials: the name of those that it was opened with.
    """

    root: str
    home: Path
    storage: Any = field(default=None, repr=False, compare=False)
    credentials: str | None = None

    @classmethod
    def of(cls, home: Path, chosen: settings.Settings) -> Microdata:
        """Return the place that the settings of a data folder name. Raises CredentialsMissing, DeclarationError."""
        root = chosen.microdata
        if root is None or "://" not in root:
            return cls(str((home / Path(root or PLAIN).expanduser()).resolve()), home)
        name = chosen.microdata_credentials
        credentials = from_environment(name) if name else None
        if name and credentials is None:
            raise CredentialsMissing(
                f'the credentials "{name}" of `microdata` are not set.',
                file=str(settings.file(home)),
                expected=f"environment variables {variable(name)}KEY_ID, ...SECRET and so on",
                next_step="Set them where the night runs; docs/surveys.md lists the keys.",
            )
        return cls(root.rstrip("/"), home, connect(root, credentials)[0], name)

    @property
    def owner(self) -> str:
        """Name the data folder in names of its parts: several may share a root, and each sweeps its own alone."""
        file = self.home / OWNER
        with contextlib.suppress(FileExistsError):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as out:
                out.write(uuid.uuid4().hex[:12])
        return file.read_text(encoding="ascii")

    def place(self, survey_id: str, country: str, load_id: str) -> str:
        """Return a place that no file has."""
        name = f"{self.owner}-{uuid.uuid4().hex}.parquet"
        return f"survey_id={survey_id}/country={country}/load_id={load_id}/{name}"

    def address(self, place: str) -> str:
        """Return how DuckDB and Spark name a file."""
        return f"{self.root}/{place}"

    def written(
        self, survey_id: str, country: str, load_id: str, schema: pyarrow.Schema, place: str = ""
    ) -> PartWriter:
        """Begin a part; `add` tables to it and `end` it. schema: of the file, as `schema_of` gives it.

        place: below the root, where it is not that of a part that counts.
        """
        return PartWriter(self, survey_id, country, load_id, schema, place)

    def again(self, part: Part, load_id: str) -> Part:
        """Return a part with the same rows under the name of another load."""
        place = self.place(part.survey_id, part.country, load_id)
        with self._local() as folder:
            whole = folder / "part"
            if self.storage is None:
                whole = Path(self.address(part.place))
            else:
                self.storage.get_file(self.address(part.place), str(whole))
            self.put(whole, place, keep=True)
        return replace(part, load_id=load_id, place=place)

    def put(self, whole: Path, place: str, keep: bool = False) -> None:
        """Give a file its place. keep: leave it where it is as well."""
        if self.storage is not None:
            self.storage.put_file(str(whole), self.address(place))
            return
        target = Path(self.address(place))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if keep:
            try:
                target.hardlink_to(whole)
            except OSError:  # a file system without hard links
                shutil.copyfile(whole, target)
        else:
            whole.replace(target)
        handle = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def listed(self) -> Iterator[str]:
        """Yield the place of every part that this data folder wrote, whether it counts or not."""
        mine = f"survey_id=*/*/*/{self.owner}-*.parquet"
        if self.storage is None:
            root = Path(self.root)
            yield from sorted(path.relative_to(root).as_posix() for path in root.glob(mine))
            return
        yield from (place for place in self._found("") if PurePosixPath(place).match(mine))

    def _found(self, below: str) -> Iterator[str]:
        """Yield the place of every file of a store below a folder of the root."""
        inside = self.storage._strip_protocol(self.root).rstrip("/")
        for path in sorted(self.storage.find(f"{inside}/{below}".rstrip("/"))):
            yield str(path).removeprefix(inside).lstrip("/")

    def sweep(self) -> None:
        """Remove what killed processes were writing into the data folder's own place; call under its lock."""
        if self.root == str((self.home / PLAIN).resolve()):
            for folder in Path(self.root).glob(f"{WRITING}*"):
                shutil.rmtree(folder, ignore_errors=True)

    def remove(self, place: str) -> None:
        """Remove a file."""
        if self.storage is None:
            Path(self.address(place)).unlink(missing_ok=True)
        else:
            self.storage.rm_file(self.address(place))

    @contextlib.contextmanager
    def result(self) -> Iterator[str]:
        """Give a place to what Spark finds: a folder that no other result has, gone when the block ends."""
        place = f"{RESULTS}/{self.owner}-{uuid.uuid4().hex}"
        try:
            yield place
        finally:
            self.remove_result(place)

    def files_of(self, place: str) -> list[str]:
        """Return the addresses of the Parquet files of a result, by name."""
        if self.storage is None:
            return sorted(str(path) for path in Path(self.address(place)).glob("*.parquet"))
        return [self.address(name) for name in self._found(place) if name.endswith(".parquet")]

    def table(self, address: str) -> pyarrow.Table:
        """Read a Parquet file of a result."""
        import pyarrow
        import pyarrow.parquet

        content = address if self.storage is None else pyarrow.BufferReader(self.storage.cat_file(address))
        return pyarrow.parquet.read_table(content, partitioning=None)

    def results(self) -> list[str]:
        """Return the place of every result of this data folder; none is wanted when no query runs."""
        if self.storage is None:
            return sorted(f"{RESULTS}/{path.name}" for path in Path(self.root).glob(f"{RESULTS}/{self.owner}-*"))
        folders = {"/".join(PurePosixPath(name).parts[:2]) for name in self._found(RESULTS)}
        return sorted(place for place in folders if place.startswith(f"{RESULTS}/{self.owner}-"))

    def remove_result(self, place: str) -> None:
        """Remove a result."""
        if self.storage is None:
            shutil.rmtree(self.address(place), ignore_errors=True)
            with contextlib.suppress(OSError):  # it holds the result of another query
                Path(self.address(RESULTS)).rmdir()
            return
        for name in list(self._found(place)):
            self.remove(name)

    @contextlib.contextmanager
    def _local(self) -> Iterator[Path]:
        """Give a folder of its own for a file that has no place yet: beside the others, where the disk is the same."""
        beside = None if self.storage is not None else Path(self.root)
        if beside is not None:
            beside.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=WRITING, dir=beside))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class PartWriter:
    """A part that is being written, part of a file by part of a file; nobody sees it before its end."""

    def __init__(
        self, store: Microdata, survey_id: str, country: str, load_id: str, schema: pyarrow.Schema, place: str = ""
    ) -> None:
        """Begin without a row."""
        import pyarrow.parquet

        self._store, self._named, self.schema = store, (survey_id, country, load_id), schema
        self._place = place or store.place(*self._named)
        self._stack = contextlib.ExitStack()
        self._file = self._stack.enter_context(store._local()) / "part"
        before = os.umask(OWNER_ONLY)
        try:
            self._writer = pyarrow.parquet.ParquetWriter(self._file, schema, compression="zstd")
        finally:
            os.umask(before)
        self._stack.callback(self._writer.close)
        self._waiting: list[Any] = []
        self._rows = 0

    def add(self, table: pyarrow.Table) -> None:
        """Take rows; they are written when they fill a group."""
        self._waiting.append(as_stored(table, self.schema))
        self._rows += len(table)
        if sum(map(len, self._waiting)) >= ROWS_OF_GROUP:
            self._write()

    def _write(self) -> None:
        import pyarrow

        if self._waiting:
            self._writer.write_table(pyarrow.concat_tables(self._waiting), row_group_size=ROWS_OF_GROUP)
            self._waiting = []

    def end(self) -> Part:
        """Write what is left, see that it is on the disk, and give the file its place."""
        with self._stack:
            self._write()
            self._writer.close()
            with self._file.open("rb") as handle:
                os.fsync(handle.fileno())
            size = self._file.stat().st_size
            self._store.put(self._file, self._place)
        return Part(*self._named, self._place, form_of(self.schema), self._rows, size)

    def abandon(self) -> None:
        """Leave nothing of it."""
        self._stack.close()


def schema_of(instrument: Instrument) -> pyarrow.Schema:
    """Return the columns of a part of an instrument's records: those of the table that its place does not tell."""
    import pyarrow

    kinds = {
        **dict.fromkeys(instrument.WHOLE_NUMBERS, pyarrow.int64()),
        **dict.fromkeys(instrument.NUMBERS, pyarrow.float64()),
        **dict.fromkeys(instrument.DATES, pyarrow.date32()),
    }
    columns = [(name, kinds.get(name, pyarrow.string())) for name in instrument.COLUMNS if name not in IN_NAME]
    kept = [(name, pyarrow.int64()) for name in ("source_row", *instrument.KEPT)]
    return pyarrow.schema([*kept, *columns])


def form_of(schema: pyarrow.Schema) -> str:
    """Name the columns of a part, so that parts with the same ones are read together."""
    return hashlib.sha256(",".join(schema.names).encode()).hexdigest()[:8]


def as_stored(table: pyarrow.Table, schema: pyarrow.Schema) -> pyarrow.Table:
    """Return the columns of a schema with its types; a column that is not there is null."""
    import pyarrow

    columns = [
        table[name].cast(kind) if name in table.column_names else pyarrow.nulls(len(table), kind)
        for name, kind in zip(schema.names, schema.types, strict=True)
    ]
    return pyarrow.table(columns, schema=schema)
