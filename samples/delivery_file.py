"""One raw file of a reconstruction: a CSV of text cells, and the `.source.yaml` sidecar beside it."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

NOTE = "reconstruction from published numbers; no row is a real record"


def write_csv(path: Path, rows: Iterable[Mapping[str, str]], producer: str, form: str, obtained: str) -> Path:
    """Write rows, all with the same columns, as UTF-8 with line feeds, and what the file is; return its path.

    producer: the folder that makes the file.  form: what kind of file it is.  obtained: the day it stands for.
    Raises ValueError when there is no row.
    """
    table = [dict(row) for row in rows]
    if not table:
        raise ValueError(f"{path.name}: there is no row to write; give at least one.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    content = path.read_bytes()
    record = {
        "file": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "rows": len(table),
        "producer": producer,
        "form": form,
        "obtained": obtained,
        "licence": "MIT",
        "note": NOTE,
    }
    text = yaml.safe_dump(record, sort_keys=False, allow_unicode=True)
    path.with_name(path.name + ".source.yaml").write_text(text, encoding="utf-8")
    return path
