"""What grantees in Kyrgyzstan stated in 2005, one number a row, with a row for every number that is not stated."""

from __future__ import annotations

import csv
from pathlib import Path

from samples.delivery_file import write_csv

__all__ = ["stated_numbers", "write"]

STATED = Path(__file__).with_name("stated.csv")


def stated_numbers() -> list[dict[str, str]]:
    """Return one row per stated number, then one per grantee whose trainings have no number of participants."""
    with STATED.open(encoding="utf-8", newline="") as handle:
        stated = list(csv.DictReader(handle))
    trainings = [row for row in stated if (row["activity"], row["count_basis"]) == ("training", "events")]
    known = {row["grantee"] for row in stated if (row["activity"], row["count_basis"]) == ("training", "attendance")}
    silent = [_participants_not_stated(row) for row in trainings if row["grantee"] not in known]
    return [{"questionnaire_id": f"O-{number:03d}", **row} for number, row in enumerate([*stated, *silent], start=1)]


def _participants_not_stated(training: dict[str, str]) -> dict[str, str]:
    """Return the row of the participants of a training of which only the number of events is stated."""
    unknown = {"count_basis": "attendance", "quantity": "", "qualifier": "not_stated", "note": ""}
    return {**training, **unknown, "output": f"participants: {training['output']}"}


def write(directory: Path) -> list[Path]:
    """Write the raw file and its sidecar; return the paths of the raw files."""
    path = directory / "grantee_outputs_2005.csv"
    form = "CSV of the lists of results, regions and grantees as they were spelled"
    return [write_csv(path, stated_numbers(), "samples/kyrgyzstan_grantee_outputs_2005", form, "2005-11-30")]
