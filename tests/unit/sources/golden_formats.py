"""Scenario folders under tests/golden/formats: a file as delivered, its reader, and the table a person expects."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sources.table import ROW, RawTable

FOLDER = Path(__file__).parents[2] / "golden" / "formats"
MISSING = "(missing)"


@dataclass(frozen=True)
class Case:
    """One scenario. guessed: the reader that is to be found without a declaration, None where that is not asked."""

    name: str
    file: Path
    reader: dict[str, Any]
    guessed: dict[str, Any] | None
    damaged: list[dict[str, Any]]
    expected: list[list[str | None]]


def case(name: str) -> Case:
    """Read a scenario; the first of the expected rows is the header."""
    folder = FOLDER / name
    about = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as handle:
        rows = [[None if cell == MISSING else cell for cell in row] for row in csv.reader(handle)]
    return Case(name, folder / about["file"], about["reader"], about.get("guessed"), about.get("damaged", []), rows)


def names() -> list[str]:
    """List the scenarios."""
    return sorted(path.parent.name for path in FOLDER.glob("*/case.yaml"))


def shown(table: RawTable) -> list[list[str | None]]:
    """Return a table as the expected rows are written."""
    frame = table.frame[[ROW, *table.columns]].astype(object)
    rows = frame.where(frame.notna(), None).values.tolist()
    return [[ROW, *table.columns], *([str(row[0]), *row[1:]] for row in rows)]
