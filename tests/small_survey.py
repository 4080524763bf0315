"""An invented survey of two countries and sixty interviews that a test can write, break and run in a second.

Each country has two regions of three settlements; every second family has a migrant abroad, and every sixth reports
labour exploitation there.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import yaml

from schemas.family_survey import COLUMNS, PLACES, count_columns

ID = "small_survey"
REGIONS = {"KZ": ["KZ-15", "KZ-23"], "KG": ["KG-B", "KG-C"]}
NAMES = {"KZ-15": "Актюбинская", "KZ-23": "Атырауская", "KG-B": "Баткенская", "KG-C": "Чуйская"}
ROWS_PER_COUNTRY = 30


def interviews(country: str) -> list[dict[str, str]]:
    """Return thirty interviews of a country as a file would hold them."""
    return [_interview(country, number) for number in range(ROWS_PER_COUNTRY)]


def _interview(country: str, number: int) -> dict[str, str]:
    region = REGIONS[country][number % 2]
    migrant = {"inside": number % 3 == 0, "abroad": number % 2 == 0}
    row = dict.fromkeys(COLUMNS, "")
    row |= {
        "questionnaire_id": f"{country}-{number:03d}",
        "country": country,
        "region": NAMES[region],
        "district": f"район {number % 2 + 1}",
        "settlement": f"село {number % 6 + 1}",
        "settlement_type": "город" if number % 6 == 0 else "село",
        "ngo": "NGO-1",
        "interviewer": f"{country}-{number % 3:02d}",
        "interview_date": f"{number % 28 + 1:02d}.10.2009",
        "relatives": str(6 + number % 9),
        **{f"migrant_{place}": "да" if moved else "нет" for place, moved in migrant.items()},
    }
    for place in PLACES:
        if migrant[place]:
            row |= dict.fromkeys(count_columns(place), "0")
    if number % 6 == 0:
        row |= {"labour_abroad_women_last_3_years": "1", "labour_abroad_men_earlier": "1"}
        row |= {"labour_abroad_total_last_3_years": "1", "labour_abroad_total_earlier": "1"}
    if number % 12 == 0:
        row |= {"labour_inside_men_last_3_years": "2", "labour_inside_total_last_3_years": "2"}
        row |= {"sexual_abroad_last_3_years": "1"}
    return row


def declaration() -> dict[str, object]:
    """Return survey.yaml."""
    codes = {
        "migrant_inside": {"да": "yes", "нет": "no"},
        "migrant_abroad": {"да": "yes", "нет": "no"},
        "settlement_type": {"город": "urban", "село": "rural"},
    }
    return {
        "id": ID,
        "title": "A small invented survey",
        "instrument": "family_survey",
        "wave": "2009",
        "reference_period": "2009",
        "countries": {"KZ": "Kazakhstan", "KG": "Kyrgyzstan"},
        "fieldwork": {"first_day": "2009-09-01", "last_day": "2009-11-30"},
        "acceptance": {"largest_invalid_share": 0.4},
        "editing": {
            "default": {
                "cases_above_relatives": {"factor": 2, "action": "drop"},
                "relatives_above": {"limit": 30, "action": "drop"},
            }
        },
        "disclosure": {"enabled": False},  # five reporting families a country: nothing would be left to test
        "rates": {"years": 3, "confidence": 0.95, "countries": {}},
        "methods": {"pennington": {"cdf_decimals": 4}, "poisson": {}},
        "reliability": {"min_cases": 10, "min_base": 10, "max_relative_width": 1.6, "min_df": 8, "max_cv": 0.3},
        "sources": [
            {
                "country": country,
                "path": f"raw/{country}.csv",
                "reader": {"format": "csv", "encoding": "utf-8", "delimiter": ";"},
                "columns": {name: name for name in COLUMNS},
                "values": codes,
                "date_format": "%d.%m.%Y",
            }
            for country in REGIONS
        ],
    }


def write(folder: Path) -> Path:
    """Write the survey below `folder` (which then serves as `KINSCALE_SURVEYS`) and return the survey's own folder."""
    survey = folder / ID
    (survey / "raw").mkdir(parents=True)
    for country in REGIONS:
        write_rows(survey / "raw" / f"{country}.csv", interviews(country))
    (survey / "survey.yaml").write_text(yaml.safe_dump(declaration(), allow_unicode=True), encoding="utf-8")
    places = [(country, region) for country, regions in REGIONS.items() for region in regions]
    write_rows(
        survey / "regions.csv",
        [
            {"country": c, "region": r, "name_en": r, "name_ru": NAMES[r], "aliases": "", "surveyed": "yes"}
            for c, r in places
        ],
    )
    nation = [{"country": c, "region": "", "population_thousands": "900"} for c in REGIONS]
    regional = [{"country": c, "region": r, "population_thousands": "450"} for c, r in places]
    invented = {"reference_date": "2009-01-01", "source": "invented", "grade": "C"}
    write_rows(survey / "population.csv", [{**row, **invented} for row in nation + regional])
    return survey


def write_rows(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> None:
    """Write rows as a CSV: comma for the survey's own tables, semicolon for deliveries."""
    delimiter = ";" if path.parent.name == "raw" else ","
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.DictWriter(handle, rows[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def change(path: Path, row: int, cells: Mapping[str, str]) -> None:
    """Change cells of one interview of a delivery; `row` counts interviews from 0."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter=";"))
    rows[row] |= cells
    write_rows(path, rows)
