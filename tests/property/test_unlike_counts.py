"""Sums of unlike counts: one of each kind is the plain sum of its records, and a sum of two kinds never exists."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from estimators.indicators.cell import Domain
from estimators.indicators.counts import total
from schemas.indicator import Name, Total

RECORD = st.tuples(st.sampled_from(["events", "attendance", "copies"]), st.none() | st.integers(0, 10**6))


@settings(deadline=None, max_examples=60)
@given(st.lists(RECORD, min_size=1, max_size=12))
def test_a_sum_is_of_one_kind_or_refused(rows: list[tuple[str, int | None]]) -> None:
    frame = pd.DataFrame(rows, columns=["basis", "quantity"]).astype({"basis": "str", "quantity": "Int64"})
    where = Domain("national", "KG", None, frame)
    apart = Total(kind="total", id="n", title=Name(en="n", ru="n"), of="quantity", within="basis")
    mixed = apart.model_copy(update={"within": None})
    stated = {basis: [n for kind, n in rows if kind == basis and n is not None] for basis, _ in rows}
    kinds = sorted(basis for basis, numbers in stated.items() if numbers)
    got = {cell.code: cell for cell in total(apart, where, "basis")}
    for basis, numbers in stated.items():
        assert got[basis].base == len(numbers)
        assert got[basis].estimate == sum(numbers) if numbers else np.isnan(got[basis].estimate)
    (together,) = total(mixed, where, "basis")
    for cell in filter(None, (together, got.get(""))):
        assert np.isnan(cell.estimate) == (len(kinds) != 1)
        assert list(cell.refused) == (kinds if len(kinds) > 1 else [])
