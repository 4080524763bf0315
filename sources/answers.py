"""What passes between a night and its reading process: JSON and an Arrow stream, of which nothing is executed.

Pickle would let a reading process that a file has taken over run code in the night; here it can only lie about a table.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from schemas import errors
from schemas.errors import DeliveryError, KinscaleError, SourceMissing
from sources.finding import Finding
from sources.table import ROW, DamagedRow, RawTable

if TYPE_CHECKING:
    import pandas as pd

Message = tuple[dict[str, Any], bytes]
"""A head for JSON and a body."""


def of_table(table: RawTable) -> Message:
    """Write a table down."""
    import pyarrow

    rows = pyarrow.Table.from_pandas(table.frame, preserve_index=False).replace_schema_metadata(None)
    out = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(out, rows.schema) as stream:
        stream.write_table(rows)
    damaged = [[row.source_row, row.text, row.reason] for row in table.damaged]
    head = {"file": table.file, "columns": table.columns, "damaged": damaged, "labels": dict(table.labels)}
    return {"table": head}, out.getvalue()


def of_findings(findings: dict[str, Finding]) -> Message:
    """Write down how a file is to be read."""
    return {"findings": {key: asdict(finding) for key, finding in findings.items()}}, b""


def of_error(error: KinscaleError) -> Message:
    """Write down why a file cannot be read."""
    return {"error": error.as_record()}, b""


def to_table(message: Message) -> RawTable:
    """Make a table again. Raises ValueError for anything that no reader returns."""
    head, body = message[0]["table"], message[1]
    columns = tuple(str(name) for name in head["columns"])
    damaged = tuple(DamagedRow(int(row), str(text), str(reason)) for row, text, reason in head["damaged"])
    labels = {str(column): str(label) for column, label in head["labels"].items()}
    return RawTable(_frame(body, columns), columns, str(head["file"]), damaged, labels)


def to_findings(message: Message) -> dict[str, Finding]:
    """Make findings again."""
    return {str(key): Finding(**fields) for key, fields in message[0]["findings"].items()}


def to_error(message: Message) -> KinscaleError:
    """Make an error again; only of the kinds that reading a file may raise. Raises ValueError for another one."""
    record = message[0]["error"]
    kind = next((error for error in _kinds() if error.code == record["code"]), None)
    if kind is None:
        raise ValueError(f"a reader raises no error {record['code']!r}")
    error = kind(
        str(record["what"]),
        **{key: record[key] for key in ("file", "row", "column", "expected", "next_step", "facts")},
    )
    for note in record["notes"]:
        error.add_note(str(note))
    return error


def _kinds() -> list[type[KinscaleError]]:
    named = (kind for kind in vars(errors).values() if isinstance(kind, type))
    return [kind for kind in named if issubclass(kind, DeliveryError | SourceMissing)]


def _frame(body: bytes, columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd
    import pyarrow

    rows = pyarrow.ipc.open_stream(body).read_all()
    rows.validate(full=True)  # offsets and text are as the process says: looked at before anything follows them
    texts = {pyarrow.string(), pyarrow.large_string()}
    sound = rows.column_names == [*columns, ROW] and rows.schema.types[-1] == pyarrow.int64()
    if not sound or not set(rows.schema.types[:-1]) <= texts or rows.column(ROW).null_count:
        raise ValueError("the table has columns that no reader returns")
    data = {name: pd.array(rows.column(place), dtype="str") for place, name in enumerate(columns)}
    return pd.DataFrame({**data, ROW: pd.array(rows.column(ROW).to_numpy(), dtype="int64")}, copy=False)


def pack(head: dict[str, Any], body: bytes) -> list[bytes]:
    """Return a message as bytes: the lengths of head and body, then both."""
    text = json.dumps(head, default=str).encode()
    return [len(text).to_bytes(8, "big") + len(body).to_bytes(8, "big"), text, body]


LENGTHS = 16
"""Bytes that say how long head and body are."""


def lengths(start: bytes) -> tuple[int, int]:
    """Read how long head and body are."""
    return int.from_bytes(start[:8], "big"), int.from_bytes(start[8:LENGTHS], "big")


def unpack(head: bytes, body: bytes) -> Message:
    """Make a message again. Raises ValueError when the head is no JSON object."""
    found = json.loads(head)
    if not isinstance(found, dict):
        raise ValueError("the head is no object")
    return found, body
