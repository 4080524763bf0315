"""UZ_2009.sav: an SPSS file with labels, system missing values and declared user-missing codes 98 and 99."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat

from samples.central_asia_2009.deliveries import minutes, worded
from samples.central_asia_2009.interviews import COUNTS
from samples.central_asia_2009.labels import COUNTRY, SPELLINGS

REGION = dict(
    enumerate((name for code, names in SPELLINGS.items() if code.startswith("UZ") for name in names), start=1)
)
YES_NO = {1: "Ha", 2: "Yo'q"}
TYPE = {1: "shahar", 2: "qishloq"}
DONT_KNOW, REFUSED = 98, 99
MISSING = {DONT_KNOW: "bilmaydi", REFUSED: "javob bermadi"}
_QUESTION = {"labour_inside": "Q3", "sexual_inside": "Q4", "labour_abroad": "Q5", "sexual_abroad": "Q6"}
_WHO = {"women": "A", "men": "B", "total": "C"}
LENGTH = "DAVOMI"
# Header of an SPSS file: creation date and time are 17 characters from byte 92.
STAMP_AT, STAMP = 92, b"15 Jan 1012:00:00"


def header(count: str) -> str:
    """Variable name of one of the sixteen counts, for example Q3A_3Y."""
    stream, place, rest = count.split("_", 2)
    when = "3Y" if rest.endswith("last_3_years") else "OLD"
    letter = _WHO[rest.split("_")[0]] if stream == "labour" else ""
    return f"{_QUESTION[f'{stream}_{place}']}{letter}_{when}"


HEADERS = {
    "questionnaire_id": "ANKETA",
    "country": "DAVLAT",
    "region": "VILOYAT",
    "district": "TUMAN",
    "settlement": "JOY",
    "settlement_type": "TUR",
    "ngo": "NNT",
    "interviewer": "SUHBATCHI",
    "interview_date": "SANA",
    "relatives": "Q1",
    "migrant_inside": "Q2A",
    "migrant_abroad": "Q2B",
} | {name: header(name) for name in COUNTS}


def write(path: Path) -> int:
    """Write the Uzbek delivery and return its number of questionnaires."""
    frame = worded("UZ", 1, 2, 1, 2)
    frame["region"] = frame["region"].map({label: code for code, label in REGION.items()})
    frame["country"] = 1
    for name in ("region", "country", "settlement_type", "migrant_inside", "migrant_abroad"):
        frame[name] = frame[name].astype("float64")
    lengths = minutes(frame, 4)
    _missing_codes(frame)
    frame["interview_date"] = [day.date() for day in frame["interview_date"]]
    table = frame[list(HEADERS)].rename(columns=HEADERS).assign(**{LENGTH: lengths})
    counts = [HEADERS[name] for name in ("relatives", *COUNTS)]
    pyreadstat.write_sav(
        table, path, file_label="Family survey 2009 (reconstruction)",
        column_labels={HEADERS[name]: name.replace("_", " ") for name in HEADERS} | {LENGTH: "minutes"},
        variable_value_labels={
            "DAVLAT": {1: COUNTRY["UZ"]}, "VILOYAT": REGION, "TUR": TYPE, "Q2A": YES_NO, "Q2B": YES_NO,
            **dict.fromkeys(counts, MISSING),
        },
        missing_ranges={name: [DONT_KNOW, REFUSED] for name in counts},
    )  # fmt: skip
    content = bytearray(path.read_bytes())
    content[STAMP_AT : STAMP_AT + len(STAMP)] = STAMP
    path.write_bytes(bytes(content))
    return len(table)


def _missing_codes(frame: pd.DataFrame) -> None:
    """Write 98 or 99 where an asked question has no answer; what was not asked stays system missing."""
    for name in ("relatives", *COUNTS):
        values = frame[name].astype("float64")
        asked = True if name == "relatives" else frame["migrant_" + name.split("_")[1]] == 1
        gaps = values.isna() & asked
        position = pd.Series(range(len(frame)), index=frame.index)
        values = values.mask(gaps & (position % 3 == 0), DONT_KNOW).mask(gaps & (position % 3 == 1), REFUSED)
        frame[name] = values
