"""The survey of 29 organisations in Kyrgyzstan of 2009, rebuilt from its printed sums: no row is a real answer."""

from __future__ import annotations

from pathlib import Path

from samples.delivery_file import write_csv
from samples.kyrgyzstan_ngo_survey_2009.organisations import organisations

__all__ = ["organisations", "write"]


def write(directory: Path) -> list[Path]:
    """Write the raw file and its sidecar; return the path of the raw file."""
    form = "CSV typed in from paper, one row per organisation, Russian; names and telephones are blanked"
    path = directory / "ngo_2009.csv"
    return [write_csv(path, organisations(), "samples/kyrgyzstan_ngo_survey_2009", form, "2010-01-15")]
