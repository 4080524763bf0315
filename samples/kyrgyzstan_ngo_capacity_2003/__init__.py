"""The survey of 36 organisations in Kyrgyzstan of 2003, rebuilt from its printed numbers: no row is a real answer."""

from __future__ import annotations

from pathlib import Path

from samples.delivery_file import write_csv
from samples.kyrgyzstan_ngo_capacity_2003.organisations import organisations

__all__ = ["organisations", "write"]

YES_NO = {"yes": "да", "no": "нет"}


def write(directory: Path) -> list[Path]:
    """Write the raw file and its sidecar; return the paths of the raw files."""
    rows = [{column: YES_NO.get(cell, cell) for column, cell in row.items()} for row in organisations()]
    path = directory / "ngo_capacity_2003.csv"
    form = "CSV of the answers on paper and by e-mail, regions as they were spelled"
    return [write_csv(path, rows, "samples/kyrgyzstan_ngo_capacity_2003", form, "2004-03-05")]
