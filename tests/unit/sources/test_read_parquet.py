"""Parquet: what is stored arrives as text, what is no number as nothing."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.reader import read


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()])
def test_nan_is_a_missing_cell(kind: pa.DataType) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"n": pa.array([1.5, float("nan"), None, 13.0], kind)}), out)
    cells = read(out.getvalue(), "d.parquet", {"format": "parquet"}).frame["n"]
    assert [None if missing else cell for cell, missing in zip(cells, cells.isna(), strict=True)] == [
        "1.5",
        None,
        None,
        "13",
    ]
