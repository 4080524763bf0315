"""The survey of 86 officials in Kyrgyzstan of 2009, rebuilt from its printed sums: no row is a real answer."""

from __future__ import annotations

from pathlib import Path

from samples.delivery_file import write_csv
from samples.kyrgyzstan_local_government_2009.officials import officials

__all__ = ["officials", "write"]


def write(directory: Path) -> list[Path]:
    """Write the raw file and its sidecar; return the path of the raw file."""
    form = "CSV typed in from paper, one row per official, a = yes, b = no, Russian; names are blanked"
    path = directory / "local_government_2009.csv"
    return [write_csv(path, officials(), "samples/kyrgyzstan_local_government_2009", form, "2010-01-15")]
