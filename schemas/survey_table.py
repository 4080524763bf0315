"""The survey's own tables (`regions.csv`, `population.csv` ...) as text cells, each fault with its row."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from schemas import declaration_faults
from schemas.errors import DeclarationError
from schemas.spreadsheet_text import restored

if TYPE_CHECKING:
    import pandas as pd


def read_table(path: Path) -> pd.DataFrame:
    """Read one of the survey's own tables: text cells, empty cells missing.

    Raises DeclarationError when the file is not there, a row has the wrong number of cells, or one is not chosen yet.
    """
    import pandas as pd

    if not path.exists():
        raise DeclarationError(
            f"{path.name} is not there.", file=str(path), next_step="Every survey folder needs it; see docs/surveys.md."
        )
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [[restored(cell) for cell in row] for row in csv.reader(handle)]
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            raise DeclarationError(
                f"the row has {len(row)} cells.",
                file=str(path),
                row=number,
                expected=f"{len(rows[0])} cells, as in the header",
            )
    for unfinished in declaration_faults.unfinished_cells(rows, path):
        raise unfinished
    frame = pd.DataFrame(rows[1:], columns=rows[0], dtype="str")
    return frame.mask(frame == "")


def no_population() -> pd.DataFrame:
    """Return the population of a survey whose numbers rest on none."""
    import pandas as pd

    columns = ["country", "region", "population_thousands", "reference_date", "source", "grade"]
    return pd.DataFrame(
        {name: pd.Series(dtype="float64" if name == "population_thousands" else "str") for name in columns}
    )


def numbers(cells: pd.Series, path: Path) -> list[float]:
    """Read a column of numbers; an empty cell is missing. Raises DeclarationError with the row of anything else."""
    numbers = []
    for row, cell in enumerate(cells, start=2):
        try:
            numbers.append(float(cell))
        except ValueError as error:
            raise DeclarationError(
                f'"{cell}" is not a number.',
                file=str(path),
                row=row,
                column=str(cells.name),
                expected="thousand persons, like 757.768",
            ) from error
    return numbers
