"""The five raw files and the `.source.yaml` sidecar beside each."""

from __future__ import annotations

from pathlib import Path

from samples.central_asia_2009 import kazakhstan, kyrgyzstan, tajikistan, turkmenistan, uzbekistan
from samples.delivery_file import describe

FILES = {
    "KZ_2009.xlsx": (kazakhstan.write, "spreadsheet for printing, two header rows, Russian"),
    "KG_2009.csv": (kyrgyzstan.write, "CSV saved from a spreadsheet, cp1251, decimal commas, Russian"),
    "TJ_2009.csv": (tajikistan.write, "CSV export of the KoboToolbox kind, group/question headers"),
    "TM_2009.dta": (turkmenistan.write, "Stata 14 file with value labels"),
    "UZ_2009.sav": (uzbekistan.write, "SPSS file with value labels and user-missing codes 98 and 99"),
}

NOTE = "reconstruction from published sums; no row is a real interview"


def write(directory: Path) -> list[Path]:
    """Write the five raw files and their sidecars; returns the paths of the raw files.

    Rebuilding gives the same tables; the bytes are the same too with the same versions of the writing libraries.
    """
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, (write_delivery, form) in FILES.items():
        path = directory / name
        rows = write_delivery(path)
        describe(path, rows, "samples/central_asia_2009", form, "2010-01-15", NOTE)
        paths.append(path)
    return paths
