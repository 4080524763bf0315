"""One raw file of a reconstruction: a CSV of text cells, and the `.source.yaml` sidecar beside it."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

NOTE = "reconstruction from published numbers; no row is a real record"
Rows = Iterable[Mapping[str, str]]


def write_csv(path: Path, rows: Rows, producer: str, form: str, obtained: str, note: str = NOTE) -> Path:
    """Write rows, all with the same columns, as UTF-8 with line feeds, and what the file is; return its path.

    producer: the folder that makes the file.  form: what kind of file it is.  obtained: the day it stands for.
    note: where its rows are from.  Raises ValueError when there is no row.
    """
    table = [dict(row) for row in rows]
    if not table:
        raise ValueError(f"{path.name}: there is no row to write; give at least one.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    describe(path, len(table), producer, form, obtained, note)
    return path


def describe(path: Path, rows: int, producer: str, form: str, obtained: str, note: str = NOTE) -> None:
    """Write the sidecar of a file that is there, as `write_csv` does. rows: how many it holds."""
    content = path.read_bytes()
    record = {
        "file": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "rows": rows,
        "producer": producer,
        "form": form,
        "obtained": obtained,
        "licence": "MIT",
        "note": note,
    }
    text = yaml.safe_dump(record, sort_keys=False, allow_unicode=True)
    path.with_name(path.name + ".source.yaml").write_text(text, encoding="utf-8")
