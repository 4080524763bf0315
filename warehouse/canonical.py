"""The canonical form of result tables: numbers at twelve digits, rows in key order, one hash over the text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

SIGNIFICANT_DIGITS = 12
"""Processors differ in the sixteenth digit of a quantile; nobody publishes the thirteenth."""
NOT_HASHED = ("quality", "releases", "revisions")
"""Tables that say how a release was made and what came before it, and not what it holds."""
ROWS_AT_ONCE = 4096
"""Rows whose text is held at once while a table is hashed."""
VOLATILE = ("release_id", "obs_status")
"""Which vintage a row is, and whether it is provisional or revised, hangs on the day and on the releases before it; a
missing number shows as such."""


_EXACT_POWERS = np.array([float(f"1e{power}") for power in range(23)])
"""Powers of ten that a floating number holds exactly: a whole number over one is the decimal nearest to it."""


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with every floating number at twelve significant digits."""
    out = frame.copy()
    for column in out.columns[out.dtypes == "float64"]:
        out[column] = _rounded(out[column].to_numpy(dtype="float64"))
    return out


def _rounded(values: np.ndarray) -> np.ndarray:
    """Round to twelve digits; numbers beyond the exact powers are rounded through their decimal form."""
    plain = np.isfinite(values) & (values != 0)
    shift = SIGNIFICANT_DIGITS - 1 - np.floor(np.log10(np.where(plain, np.abs(values), 1.0))).astype(int)
    near = np.abs(shift) < len(_EXACT_POWERS)
    scale = _EXACT_POWERS[np.where(near, np.abs(shift), 0)]
    out = np.where(shift >= 0, np.rint(values * scale) / scale, np.rint(values / scale) * scale)
    for far in np.flatnonzero(plain & ~near):
        out[far] = round(float(values[far]), int(shift[far]))
    return np.where(plain, out, values)


def content_sha256(tables: Mapping[str, pd.DataFrame]) -> str:
    """Hash the canonical tables as text: equal tables, equal hashes, on every machine, with any thread count."""
    digest = hashlib.sha256()
    for name in sorted(set(tables) - set(NOT_HASHED)):
        digest.update(f"{name}\n".encode())
        update(digest, tables[name].drop(columns=list(VOLATILE), errors="ignore"))
    return digest.hexdigest()


def update(digest: hashlib._Hash, frame: pd.DataFrame) -> None:
    """Feed the rows of a table to a hash, as text, in their order."""
    import pyarrow
    import pyarrow.csv

    rows = pyarrow.Table.from_pandas(frame, preserve_index=False)
    for first in range(0, max(len(frame), 1), ROWS_AT_ONCE):
        text = pyarrow.BufferOutputStream()
        header = pyarrow.csv.WriteOptions(include_header=first == 0)
        pyarrow.csv.write_csv(rows.slice(first, ROWS_AT_ONCE), text, header)
        digest.update(text.getvalue())
