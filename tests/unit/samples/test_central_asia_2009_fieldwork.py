"""The fieldwork sheets against the family survey's own files, and against what the publication prints."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from samples.central_asia_2009 import interviews
from samples.central_asia_2009_fieldwork import sheets, write
from samples.central_asia_2009_fieldwork.sheets import UNRECORDED
from warehouse.home import CHECKOUT

RAW = CHECKOUT / "surveys" / "central_asia_2009_fieldwork" / "raw"
SAMPLES = {"KZ": 2234, "KG": 1990, "TJ": 1970, "TM": 2598, "UZ": 2556}
"""Sections 2.1.1 to 2.5.1 of the publication."""


def test_the_files_are_what_the_builder_writes(tmp_path: Path) -> None:
    for path in write(tmp_path):
        assert path.read_bytes() == (RAW / path.name).read_bytes()
        side = f"{path.name}.source.yaml"
        assert (tmp_path / side).read_bytes() == (RAW / side).read_bytes()
    assert len(list(RAW.iterdir())) == 2 * len(SAMPLES)


def test_sheets_add_up_to_the_printed_samples() -> None:
    held, usable = Counter[str](), Counter[str]()
    for row in sheets():
        held[row["country"]] += int(row["achieved"])
        usable[row["country"]] += int(row["usable"])
    assert usable == SAMPLES
    assert held.total() == 11_384  # section 1.3.3


def test_settlements_and_interviewers_are_those_of_the_interviews() -> None:
    frame = interviews()
    key = ["country", "region", "district", "settlement", "interviewer"]
    expected = Counter(map(tuple, frame[key].itertuples(index=False)))
    assert {tuple(row[name] for name in key): int(row["achieved"]) for row in sheets()} == expected


def test_what_nobody_recorded_is_empty() -> None:
    for path in RAW.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as handle:
            assert {row[name] for row in csv.DictReader(handle) for name in UNRECORDED} == {""}


def test_every_district_has_two_settlements() -> None:
    """Annex 4 wants two or three villages in each district."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in sheets():
        found.setdefault((row["region"], row["district"]), set()).add(row["psu"])
    assert min(map(len, found.values())) >= 2
