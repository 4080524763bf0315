"""The phases of the grants of 2004 and 2005 in Kyrgyzstan, as far as the text tells them apart."""

from __future__ import annotations

import csv
from pathlib import Path

from samples.delivery_file import write_csv

__all__ = ["phases", "write"]

GRANTEES = Path(__file__).with_name("grantees.csv")


def phases() -> list[dict[str, str]]:
    """Return one row per phase of a grant."""
    with GRANTEES.open(encoding="utf-8", newline="") as handle:
        grantees = list(csv.DictReader(handle))
    rows = [
        {"grantee": row["grantee"], "region": row["region"], "phase": phase, **_of_the_grantee(row)}
        for row in grantees
        for phase in row["phases"].split(";")
    ]
    return [{"questionnaire_id": f"G-{number:02d}", **row} for number, row in enumerate(rows, start=1)]


def _of_the_grantee(row: dict[str, str]) -> dict[str, str]:
    return {name: row[name] for name in ("visited", "at_baseline_roundtable")}


def write(directory: Path) -> list[Path]:
    """Write the raw file and its sidecar; return the paths of the raw files."""
    path = directory / "grants_2005.csv"
    form = "CSV of the phases of grants, grantees and regions as they were spelled"
    return [write_csv(path, phases(), "samples/kyrgyzstan_grants_2005", form, "2005-11-30")]
