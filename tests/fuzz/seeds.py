"""Small whole files of every format to begin fuzzing from, written by the libraries people write them with."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from schemas.read_yaml import read_yaml
from tests.fuzz.specs import SPECS

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "formats"
ROWS = [["1", "ош", "3"], ["2", "баткен", ""], ["3", 'a "b"\nc', "0,5"]]
NAMES = ["id", "облус", "q1"]


def of(kind: str) -> list[bytes]:
    """Return the seeds of a reader: files made here, and those of the golden scenarios, for each declaration.

    The first byte of each chooses the declaration.
    """
    made = [*(_MAKERS[kind]() if kind in _MAKERS else []), *_golden(kind)]
    return [bytes([number]) + data for data in made for number in range(len(SPECS.get(kind, [{}])))]


def _golden(kind: str) -> list[bytes]:
    """Return the files of the golden scenarios of a format, those in archives too."""
    cases = [(path.parent, read_yaml(path)) for path in sorted(GOLDEN.glob("*/case.yaml"))]
    return [(folder / case["file"]).read_bytes() for folder, case in cases if case["reader"]["format"] == kind]


def _text(delimiter: str, *encodings: str) -> list[bytes]:
    import csv

    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([NAMES, *ROWS])
    return [out.getvalue().encode(encoding, "replace") for encoding in encodings]


def _frame_file(suffix: str, write: Callable[[Any, str], object]) -> list[bytes]:
    import pandas as pd

    frame = pd.DataFrame({"id": [1.0, 2.0], "name": ["osh", "batken"], "q1": [3.0, None]})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"seed.{suffix}"
        write(frame, str(path))
        return [path.read_bytes()]


def _xlsx() -> list[bytes]:
    import openpyxl

    book = openpyxl.Workbook()
    for row in [NAMES, *ROWS]:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return [out.getvalue()]


def _dta() -> list[bytes]:
    def write(version: int) -> list[bytes]:
        return _frame_file("dta", lambda frame, path: frame.to_stata(path, write_index=False, version=version))

    return [data for version in (114, 117, 118) for data in write(version)]


def _sav() -> list[bytes]:
    import pyreadstat

    plain = _frame_file("sav", pyreadstat.write_sav)
    return plain + _frame_file("sav", lambda f, p: pyreadstat.write_sav(f, p, row_compress=True))


def _xpt() -> list[bytes]:
    import pyreadstat

    return _frame_file("xpt", pyreadstat.write_xport)


def _parquet() -> list[bytes]:
    return _frame_file("parquet", lambda f, p: f.to_parquet(p, index=False))


def _records() -> list[dict[str, object]]:
    nested: dict[str, object] = {"family": {"q1": 3, "q2": [1, 2]}, "members": [{"age": 5}, {"age": None}], "ok": True}
    return [dict(zip(NAMES, row, strict=True)) | nested for row in ROWS]


def _jsonl() -> list[bytes]:
    return ["\n".join(json.dumps(row, ensure_ascii=False) for row in _records()).encode()]


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive of members, the same bytes every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return out.getvalue()


def _csv() -> list[bytes]:
    plain = [
        text for mark in ",;|" for text in _text(mark, "utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r", "cp866")
    ]
    return [*plain, gzip.compress(plain[0], mtime=0), zipped({"a.csv": plain[0]})]


_MAKERS: Mapping[str, Callable[[], list[bytes]]] = {
    "csv": _csv,
    "tsv": lambda: _text("\t", "utf-8", "utf-16"),
    "xlsx": _xlsx,
    "dta": _dta,
    "sav": _sav,
    "xpt": _xpt,
    "parquet": _parquet,
    "jsonl": _jsonl,
    "json": lambda: [json.dumps({"results": _records()}, ensure_ascii=False).encode()],
}
