"""The canonical form of result tables: numbers at twelve digits, rows in key order, one hash over the text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

SIGNIFICANT_DIGITS = 12
"""Processors differ in the sixteenth digit of a quantile; nobody publishes the thirteenth."""
HASHED = (
    "comparisons", "dictionary", "estimates", "regions", "reproduction", "sensitivity", "small_area_models", "trend",
)  # fmt: skip
VOLATILE = ("release_id",)
"""The release's own name says which vintage a row is; it is not part of what the row says."""


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with every floating number at twelve significant digits."""
    out = frame.copy()
    for column in out.columns[out.dtypes == "float64"]:
        values = out[column].to_numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            exponent = np.where(values == 0, 0.0, np.floor(np.log10(np.abs(values))))
        decimals = SIGNIFICANT_DIGITS - 1 - np.nan_to_num(exponent)
        out[column] = [v if np.isnan(v) else round(float(v), int(d)) for v, d in zip(values, decimals, strict=True)]
    return out


def content_sha256(tables: Mapping[str, pd.DataFrame]) -> str:
    """Hash the canonical tables as text: equal tables, equal hashes, on every machine, with any thread count."""
    digest = hashlib.sha256()
    for name in HASHED:
        frame = tables[name].drop(columns=list(VOLATILE), errors="ignore")
        digest.update(f"{name}\n{','.join(frame.columns)}\n".encode())
        digest.update(frame.to_csv(index=False, header=False, lineterminator="\n", float_format=None).encode())
    return digest.hexdigest()
