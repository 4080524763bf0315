"""The synthetic survey as Parquet parts: what numpy added up while it was drawn is what the statements make of it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from samples.synthetic import parquet
from samples.synthetic.plan import COUNTS
from schemas import family_survey
from warehouse import psu_totals
from warehouse.record_columns import record_columns

ROWS, PSUS = 3000, 130


def test_totals_of_the_parts_are_what_was_drawn(tmp_path: Path) -> None:
    paths = parquet.write(tmp_path, ROWS, PSUS)
    with duckdb.connect() as connection:
        interviews = connection.read_parquet([str(path) for path in paths], hive_partitioning=True)
        interviews.create_view("interviews")
        found = connection.execute(psu_totals.query(family_survey), {"survey_id": parquet.ID}).df()
    truth = parquet.truth(ROWS, PSUS)
    assert set(interviews.columns) == set(record_columns(family_survey))
    found = found.set_index(found["psu"].str.rsplit(" ", n=1).str[1].astype(int)).sort_index()
    assert list(found.index) == list(range(PSUS))
    assert list(found["n_respondents"]) == list(truth["n_respondents"])
    assert found["n_respondents"].sum() == ROWS
    assert list(found["relatives"]) == list(truth["relatives"])
    for asked in (name.removesuffix("_earlier") for name in COUNTS if name.endswith("_earlier")):
        both = truth[f"{asked}_last_3_years"] + truth[f"{asked}_earlier"]
        assert list(found[asked]) == list(both), asked
        assert list(found[f"{asked}_last_3_years"]) == list(truth[f"{asked}_last_3_years"]), asked


def test_the_same_seed_draws_the_same_survey_and_another_one_another() -> None:
    pd.testing.assert_frame_equal(parquet.truth(500, 20), parquet.truth(500, 20))
    assert not parquet.truth(500, 20).equals(parquet.truth(500, 20, seed=1))
