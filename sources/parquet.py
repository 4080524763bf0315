"""Parquet files: every column as exact text, nested ones as "group/field", batch by batch."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import DeclarationError, FileTooLarge, FormatDamaged, HeaderMismatch
from sources import arrow_text, extent, limits, text
from sources.json_records import PARENT
from sources.table import ROW, RawTable, check_names

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

KEYS: tuple[str, ...] = ()
SIGNATURE = None
_ROWS = 50_000


def read(data: Path | bytes, name: str, spec: Mapping[str, Any]) -> RawTable:
    """Read a Parquet file; `source_row` is the place of the row, from 1.

    Lists of objects that `repeats` names are left out. Raises FileTooLarge, FormatDamaged or HeaderMismatch.
    """
    apart = frozenset(str(rule.get("array")) for rule in (spec.get("repeats") or {}).values())
    parts, numbers, done = [], [], 0
    with _opened(data, name, spec) as file:
        columns = tuple(arrow_text.places(file.schema_arrow, apart))
        for batch in file.iter_batches(batch_size=_ROWS):
            leaves = [leaf for column, array in _pairs(batch) for leaf in arrow_text.leaves(column, array)]
            parts.append([(place, array) for place, array in leaves if place not in apart])
            numbers.append(range(done + 1, done + batch.num_rows + 1))
            done += batch.num_rows
        return _table(parts, numbers, columns, name, limits.of(spec, name))


def children(data: Path | bytes, name: str, spec: Mapping[str, Any], array: str) -> RawTable:
    """Read the objects in one column of lists as rows, with the row they stand in as PARENT. Raises as `read`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts, numbers, rows, done = [], [], 0, 0
    columns: tuple[str, ...] = ()
    with _opened(data, name, spec) as file:
        for batch in file.iter_batches(batch_size=_ROWS):
            leaves = dict(leaf for column, values in _pairs(batch) for leaf in arrow_text.leaves(column, values))
            lists = leaves.get(array)
            if lists is None or not (pa.types.is_list(lists.type) and pa.types.is_struct(lists.type.value_type)):
                raise DeclarationError(f'"{array}" is no column of lists of objects.', file=name)
            parents = pc.add(pc.list_parent_indices(lists), done + 1)
            objects = pc.list_flatten(lists)
            below = [
                leaf
                for field in objects.type
                for leaf in arrow_text.leaves(field.name, pc.struct_field(objects, field.name))
            ]
            parts.append([(PARENT, parents), *below])
            columns = tuple(place for place, _ in parts[-1])
            numbers.append(range(rows + 1, rows + len(objects) + 1))
            rows, done = rows + len(objects), done + batch.num_rows
        return _table(parts, numbers, columns or (PARENT,), name, limits.of(spec, name))


def _pairs(batch: pa.RecordBatch) -> list[tuple[str, pa.Array]]:
    return list(zip(batch.schema.names, batch.columns, strict=True))


def _table(
    parts: list[list[tuple[str, pa.Array]]],
    numbers: list[range],
    columns: tuple[str, ...],
    name: str,
    bounds: limits.Limits,
) -> RawTable:
    import pandas as pd

    extent.check_columns(len(columns), bounds, name)
    check_names(columns, name, None)
    if not all(columns):
        raise HeaderMismatch("a column has no name.", file=name, expected="a name for every column")
    frames = []
    for part, rows in zip(parts, numbers, strict=True):
        texts = {place: arrow_text.column(_without_nan(array)) for place, array in part}
        frames.append(pd.DataFrame({**texts, ROW: pd.array(rows, dtype="int64")}))
    if not frames:
        frames = [pd.DataFrame({**{c: pd.array([], dtype="str") for c in columns}, ROW: pd.array([], dtype="int64")})]
    return RawTable(pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0], columns, name)


def _without_nan(array: pa.Array) -> pa.Array:
    """Make missing what is no number: pandas and R write an absent number so, and other formats of theirs alike."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_floating(array.type):
        return array
    wide = array.cast(pa.float64()) if pa.types.is_float16(array.type) else array
    return pc.if_else(pc.is_nan(wide), pa.scalar(None, array.type), array)


@contextmanager
def _opened(data: Path | bytes, name: str, spec: Mapping[str, Any]) -> Iterator[pq.ParquetFile]:
    """Open a file, and turn what the library raises on a damaged one into FormatDamaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    bounds = limits.of(spec, name)
    try:
        with pq.ParquetFile(io.BytesIO(data) if isinstance(data, bytes) else data) as file:
            groups = file.metadata
            unpacked = sum(groups.row_group(at).total_byte_size for at in range(groups.num_row_groups))
            if unpacked > bounds.unpacked_bytes:
                raise FileTooLarge(
                    f"unpacked, the file would take {unpacked:,} bytes.",
                    file=name,
                    expected=f"unpacked_bytes of at most {bounds.unpacked_bytes:,}",
                    facts={"limit": "unpacked_bytes", "allowed": bounds.unpacked_bytes, "seen": unpacked},
                )
            yield file
    except (pa.ArrowException, OSError, ValueError, OverflowError, KeyError, MemoryError) as error:
        raise FormatDamaged(
            f"the file cannot be read to its end ({text.said(error)}).",
            file=name,
            expected="a whole parquet file",
            next_step="Ask for the file again.",
        ) from error
