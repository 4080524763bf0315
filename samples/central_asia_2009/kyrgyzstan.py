"""KG_2009.csv: saved from a Russian spreadsheet, cp1251 with semicolons, decimal commas and CRLF."""

from __future__ import annotations

import csv
from pathlib import Path

from samples.central_asia_2009.deliveries import minutes, whole, worded
from samples.central_asia_2009.interviews import COUNTS

_WHO = {"women": "жен", "men": "муж", "total": "всего"}
_WHEN = {"last_3_years": "3 года", "earlier": "ранее"}
_QUESTION = {"labour_inside": "В3", "sexual_inside": "В4", "labour_abroad": "В5", "sexual_abroad": "В6"}
LENGTH, NOTE = "длит_мин", "прим."


def header(count: str) -> str:
    """Header of one of the sixteen counts."""
    stream, place, rest = count.split("_", 2)
    question = _QUESTION[f"{stream}_{place}"]
    if stream == "sexual":
        return f"{question} всего {_WHEN[rest]}"
    who, when = rest.split("_", 1)
    return f"{question} {_WHO[who]} {_WHEN[when]}"


HEADERS = {
    "questionnaire_id": "анкета",
    "country": "страна",
    "region": "область",
    "district": "район",
    "settlement": "нас. пункт",
    "settlement_type": "тип",
    "ngo": "организация",
    "interviewer": "интервьюер",
    "interview_date": "дата",
    "relatives": "В1 кол-во родственников",
    "migrant_inside": "В2 внутри",
    "migrant_abroad": "В2 за рубеж",
} | {name: header(name) for name in COUNTS}


def write(path: Path) -> int:
    """Write the Kyrgyz delivery and return its number of questionnaires."""
    frame = worded("KG", "да", "нет", "город", "село")
    frame["length"] = minutes(frame, 1)
    # Entered as the papers came in, not by region.
    frame = frame.sort_values(["interview_date", "questionnaire_id"])
    with path.open("w", encoding="cp1251", newline="") as handle:
        writer = csv.writer(handle, delimiter=";", lineterminator="\r\n")
        writer.writerow([*HEADERS.values(), LENGTH, NOTE])
        for row in frame.to_dict("records"):
            values = [row[name] for name in HEADERS]
            values[8] = row["interview_date"].strftime("%d.%m.%Y")
            relatives = whole(row["relatives"])
            # The spreadsheet kept this column with one decimal.
            values[9] = "" if relatives is None else f"{relatives},0"
            counts = ["" if whole(row[name]) is None else whole(row[name]) for name in COUNTS]
            length = row["length"]
            note = "со слов супруги" if length > 40 else ""
            writer.writerow([*values[:12], *counts, f"{length:.1f}".replace(".", ","), note])
    return len(frame)
