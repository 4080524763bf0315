"""Text that a spreadsheet would take for a formula, and how it is written so that it stays text, and can be restored.

OWASP, "CSV Injection". Numbers are no text: -1.5 stays -1.5. Parquet, DuckDB and JSON hold every text as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow

_FORMULA = re.compile(r"""'*[\s"]*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]""")
"""How a formula begins: = + - @ or a full-width one of them, a tab or a return; also behind quotes and blanks."""
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?\s?%?")
"""A signed number as text: nothing is computed from it."""


def acts(text: str) -> bool:
    """Tell whether a spreadsheet may take a text for a formula."""
    return bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)


def neutralised(text: str) -> str:
    """Return a text for CSV: an apostrophe stands before what may act, and before what `restored` would shorten."""
    return f"'{text}" if acts(text) else text


def restored(text: str) -> str:
    """Return the text that `neutralised` was given."""
    return text[1:] if text.startswith("'") and acts(text[1:]) else text


def neutralised_columns(rows: pyarrow.Table) -> pyarrow.Table:
    """Return a table whose columns of text are as CSV may hold them; the same table when nothing in it acts."""
    import pyarrow
    from pyarrow import compute

    for place, kind in enumerate(rows.schema.types):
        if not (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
            continue
        column = rows.column(place)
        if any(acts(text) for text in compute.unique(column).to_pylist() if text):  # most columns hold few texts
            texts = [text if text is None else neutralised(text) for text in column.to_pylist()]
            rows = rows.set_column(place, rows.schema.field(place), pyarrow.array(texts, kind))
    return rows
