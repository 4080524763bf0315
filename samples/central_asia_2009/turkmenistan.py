"""TM_2009.dta: a Stata file with value labels, system missing values and daily dates."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd

from samples.central_asia_2009.deliveries import minutes, worded
from samples.central_asia_2009.interviews import COUNTS
from samples.central_asia_2009.labels import COUNTRY

STAMP = datetime(2010, 1, 15, 12, 0)
YES_NO = {1: "hawa", 2: "yok"}
TYPE = {1: "shaher", 2: "oba"}
REGION = {1: "Ashgabat", 2: "Ahal", 3: "Balkan", 4: "Dashoguz", 5: "Lebap", 6: "Mary"}
_QUESTION = {"labour_inside": "q3", "sexual_inside": "q4", "labour_abroad": "q5", "sexual_abroad": "q6"}
_LETTER = {"women": "a", "men": "b", "total": "c"}
LENGTH = "duration"


def header(count: str) -> str:
    """Variable name of one of the sixteen counts, for example q3a_3y."""
    stream, place, rest = count.split("_", 2)
    when = "3y" if rest.endswith("last_3_years") else "bef"
    letter = _LETTER[rest.split("_")[0]] if stream == "labour" else ""
    return f"{_QUESTION[f'{stream}_{place}']}{letter}_{when}"


HEADERS = {
    "questionnaire_id": "qid",
    "country": "country",
    "region": "velayat",
    "district": "etrap",
    "settlement": "settl",
    "settlement_type": "urb",
    "ngo": "ngo",
    "interviewer": "intv",
    "interview_date": "idate",
    "relatives": "q1",
    "migrant_inside": "q2in",
    "migrant_abroad": "q2ab",
} | {name: header(name) for name in COUNTS}


def write(path: Path) -> int:
    """Write the Turkmen delivery and return its number of questionnaires."""
    frame = worded("TM", 1, 2, 1, 2)
    codes = {label: code for code, label in REGION.items()}
    frame["region"] = frame["region"].map(codes).astype("int8")
    frame["country"] = pd.Series(4, index=frame.index, dtype="int8")
    for name in ("migrant_inside", "migrant_abroad", "settlement_type"):
        frame[name] = frame[name].astype("int8")
    for name in ("relatives", *COUNTS):
        frame[name] = frame[name].astype("float64")
    table = frame[list(HEADERS)].rename(columns=HEADERS).assign(**{LENGTH: minutes(frame, 3)})
    table["idate"] = table["idate"].astype("datetime64[ms]")
    table.to_stata(
        path, write_index=False, version=118, time_stamp=STAMP, data_label="Family survey 2009 (reconstruction)",
        convert_dates={"idate": "td"},
        variable_labels={HEADERS[name]: name.replace("_", " ") for name in HEADERS} | {LENGTH: "minutes"},
        value_labels={
            "country": {4: COUNTRY["TM"]}, "velayat": REGION, "urb": TYPE, "q2in": YES_NO, "q2ab": YES_NO,
        },
    )  # fmt: skip
    return len(table)
