"""What Spark's executors do in an object store: read parts of interviews, and write what a query gave.

Lives here: how an executor opens the store, and what it reads and writes there. Not here: which parts, and what is
asked (`spark_engine`). All of it is sent to executors by value: they need pyarrow and s3fs, and nothing of ours.
Imports pyspark, which is an extra.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark import cloudpickle
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "kinscale_parts"
MOST_TASKS = 1024
"""Of one read; where parts are more, a task takes several."""
ROWS_OF_BATCH = 16_384
"""Rows that an executor hands on together."""
SECRETS = ("key_id", "secret", "token")
"""Keys that an executor takes from its own environment; the others travel."""
cloudpickle.register_pickle_by_value(sys.modules[__name__])


@dataclass(frozen=True)
class Reach:
    """How an executor opens the store. Holds no secret.

    variables: what the names of the environment variables with the secrets begin with; empty for a store that wants
    none.
    """

    variables: str = ""
    endpoint: str | None = None
    region: str | None = None
    ca_file: str | None = None

    def opened(self) -> Any:
        """Return the store as fsspec has it. Raises PermissionError where a secret is not in the environment."""
        from s3fs import S3FileSystem

        secrets = {key: os.environ.get(f"{self.variables}{key.upper()}") for key in SECRETS} if self.variables else {}
        if self.variables and not (secrets["key_id"] and secrets["secret"]):
            raise PermissionError(f"{self.variables}KEY_ID and ...SECRET are not set where Spark's executors run")
        told = {"region_name": self.region or "us-east-1"} | ({"verify": self.ca_file} if self.ca_file else {})
        return S3FileSystem(
            anon=not secrets,
            key=secrets.get("key_id"),
            secret=secrets.get("secret"),
            token=secrets.get("token"),
            endpoint_url=self.endpoint,
            client_kwargs=told,
            use_listings_cache=False,
        )


class Some(InputPartition):
    """Parts that one task reads, by address."""

    def __init__(self, addresses: Sequence[str]) -> None:
        """Keep them."""
        super().__init__(list(addresses))


class Parts(DataSource):
    """Parts of interviews, as Spark asks for a source of data."""

    @classmethod
    def name(cls) -> str:
        """Name it in a session."""
        return NAME

    def reader(self, schema: Any) -> DataSourceReader:
        """Return what reads them, all columns of a schema and no others."""
        return _Reader(Reach(**json.loads(self.options["reach"])), json.loads(self.options["addresses"]), schema)


class _Reader(DataSourceReader):
    def __init__(self, reach: Reach, addresses: Sequence[str], schema: Any) -> None:
        """Read nothing yet."""
        self._reach, self._addresses, self._schema = reach, addresses, schema

    def partitions(self) -> list[InputPartition]:
        """Deal the parts out to tasks."""
        tasks = min(len(self._addresses), MOST_TASKS)
        return [Some(self._addresses[first::tasks]) for first in range(tasks)]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a task's parts; it holds one group of rows at a time."""
        from pyspark.sql.pandas.types import to_arrow_schema

        store, schema = self._reach.opened(), to_arrow_schema(self._schema)
        for address in partition.value:
            yield from _batches(store, address, schema)


def _batches(store: Any, address: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a part: a column that it has not is what its place tells, else null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    told = dict(step.split("=", 1) for step in address.split("/")[:-1] if "=" in step)
    with store.open(address, "rb", cache_type="none") as handle, pq.ParquetFile(handle, pre_buffer=True) as file:
        there = [name for name in schema.names if name in file.schema_arrow.names and name not in told]
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(ROWS_OF_BATCH, row_groups=[group], columns=there):
                columns = [
                    batch.column(field.name).cast(field.type)
                    if field.name in there
                    else pa.repeat(pa.scalar(told.get(field.name), field.type), batch.num_rows)
                    for field in schema
                ]
                yield pa.RecordBatch.from_arrays(columns, schema=schema)


def records(session: Any, reach: Reach, addresses: Sequence[str], schema: str) -> Any:
    """Return the rows of parts as Spark has a table. schema: the columns that are read, as Spark writes them."""
    session.dataSource.register(Parts)
    options = {"reach": json.dumps(vars(reach)), "addresses": json.dumps(list(addresses))}
    return session.read.format(NAME).schema(schema).options(**options).load()


def write(found: Any, reach: Reach, place: str) -> None:
    """Have the executors write a sorted result below an address, in files whose names have its order."""
    found.mapInArrow(_writer(reach, place), "file STRING").write.format("noop").mode("overwrite").save()


def _writer(reach: Reach, place: str) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what writes one part of a result: whole or not at all, and a second try in place of the first."""

    def write_one(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import tempfile

        import pyarrow as pa
        import pyarrow.parquet as pq
        from pyspark import TaskContext

        first = next(batches, None)
        if first is None:
            return
        task: Any = TaskContext.get()
        address = f"{place}/{task.partitionId():06d}.parquet"
        with tempfile.NamedTemporaryFile() as own:
            with pq.ParquetWriter(own.name, first.schema) as writer:
                writer.write_batch(first)
                for batch in batches:
                    writer.write_batch(batch)
            reach.opened().put_file(own.name, address)
        yield pa.RecordBatch.from_pydict({"file": pa.array([address])})

    return write_one
