"""The survey as it would be delivered: many small CSV files, one per country, interviewer and settlement.

Lives here: the files and the declaration that reads them. Not here: what is true of the families (`plan`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from samples.synthetic.files import frame
from samples.synthetic.plan import COUNTS, Plan, plan_of

ID = "many_files"
COUNTRY_CODES = ("KZ", "KG", "TJ", "TM", "UZ")
NAMES = ("Kazakhstan", "Kyrgyzstan", "Tajikistan", "Turkmenistan", "Uzbekistan")
ROWS_OF_FILE = 15
"""Interviews of a file on average."""
SLIPS = 0.02
"""Share of interviews with an answer that is no number: they go to quarantine."""
MIGRANTS = 0.4
"""Share of families with a migrant among those that report no case at a place."""
_PLACES = ("inside", "abroad")
_HEAD = ["questionnaire_id", "country", "region", "district", "settlement", "settlement_type", "ngo", "interviewer"]
COLUMNS = [*_HEAD, "interview_date", "relatives", *(f"migrant_{place}" for place in _PLACES), *COUNTS]


def plan_for(files: int, seed: int = 2009) -> Plan:
    """Plan a survey that fills as many files; at least 80."""
    return plan_of(max(files * ROWS_OF_FILE, 1200), seed=seed)


def write(folder: Path, files: int, late: int = 0, seed: int = 2009) -> list[Path]:
    """Write the survey's folder `many_files` below `folder`, and return the paths of files that come later.

    late: how many those are; they are beside the survey, under the same relative path below `late/`.
    """
    survey = folder / ID
    survey.mkdir(parents=True)
    plan = plan_for(files + late, seed)
    _write_declaration(survey, plan)
    later: list[Path] = []
    step = max((files + late) // late, 1) if late else 0
    for number, (country, name, rows) in enumerate(deliveries(plan, files + late)):
        held_back = late > len(later) and number % step == step // 2
        path = (folder / "late" if held_back else survey) / "raw" / country / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, delimiter=";")
            writer.writerow(COLUMNS)
            writer.writerows(rows)
        if held_back:
            later.append(path)
    return later


def deliveries(plan: Plan, files: int) -> Iterator[tuple[str, str, list[list[Any]]]]:
    """Yield (country, name, rows) of each file, in order of the survey; rows: cells in the order of the header."""
    families = frame(plan)
    generator = np.random.default_rng([plan.seed, 2])
    slips = generator.random(len(families)) < SLIPS
    moved = generator.random((len(families), len(_PLACES))) < MIGRANTS
    ends = np.cumsum(_shares(np.bincount(families["country"])[1:], files))
    for code, (country, end) in enumerate(zip(COUNTRY_CODES, ends, strict=True), start=1):
        mine = np.flatnonzero((families["country"] == code).to_numpy())
        start = 0 if code == 1 else int(ends[code - 2])
        for number, part in enumerate(np.array_split(mine, int(end) - start), start=1):
            records = families.iloc[part].to_dict("records")
            rows = [
                _row(country, place, row, bool(slips[place]), moved[place])
                for place, row in zip(part, records, strict=True)
            ]
            yield country, f"{country}_{number:05d}.csv", rows


def _shares(rows: np.ndarray, files: int) -> np.ndarray:
    """Divide files among countries by their rows, one at least for each."""
    whole = np.maximum((rows * files) // rows.sum(), 1)
    whole[np.argmax(rows)] += files - whole.sum()
    return whole


def _row(country: str, place: int, row: dict[str, Any], slip: bool, moved: np.ndarray) -> list[Any]:
    """Write one family as an interviewer would: places without a migrant stay empty."""
    cells: dict[str, Any] = {
        "questionnaire_id": f"{country}-{place:07d}",
        "country": country,
        "region": f"{country}-{row['region']:02d}",
        "district": f"district {row['stratum']}",
        "settlement": f"settlement {row['psu']}",
        "settlement_type": "rural" if row["stratum"] % 2 else "urban",
        "ngo": f"NGO-{row['region']}",
        "interviewer": f"{country}-{row['psu'] % 40:02d}",
        "interview_date": f"2009-10-{place % 28 + 1:02d}",
        "relatives": f"{row['relatives']} or so" if slip else row["relatives"],
    }
    for told, there in zip(moved, _PLACES, strict=True):
        counts = {name: row[name] for name in COUNTS if f"_{there}_" in name}
        answered = bool(told) or any(counts.values())
        cells[f"migrant_{there}"] = "yes" if answered else "no"
        cells |= counts if answered else dict.fromkeys(counts, "")
    return [cells[name] for name in COLUMNS]


def _write_declaration(survey: Path, plan: Plan) -> None:
    (survey / "survey.yaml").write_text(yaml.safe_dump(declaration(), sort_keys=False), encoding="utf-8")
    places = zip(plan.country, plan.region, strict=True)
    write_lists(survey, sorted({(COUNTRY_CODES[c - 1], f"{COUNTRY_CODES[c - 1]}-{r:02d}") for c, r in places}))


def write_lists(survey: Path, codes: Sequence[tuple[str, str]]) -> None:
    """Write regions.csv and population.csv. codes: country and region."""
    people = {country: sum(1 for owner, _ in codes if owner == country) * 450 for country, _ in codes}
    _table(
        survey / "regions.csv",
        ["country", "region", "name_en", "name_ru", "aliases", "surveyed"],
        [[country, region, region, region, "", "yes"] for country, region in codes],
    )
    _table(
        survey / "population.csv",
        ["country", "region", "population_thousands", "reference_date", "source", "grade"],
        [[country, "", number, "2009-01-01", "invented", "C"] for country, number in people.items()]
        + [[country, region, 450, "2009-01-01", "invented", "C"] for country, region in codes],
    )


def declaration() -> dict[str, Any]:
    """Return survey.yaml: one source a country, a glob over its folder."""
    return {
        "id": ID,
        "title": "An invented survey in many files",
        "instrument": "family_survey",
        "wave": "2009",
        "reference_period": "2009",
        "countries": dict(zip(COUNTRY_CODES, NAMES, strict=True)),
        "notice": "Every family of this survey is invented.",
        "fieldwork": {"first_day": "2009-09-01", "last_day": "2009-11-30"},
        "acceptance": {"largest_invalid_share": 0.6},
        "editing": {
            "default": {
                "cases_above_relatives": {"factor": 2, "action": "drop"},
                "relatives_above": {"limit": 60, "action": "drop"},
            }
        },
        "rates": {"years": 3, "confidence": 0.95},
        "methods": {"design": {}, "pennington": {"cdf_decimals": 4}},
        "reliability": {"min_cases": 10, "min_base": 10, "max_relative_width": 1.6, "min_df": 8, "max_cv": 0.3},
        "sources": [
            {
                "country": country,
                "path": f"raw/{country}/*.csv",
                "reader": {"format": "csv", "encoding": "utf-8", "delimiter": ";"},
                "columns": {name: name for name in COLUMNS},
            }
            for country in COUNTRY_CODES
        ],
    }


def _table(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        writer.writerows(rows)
