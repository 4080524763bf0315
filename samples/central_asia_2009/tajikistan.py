"""TJ_2009.csv: an export of the KoboToolbox kind, group/question headers and one submission a row."""

from __future__ import annotations

import csv
import hashlib
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from samples.central_asia_2009.deliveries import minutes, whole, worded
from samples.central_asia_2009.interviews import COUNTS

_WHEN = {"last_3_years": "3y", "earlier": "before"}
_QUESTION = {"labour_inside": "q3", "sexual_inside": "q4", "labour_abroad": "q5", "sexual_abroad": "q6"}
_LETTER = {"women": "a_women", "men": "b_men", "total": "c_total"}
FRONT = ["start", "end", "today", "deviceid"]
BACK = ["meta/instanceID", "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "__version__",
        "_tags", "_index"]  # fmt: skip


def header(count: str) -> str:
    """group/question name of one of the sixteen counts."""
    stream, place, rest = count.split("_", 2)
    question = _QUESTION[f"{stream}_{place}"]
    if stream == "sexual":
        return f"{place}/{question}_total_{_WHEN[rest]}"
    who, when = rest.split("_", 1)
    return f"{place}/{question}{_LETTER[who]}_{_WHEN[when]}"


HEADERS = {
    "interview_date": "today",
    "questionnaire_id": "general/form_no",
    "country": "general/country",
    "region": "general/region",
    "district": "general/district",
    "settlement": "general/settlement",
    "settlement_type": "general/settlement_type",
    "ngo": "general/ngo",
    "interviewer": "general/interviewer",
    "relatives": "family/q1_relatives",
    "migrant_inside": "family/q2_inside",
    "migrant_abroad": "family/q2_abroad",
} | {name: header(name) for name in COUNTS}


def write(path: Path) -> int:
    """Write the Tajik delivery and return its number of questionnaires."""
    frame = worded("TJ", "a", "b", "urban", "rural")
    frame["length"] = minutes(frame, 2)
    questions = [name for name in HEADERS if name != "interview_date"]
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow([*FRONT, *(HEADERS[name] for name in questions), *BACK])
        for index, row in enumerate(frame.to_dict("records"), start=1):
            answers = [_answer(row, name) for name in questions]
            writer.writerow([*_front(row, index), *answers, *_back(row, index)])
    return len(frame)


def _answer(row: dict[str, object], name: str) -> object:
    if name not in {"relatives", *COUNTS}:
        return row[name]
    count = whole(row[name])
    return "" if count is None else count


def _start(row: dict[str, object], index: int) -> datetime:
    day = row["interview_date"]
    assert isinstance(day, datetime)
    return datetime(day.year, day.month, day.day, 8, 0) + timedelta(minutes=(index * 37) % 600)


def _front(row: dict[str, object], index: int) -> list[str]:
    start = _start(row, index)
    end = start + timedelta(minutes=float(str(row["length"])))
    device = "collect:" + hashlib.sha256(str(row["interviewer"]).encode()).hexdigest()[:12]
    stamps = [f"{time:%Y-%m-%dT%H:%M:%S}.000+05:00" for time in (start, end)]
    return [*stamps, f"{start:%Y-%m-%d}", device]


def _back(row: dict[str, object], index: int) -> list[object]:
    # A uuid made from the questionnaire number: unique, and the same on every build.
    identity = uuid.uuid5(uuid.NAMESPACE_OID, str(row["questionnaire_id"]))
    sent = _start(row, index) + timedelta(hours=11)
    status = "validation_status_approved" if index % 9 else ""
    return [f"uuid:{identity}", 510000 + 3 * index, identity, f"{sent:%Y-%m-%dT%H:%M:%S}", status, "",
            "submitted_via_web", "v2009", "", index]  # fmt: skip
