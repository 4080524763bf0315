"""Thirty-six organisations whose answers add up to the percentages, counts and ranks that were printed.

Which organisation gave which answer was never published: it is drawn, with a fixed seed, column by column.
"""

from __future__ import annotations

import csv
import zlib
from itertools import permutations
from pathlib import Path

import numpy as np

from schemas.read_yaml import read_yaml

CHECKOUT = Path(__file__).resolve().parent.parent.parent
INSTRUMENT = CHECKOUT / "schemas" / "instruments" / "ngo_capacity.yaml"
ANSWERS = Path(__file__).with_name("answers.csv")

SEED = 2003
ORGANISATIONS = 36

OFFICES = {
    "Bishkek": 4,
    "Chuy": 2,
    "? HUY": 1,
    "Naryn": 7,
    "Djalal-Abad": 1,
    "Djajal-Abad": 1,
    "Djala-Abad": 1,
    "DjalaĀ-Abad": 1,
    "Jalalabad": 1,
    "Talas": 4,
    "Osh": 6,
    "Issyk-Kul": 3,
    "Issykul": 2,
    "Batken": 2,
}
"""Organisations by the spelling of their region, as the publication spells it; Bishkek and Chuy are one cell of it."""

COOPERATION = {"Osh": "5", "Bishkek": "4", "Chuy": "4", "? HUY": "4", "Talas": "4"}
"""Scores that give the order of regions in the text; it leaves the other regions out."""

CHANNELS = (("job_firms", "marriage_agencies"), ("modelling_agencies", "tourist_firms"))
PROBLEMS = (
    ("earnings",),
    ("sexual_exploitation", "benefits", "education"),
    ("housing", "psychological_violence"),
    ("domestic_violence",),
)
"""Tiers of the two ranked questions: what stands in one tier has the same mean rank."""

TIME_ON_VICTIMS = [("cannot_say", "cannot_say")] * 18 + [("about_10", "up_to_50")] * 14 + [("other", "other")] * 3
"""Shares of time for men and for women, given together; one organisation gave neither."""


def answers() -> dict[str, list[str]]:
    """Return the answers of every column of answers.csv, one per organisation that gave one."""
    out: dict[str, list[str]] = {}
    with ANSWERS.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            out.setdefault(row["column"], []).extend([row["value"]] * int(row["organisations"]))
    return out


def organisations() -> list[dict[str, str]]:
    """Return one row per organisation with every column of the instrument; an empty cell is not known."""
    columns = list(read_yaml(INSTRUMENT)["columns"])
    spellings = [spelling for spelling, number in OFFICES.items() for _ in range(number)]
    rows = [dict.fromkeys(columns, "") for _ in range(ORGANISATIONS)]
    drawn = {column: _shuffled(column, values) for column, values in answers().items()}
    drawn |= _funds(spellings) | _time()
    drawn |= _ranks("channels", CHANNELS) | _ranks("problems", PROBLEMS)
    for number, (row, spelling) in enumerate(zip(rows, spellings, strict=True), start=1):
        row["questionnaire_id"] = f"NGO-{number:02d}"
        row["region"] = spelling
        jalal_abad = "abad" in spelling.casefold()
        row["ngo_cooperation"] = "4" if jalal_abad else COOPERATION.get(spelling, "")
        for column, values in drawn.items():
            row[column] = values[number - 1]
    return rows


def _shuffled(column: str, values: list[str]) -> list[str]:
    """Return the answers of a column in an order of its own; organisations left over gave none."""
    padded = values + [""] * (ORGANISATIONS - len(values))
    return [padded[position] for position in _order(column)]


def _order(column: str) -> list[int]:
    generator = np.random.Generator(np.random.PCG64([SEED, zlib.crc32(column.encode())]))
    return [int(position) for position in generator.permutation(ORGANISATIONS)]


def _funds(spellings: list[str]) -> dict[str, list[str]]:
    """Ten had money from one source, one, of Chuy, from several, and twenty-five from none."""
    several = spellings.index("Chuy")
    others = ["one_source"] * 10 + ["none"] * 25
    places = [position for position in _order("funds_received") if position != several]
    found = dict(zip(places, others, strict=True)) | {several: "several_sources"}
    return {"funds_received": [found[position] for position in range(ORGANISATIONS)]}


def _time() -> dict[str, list[str]]:
    """Both shares of time, which belong together."""
    padded = [*TIME_ON_VICTIMS, ("", "")]
    pairs = [padded[position] for position in _order("time_on_victims")]
    return {"time_on_men": [men for men, _ in pairs], "time_on_women": [women for _, women in pairs]}


def _ranks(question: str, tiers: tuple[tuple[str, ...], ...]) -> dict[str, list[str]]:
    """Give every item a rank in every row, so that the items of a tier take turns and their means are equal."""
    out: dict[str, list[str]] = {}
    first = 1
    for tier in tiers:
        turns = list(permutations(range(first, first + len(tier))))
        order = _order(f"{question}.{tier[0]}")
        for position, item in enumerate(tier):
            out[f"rank_{item}"] = [str(turns[turn % len(turns)][position]) for turn in order]
        first += len(tier)
    return out
