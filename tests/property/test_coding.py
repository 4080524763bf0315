"""Whatever stands in the cells, no row is lost: it is accepted as it reads, or quarantined as it was delivered."""

from __future__ import annotations

import json
import re
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import coding, declaration
from schemas.batch import Batch, Lot, PulledFile
from schemas.declaration import Acceptance, Declaration
from schemas.errors import WrongCountry
from schemas.failures import Failures
from schemas.family_survey import COLUMNS
from sources.table import DamagedRow, RawTable, text_frame
from tasks import validate
from tests import small_survey

FILE = PulledFile("raw/KZ.csv", "KZ.csv", "KZ", 0, "0" * 64, 10, "load")
TEXT = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", " ", "-", "0", "7", "13,0", "1e9", "да", "нет", "NaN", "None", "{value}", "01.10.2009"]),
    st.integers(-5, 2000).map(str),
)
FAULTS = st.dictionaries(st.tuples(st.integers(0, 7), st.sampled_from(COLUMNS)), TEXT, max_size=12)


@cache
def chosen(folder: str) -> Declaration:
    """The small survey with a share of bad rows that no file can exceed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINSCALE_SURVEYS", folder)
        loaded = declaration.load(small_survey.ID)
    return loaded.model_copy(update={"acceptance": Acceptance(largest_invalid_share=1)})


@pytest.fixture(scope="module")
def surveys(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("surveys")
    small_survey.write(folder)
    return str(folder)


@settings(max_examples=40, deadline=None)
@given(faults=FAULTS, damaged=st.integers(0, 2))
def test_no_row_is_lost_for_any_text_in_any_cell(
    surveys: str, faults: dict[tuple[int, str], str], damaged: int
) -> None:
    rows = small_survey.interviews("KZ")[:8]
    for (row, column), text in faults.items():
        rows[row][column] = text
    frame = text_frame(COLUMNS, [[row[name] for name in COLUMNS] for row in rows], range(2, 10))
    torn = tuple(DamagedRow(100 + n, "torn", "too short") for n in range(damaged))
    table = RawTable(frame, tuple(COLUMNS), "KZ.csv", torn)
    (batch,) = validate.validate(Lot((FILE,), (0,)), [table], chosen(surveys))
    if isinstance(batch, WrongCountry):
        assert {column for _, column in faults} & {"country", "region"}  # refused as a whole, and nothing was landed
        return
    assert isinstance(batch, Batch)
    assert batch.rows_read == 8 + damaged == len(batch.accepted) + len(batch.quarantined)
    seen = [*batch.accepted["source_row"], *batch.quarantined["source_row"]]
    assert sorted(seen) == [*range(2, 10), *(100 + n for n in range(damaged))]
    for row in batch.quarantined.to_dict("records"):
        assert row["rule"]
        if row["source_row"] < 100:
            assert json.loads(row["raw_row"]) == rows[row["source_row"] - 2]  # as delivered, to the last blank
    touched = {row + 2 for row, _ in faults}
    assert set(range(2, 10)) - touched <= {*batch.accepted["source_row"]} | duplicates_of(rows, touched)


def duplicates_of(rows: list[dict[str, str]], touched: set[int]) -> set[int]:
    """Rows without a fault of their own whose questionnaire number a faulty row above them has taken."""
    taken = {rows[row - 2]["questionnaire_id"].strip() for row in touched}
    return {n for n, row in enumerate(rows, start=2) if row["questionnaire_id"] in taken}


@settings(deadline=None)
@given(st.integers(-999_999_999, 999_999_999), st.sampled_from([".", ","]), st.integers(0, 4))
def test_every_whole_number_is_read_with_or_without_its_empty_decimals(number: int, decimal: str, zeros: int) -> None:
    text = f"{number}{decimal}{'0' * zeros}" if zeros else str(number)
    failures = Failures()
    frame = pd.DataFrame({"relatives": pd.array([text], dtype="str")})
    assert coding.whole_numbers(frame, ["relatives"], decimal, failures)["relatives"][0] == number
    assert not failures.positions()


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=5))
def test_a_cell_is_a_number_or_a_failure_and_never_both(cells: list[str]) -> None:
    failures = Failures()
    frame = pd.DataFrame({"relatives": pd.array(cells, dtype="str")})
    got = coding.whole_numbers(frame, ["relatives"], ".", failures)["relatives"]
    assert set(got.index[got.isna()]) == failures.positions()
    for cell, number in zip(cells, got, strict=True):
        assert pd.isna(number) == (re.fullmatch(r"[+-]?[0-9]{1,9}(\.0+)?", cell, re.ASCII) is None)
