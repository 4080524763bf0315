"""Records behind the printed numbers: 355 people at 18 organisations, 55 crimes, 31 proceedings, 24 cases.

Lives here: the rows of both raw files. What nobody printed is left empty; what a row cannot do without (organisation,
key, day of intake) is spread evenly, so that nobody takes it for a finding.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import date, timedelta

PEOPLE, ORGANISATIONS, CRIMES, DISCONTINUED, TO_COURT = 355, 18, 55, 31, 24
FIRST_DAY, LAST_DAY = date(2018, 1, 1), date(2020, 11, 30)
"""A footnote says that 2020 is January to November; of which count is lost, so none of them says how long it runs."""
EMPTY_OF_PEOPLE = ("sex", "age_recruited", "age_now", "exploitation", "where", "went_to_police", "why_not")
SEED = "kyrgyzstan_case_funnel_2018_2020"


def intakes() -> list[dict[str, str]]:
    """Return one row per person who came to an organisation."""
    span = (LAST_DAY - FIRST_DAY).days
    return [
        {
            "no": f"I{number + 1:03}",
            "what": "person",
            "organisation": f"ORG{number % ORGANISATIONS + 1:02}",
            "key": key(number),
            "counted_from": FIRST_DAY.isoformat(),
            "counted_to": "",
            "came_on": (FIRST_DAY + timedelta(days=number * span // (PEOPLE - 1))).isoformat(),
            **dict.fromkeys(EMPTY_OF_PEOPLE, ""),
        }
        for number in range(PEOPLE)
    ]


def key(number: int) -> str:
    """Return a key of the shape that pseudonyms have, another for every person."""
    digest = hashlib.sha256(f"{SEED} {number}".encode()).digest()
    return base64.b32encode(digest)[:16].decode()


def register() -> list[dict[str, str]]:
    """Return one row per crime, discontinued proceeding and case in court; days and articles are not printed."""
    return [
        *(_entry("П", "преступление", "", number) for number in range(CRIMES)),
        *(_entry("У", "производство", "прекращено", number) for number in range(DISCONTINUED)),
        *(_entry("Д", "дело", "направлено в суд", number) for number in range(TO_COURT)),
    ]


def _entry(letter: str, what: str, outcome: str, number: int) -> dict[str, str]:
    return {
        "№": f"{letter}{number + 1:02}",
        "что учтено": what,
        "подсчёт с": FIRST_DAY.isoformat(),
        "подсчёт по": "",
        "дата регистрации": "",
        "статья при регистрации": "",
        "статья ныне": "",
        "число пострадавших": "",
        "исход": outcome,
        "дата исхода": "",
    }
