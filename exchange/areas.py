"""The area code list of SDMX: the countries of a survey, their regions, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

TOGETHER = "_T"


@dataclass(frozen=True)
class Area:
    """One area: its identifier, names, and the country it is part of."""

    id: str
    en: str
    ru: str | None = None
    parent: str | None = None


def area_id(code: str) -> str:
    """Write an area code as SDMX allows: merged regions, joined by + here, are joined by _ there."""
    return code.replace("+", "_")


def areas(regions: pd.DataFrame, countries: Mapping[str, str]) -> list[Area]:
    """List the areas. regions: the result table of that name. countries: code to name, in order."""
    listed = [Area(TOGETHER, "All countries of the survey together", "Все страны обследования вместе")]
    for country, name in countries.items():
        listed.append(Area(country, name))
        listed += [
            Area(area_id(row["region"]), row["name_en"], row["name_ru"], country)
            for row in regions[regions["country"] == country].to_dict("records")
        ]
    return listed


def ref_area(estimates: pd.DataFrame) -> pd.Series:
    """Name the area of each row of estimates: its region, else its country, else all countries together."""
    names = estimates["region"].fillna(estimates["country"]).fillna(TOGETHER)
    return names.map({name: area_id(name) for name in names.unique()})
