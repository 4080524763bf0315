"""What hotlines and consultations in Kyrgyzstan stated in 2005, with a row for every hotline that states no number."""

from __future__ import annotations

import csv
from pathlib import Path

from samples.delivery_file import write_csv

__all__ = ["entries", "write"]

STATED = Path(__file__).with_name("stated.csv")

SILENT = {"RCRP": "Jalal-Abad", "CSSC-Nookat": "Osh", "WIC Osh": "Osh", "WIC Talas": "Talas"}
"""Operators of a hotline whose number of contacts is not stated, with their region."""


def entries() -> list[dict[str, str]]:
    """Return one row per stated number, then one per hotline without any."""
    with STATED.open(encoding="utf-8", newline="") as handle:
        stated = list(csv.DictReader(handle))
    blank = dict.fromkeys(stated[0], "")
    hotline = {"channel": "hotline", "count_basis": "contacts", "qualifier": "not_stated", "standing": "counted"}
    silent = [
        {**blank, **hotline, "operator": operator, "region": region, "output": "hotline contacts"}
        for operator, region in SILENT.items()
    ]
    return [{"questionnaire_id": f"C-{number:03d}", **row} for number, row in enumerate([*stated, *silent], start=1)]


def write(directory: Path) -> list[Path]:
    """Write the raw file and its sidecar; return the paths of the raw files."""
    path = directory / "contacts_2005.csv"
    form = "CSV of the numbers of contacts, persons and victims helped"
    return [write_csv(path, entries(), "samples/kyrgyzstan_contacts_2005", form, "2005-11-30")]
