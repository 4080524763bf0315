"""Which row of the next version a refused row has become: by number, by cells, by place; and never two for one."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from schemas.batch import Batch, PulledFile
from schemas.editing import EDIT_COLUMNS
from warehouse.same_row import Accepted, Refused

FILE = PulledFile("raw/KZ.csv", "KZ.csv", "KZ", 0, "0", 1, "load")
NOTHING = pd.DataFrame({"source_row": [], "questionnaire_id": [], "raw_row": []})


def cells(number: str, *answers: str) -> dict[str, str]:
    return {"id": number, **{f"q{n}": answer for n, answer in enumerate(answers)}}


def old(number: str, row: int, raw: dict[str, str] | str) -> dict[str, Any]:
    text = raw if isinstance(raw, str) else json.dumps(raw)
    return {"questionnaire_id": number, "source_row": row, "raw_row": text}


def accepted(rows: dict[int, dict[str, str]], known: frozenset[str] = frozenset()) -> Accepted:
    frame = pd.DataFrame({"source_row": list(rows), "questionnaire_id": [row["id"] for row in rows.values()]})
    delivered = pd.DataFrame([{**row, "source_row": at} for at, row in rows.items()])
    batch = Batch(FILE, len(rows), frame, NOTHING, pd.DataFrame(columns=EDIT_COLUMNS), delivered)
    return Accepted(batch, known)


TWO = {5: cells("A", "1", "2", "3", "4"), 6: cells("B", "5", "6", "7", "8")}


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (old("B", 2, cells("B", "x", "x", "x", "x")), 6),  # its number, wherever it stands now
        (old("", 2, cells("A", "1", "2", "3", "4")), 5),  # its cells
        (old("", 6, cells("", "5", "6", "7", "8")), 6),  # its place, and four of its five cells
        (old("", 6, cells("", "5", "6", "x", "x")), None),  # two of five
        (old("C", 9, cells("C", "5", "6", "7", "8")), None),  # gone
        (old("", 5, "a torn line"), 5),  # a row without cells has only its place
        (old("", 9, "a torn line"), None),
    ],
)
def test_a_row_is_told_again(row: dict[str, Any], found: int | None) -> None:
    assert accepted(TWO).find(row) == found


def test_an_interview_that_was_accepted_before_is_nobody_new() -> None:
    """The second row of a number is taken out of the file: the first one has not become accepted by that."""
    assert accepted(TWO, frozenset({"A"})).find(old("A", 9, cells("A", "1", "2", "3", "4"))) is None


def test_no_row_is_found_twice() -> None:
    rows = accepted(TWO)
    assert rows.find(old("A", 5, cells("A", "1", "2", "3", "4"))) == 5
    assert rows.find(old("A", 5, cells("A", "1", "2", "3", "4"))) is None


def test_of_refused_rows_of_one_number_the_nearest_is_meant() -> None:
    frame = pd.DataFrame(
        [old("A", 4, cells("A", "x")), old("A", 9, cells("A", "y")), old("", 12, cells("", "z"))],
    )
    refused = Refused(frame)
    assert refused.find(old("A", 10, cells("A", "changed"))) == 1
    assert refused.find(old("A", 10, cells("A", "x"))) == 0
    assert refused.find(old("", 30, cells("", "z"))) == 2
    assert refused.find(old("", 12, cells("", "q"))) is None
    assert refused.find(old("A", 4, cells("A", "x"))) is None
