"""What a hostile case is: a file made to harm whoever reads it, and what has to become of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Rows = Sequence[Mapping[str, str]]
"""Interviews as a delivery holds them; every mapping has the same keys, the header."""

REFUSED_DAMAGED = "format_damaged"
REFUSED_LARGE = "file_too_large"


@dataclass(frozen=True)
class Case:
    """One hostile file. make: writes it to a path, deterministically.

    refused: the code of the error that refuses it, or those that may, None when it is taken in.
    limit: the limit, or those, that it is beyond.
    quarantined: rows of it that go to quarantine when it is taken in; the interviews it was given are accepted.
    reader: keys of the reader beside its format.
    """

    name: str
    format: str
    make: Callable[[Path, Rows], None]
    refused: str | tuple[str, ...] | None = None
    limit: str | tuple[str, ...] | None = None
    quarantined: int = 0
    reader: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""

    @property
    def file_name(self) -> str:
        """Return the name under which it is delivered."""
        return self.file or f"{'_'.join(re.findall('[A-Za-z0-9]+', self.name))}.{self.format}"


def header(rows: Rows) -> list[str]:
    """Return the names of the columns."""
    return list(rows[0])


def table(rows: Rows) -> list[list[str]]:
    """Return header and rows as cells."""
    return [header(rows), *([row[name] for name in header(rows)] for row in rows)]


def changed(rows: Rows, cells: Mapping[str, str], number: str = "X") -> dict[str, str]:
    """Return one more interview, which differs from the first in some cells and in its questionnaire number."""
    first = dict(rows[0])
    return first | {"questionnaire_id": f"{first['questionnaire_id']}-{number}"} | dict(cells)


def bytes_of(content: Callable[[Rows], bytes]) -> Callable[[Path, Rows], None]:
    """Make a maker of a function that returns the bytes."""

    def make(path: Path, rows: Rows) -> None:
        path.write_bytes(content(rows))

    return make
