"""The invented survey in files: every family once, as many files as asked for, and a declaration that reads them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from samples.synthetic import deliveries
from schemas import declaration
from schemas.family_survey import COLUMNS, PARADATA


def rows(paths: list[Path]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as handle:
            found += csv.DictReader(handle, delimiter=";")
    return found


def test_every_family_is_in_one_file_and_late_files_are_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = deliveries.write(tmp_path, 97, late=3)
    there = sorted((tmp_path / deliveries.ID / "raw").rglob("*.csv"))
    assert (len(there), len(late)) == (97, 3)
    found = rows([*there, *late])
    assert len(found) == 100 * deliveries.ROWS_OF_FILE == len({row["questionnaire_id"] for row in found})
    assert set(found[0]) == set(COLUMNS) - set(PARADATA)  # which a source need not have
    slips = [row for row in found if not row["relatives"].isdigit()]
    assert 0 < len(slips) < 0.05 * len(found)  # two in a hundred; five are nine standard deviations away
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path))
    chosen = declaration.load(deliveries.ID)
    assert len(chosen.regions) == 25
    assert {row["region"] for row in found} == set(chosen.regions["region"])


def test_files_are_the_same_whenever_they_are_made(tmp_path: Path) -> None:
    for name in ("one", "other"):
        deliveries.write(tmp_path / name, 80)
    one, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*") if path.is_file()}
        for name in ("one", "other")
    )
    assert one == other
