"""The sums that the generated interviews must meet: one row per country and one per region (or part of a region)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
COUNTRIES = ("KZ", "KG", "TJ", "TM", "UZ")
PLACES = ("inside", "abroad")
REASONS = ("relatives_missing", "relatives_above_30", "cases_far_above_relatives")


@dataclass(frozen=True)
class Region:
    """One row of regional_targets.csv; `part` is empty except where a stratum is made of two printed places."""

    country: str
    region: str
    part: str
    urban_percent: int
    sums: dict[str, int]


def regions(country: str) -> list[Region]:
    """Regional targets of a country, in the order of the file."""
    rows = []
    for row in _read("regional_targets.csv"):
        if row["country"] != country:
            continue
        labels = {"country", "region", "part", "urban_percent", "basis"}
        sums = {name: int(value) for name, value in row.items() if name not in labels}
        rows.append(Region(country, row["region"], row["part"], int(row["urban_percent"]), sums))
    return rows


def nation(country: str) -> dict[str, int]:
    """National targets of a country by name."""
    for row in _read("national_targets.csv"):
        if row["country"] == country:
            return {name: int(value) for name, value in row.items() if name != "country"}
    raise KeyError(f"national_targets.csv has no row for {country}; expected one of {', '.join(COUNTRIES)}")


def _read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
