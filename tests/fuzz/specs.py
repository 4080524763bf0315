"""The declarations that readers are fuzzed with, and the limits of a fuzzed file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TIGHT: Mapping[str, int] = {
    "unpacked_bytes": 1 << 22,
    "workbook_bytes": 1 << 22,
    "archive_members": 100,
    "columns": 200,
    "line_bytes": 1 << 14,
    "cell_bytes": 1 << 12,
}
"""Limits of a fuzzed file: small, so that the paths that refuse are reached by small inputs."""

TEXT = [
    {"encoding": encoding, "delimiter": delimiter}
    for encoding in ("utf-8", "utf-16", "utf-16-le", "cp1251", "koi8-r", "cp866")
    for delimiter in (",", ";", "|")
]
SHEETS: list[dict[str, Any]] = [{}, {"header_rows": [2]}, {"header_rows": [1, 2]}, {"sheet": "*"}]
SPECS: Mapping[str, list[dict[str, Any]]] = {
    "csv": TEXT,
    "tsv": [{"encoding": "utf-8"}, {"encoding": "utf-16"}],
    "jsonl": [{}, {"repeats": {"child": {"array": "members", "collect": {"n": {"count": True}}}}}],
    "json": [{"records": "results"}, {}],
    "xlsx": SHEETS,
    "xls": SHEETS,
    "ods": SHEETS,
}
"""Declarations a reader is fuzzed with; the first byte of the input chooses. Of other formats only the plain one."""


def specs(kind: str) -> list[dict[str, Any]]:
    """Return the `reader` declarations of a format that its target tries."""
    return [{"format": kind, "limits": dict(TIGHT), **spec} for spec in SPECS.get(kind, [{}])]
