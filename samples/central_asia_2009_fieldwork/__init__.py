"""The fieldwork of the 2009 survey as sheets, counted from the reconstructed interviews: no sheet is a real one."""

from __future__ import annotations

from pathlib import Path

from samples.central_asia_2009.targets import COUNTRIES
from samples.central_asia_2009_fieldwork.sheets import sheets
from samples.delivery_file import write_csv

__all__ = ["sheets", "write"]


def write(directory: Path) -> list[Path]:
    """Write one raw file per country with its sidecar; return the paths of the raw files."""
    form = "CSV, one row per interviewer and settlement; cells of what nobody recorded are empty"
    producer = "samples/central_asia_2009_fieldwork"
    rows = sheets()
    return [
        write_csv(
            directory / f"{country}_fieldwork_2009.csv",
            [row for row in rows if row["country"] == country],
            producer,
            form,
            "2010-01-15",
        )
        for country in COUNTRIES
    ]
