"""The canonical frame of all 11,384 interviews of the reconstruction, unusable ones included."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd

from samples.central_asia_2009.cases import count_cases, split_cases
from samples.central_asia_2009.draws import generator
from samples.central_asia_2009.families import Family, families
from samples.central_asia_2009.labels import DISTRICT, PART, RURAL, URBAN
from samples.central_asia_2009.relatives import count_relatives, inflate
from samples.central_asia_2009.settlements import Settlement, settlements
from samples.central_asia_2009.targets import COUNTRIES, PLACES, nation, regions
from samples.central_asia_2009.unusable import unusable

FIRST_DAY, LAST_DAY = date(2009, 9, 1), date(2009, 11, 30)
SETTLEMENTS_PER_NGO = 30
SETTLEMENTS_PER_INTERVIEWER = 8

COUNTS = [
    *[f"labour_{place}_{who}_{when}" for place in PLACES for who in ("women", "men", "total")
      for when in ("last_3_years", "earlier")],
    *[f"sexual_{place}_{when}" for place in PLACES for when in ("last_3_years", "earlier")],
]  # fmt: skip
COLUMNS = [
    "questionnaire_id", "country", "region", "district", "settlement", "settlement_type", "ngo", "interviewer",
    "interview_date", "relatives", "migrant_inside", "migrant_abroad", *COUNTS,
]  # fmt: skip


def interviews() -> pd.DataFrame:
    """All interviews in the canonical columns of the family survey, before any editing; the same on every call."""
    return _frame()[COLUMNS].copy()


def reasons() -> pd.Series:
    """Why a questionnaire is unusable (empty text if it is valid), indexed by questionnaire_id."""
    return _frame().set_index("questionnaire_id")["unusable"].copy()


@cache
def _frame() -> pd.DataFrame:
    rows = [row for index, country in enumerate(COUNTRIES) for row in _country(country, index)]
    frame = pd.DataFrame(rows)
    for name in ["relatives", *COUNTS]:
        frame[name] = frame[name].astype("Int64")
    frame["interview_date"] = pd.to_datetime(frame["interview_date"])
    return frame


def _country(country: str, index: int) -> list[dict[str, object]]:
    rng = generator(index)
    sums = nation(country)
    places: list[Settlement] = []
    made: list[Family] = []
    for region in regions(country):
        same = [place for place in places if place.region == region.region]
        first = max((place.district for place in same), default=0) + 1
        here = settlements(rng, region, first, len(same) + 1)
        group = families(rng, region, here)
        count_cases(rng, group, region.sums)
        count_relatives(rng, group, region.sums["relatives"])
        places += here
        made += group
    split_cases(rng, made, sums)
    if sums["relatives_raw"] > sums["relatives"]:
        inflate(rng, made, sums["relatives_raw"])
    made += unusable(rng, places, sums)
    return _rows(rng, country, places, made)


def _rows(
    rng: np.random.Generator, country: str, places: list[Settlement], made: list[Family]
) -> list[dict[str, object]]:
    """Number the interviews settlement by settlement; a settlement is one interviewer's work of one or two days."""
    by_place: dict[Settlement, list[Family]] = {place: [] for place in places}
    for family in made:
        by_place[family.settlement].append(family)
    rows: list[dict[str, object]] = []
    for position, (place, first) in enumerate(zip(places, _first_days(rng, len(places)), strict=True)):
        order = [by_place[place][int(i)] for i in rng.permutation(len(by_place[place]))]
        for turn, family in enumerate(order):
            day = first + timedelta(days=int(turn >= 9))
            rows.append(
                {
                    "questionnaire_id": f"{country}-{len(rows) + 1:05d}",
                    **_place(country, place),
                    "ngo": f"{country}-NGO-{position // SETTLEMENTS_PER_NGO + 1}",
                    "interviewer": f"{country}-{position // SETTLEMENTS_PER_INTERVIEWER + 1:02d}",
                    "interview_date": day.isoformat(),
                    "relatives": family.relatives_raw,
                    **{f"migrant_{where}": "yes" if family.migrant[where] else "no" for where in PLACES},
                    **{name: family.counts.get(name) for name in COUNTS},
                    "unusable": family.unusable,
                }
            )
    return rows


def _first_days(rng: np.random.Generator, count: int) -> list[date]:
    """First day in each settlement; an interviewer spends two days in each and is never in two at once."""
    visits = (LAST_DAY - FIRST_DAY).days // 2
    days: list[date] = []
    while len(days) < count:
        chosen = sorted(int(i) for i in rng.permutation(visits)[:SETTLEMENTS_PER_INTERVIEWER])
        days += [FIRST_DAY + timedelta(days=2 * i) for i in chosen]
    return days[:count]


def _place(country: str, place: Settlement) -> dict[str, object]:
    kind = URBAN if place.urban else RURAL
    return {
        "country": country,
        "region": place.region,
        "district": f"{PART.get(place.part, '')}{DISTRICT[country]} {place.district}",
        "settlement": f"{kind[country]} {place.number}",
        "settlement_type": "urban" if place.urban else "rural",
    }
