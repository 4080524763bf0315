"""Files that were cut off or have wrong bytes: a table or an error of ours, in every format, and nothing else."""

from __future__ import annotations

import contextlib
import random

import pytest

from schemas.errors import DeliveryError
from sources import detect
from sources.reader import read
from tests.unit.sources import golden_formats

LENGTHS, FLIPS = 25, 40


def attempts(raw: bytes, seed: str) -> list[bytes]:
    """Return the file cut at some lengths, and with some bytes changed; the same on every machine."""
    chance = random.Random(seed)
    cut = [raw[:length] for length in sorted({chance.randrange(len(raw)) for _ in range(LENGTHS)})]
    changed = []
    for _ in range(FLIPS):
        content = bytearray(raw)
        for _ in range(chance.choice((1, 1, 2, 8))):
            content[chance.randrange(len(content))] = chance.choice((0, 255, chance.randrange(256)))
        changed.append(bytes(content))
    return cut + changed


@pytest.mark.parametrize("name", golden_formats.names())
def test_a_damaged_file_gives_a_table_or_an_error_of_ours(name: str) -> None:
    case = golden_formats.case(name)
    for raw in attempts(case.file.read_bytes(), name):
        try:
            table = read(raw, case.file.name, case.reader)
        except DeliveryError as error:
            assert error.where.file is not None and error.where.file.startswith(case.file.name)
        else:
            rows = [*table.frame["source_row"], *(row.source_row for row in table.damaged)]
            assert len(set(rows)) == len(rows)
        with contextlib.suppress(DeliveryError):
            detect.settings(raw, case.file.name)


CUT = ["xls", "xlsx", "ods", "xpt", "parquet", "json_", "gzip", "zip"]
"""Formats that say where they end."""


@pytest.mark.parametrize("name", [name for name in golden_formats.names() if name.startswith(tuple(CUT))])
def test_a_file_that_lost_its_end_is_refused(name: str) -> None:
    case = golden_formats.case(name)
    raw = case.file.read_bytes()
    for lost in (1, 2, 10, len(raw) // 2):
        if name.startswith("xls_") and lost < 512:
            continue  # the last sector of a compound file is filled up with bytes that mean nothing
        with pytest.raises(DeliveryError):
            read(raw[:-lost], case.file.name, case.reader)
