"""The declared promises: every method is in exactly one list, and columns and values are those of `estimates`."""

from __future__ import annotations

from estimators import METHODS
from schemas.additivity import additivity
from schemas.result_tables import tables


def test_every_method_either_promises_that_regions_add_up_or_says_why_not() -> None:
    promises = additivity()
    assert set(promises.region_methods) | set(promises.no_promise) == set(METHODS)
    assert not set(promises.region_methods) & set(promises.no_promise)


def test_splits_name_values_that_estimates_can_have() -> None:
    columns = {column.name: column for column in tables()["estimates"].columns}
    for split in additivity().splits:
        assert {*split.parts, split.whole} <= set(columns[split.column].isin or ())
    for cell in additivity().cannot_be:
        for column, value in cell.items():
            assert value in (columns[column].isin or ())
