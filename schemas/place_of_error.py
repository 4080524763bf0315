"""Where in a delivery an error was seen."""

from __future__ import annotations

from typing import NamedTuple


class Where(NamedTuple):
    """A place in a delivery; `row` counts as a person sees it in the file (see `sources.table`)."""

    file: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        """Return `KG.csv, row 214, column "кол-во родственников"`, leaving out what is not known."""
        parts = [self.file] if self.file else []
        parts += [f"row {self.row:,}"] if self.row is not None else []
        parts += [f'column "{self.column}"'] if self.column is not None else []
        return ", ".join(parts)
