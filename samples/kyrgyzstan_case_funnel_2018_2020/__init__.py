"""The cases of 2018 to 2020 in Kyrgyzstan, rebuilt from five printed numbers: no row is a real person or crime."""

from __future__ import annotations

from pathlib import Path

from samples.delivery_file import write_csv
from samples.kyrgyzstan_case_funnel_2018_2020.records import intakes, register

__all__ = ["intakes", "register", "write"]

PRODUCER = "samples/kyrgyzstan_case_funnel_2018_2020"


def write(directory: Path) -> list[Path]:
    """Write the two raw files, of the organisations and of the police, with their sidecars; return their paths."""
    people = "CSV of a form that 18 organisations filled in, one row per person, keys in place of names"
    crimes = "CSV export of a register, one row per crime, proceeding and case, Russian"
    return [
        write_csv(directory / "intakes_2018_2020.csv", intakes(), PRODUCER, people, "2021-01-31"),
        write_csv(directory / "register_2018_2020.csv", register(), PRODUCER, crimes, "2021-01-31"),
    ]
