"""Blocks of a text table in which every line is a record: cut by pyarrow, with the same result as the csv module's."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sources.limits import Limits
from sources.table import ROW, DamagedRow
from sources.text_blocks import has_line_over

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_END_OF_FILE = "\x1a"
"""Ctrl-Z, with which DOS programs end a text file; it is no row."""


MOST_MISFITS = 10_000
"""Misfit lines of one part: each is a text of its own, which takes more memory than its cells would."""


@dataclass(frozen=True)
class PlainBlock:
    """The rows that fit, the others, how many lines there are, and the text of the first row of either kind."""

    frame: pd.DataFrame
    damaged: tuple[DamagedRow, ...]
    lines: int
    first_row: str


def is_plain(block: bytes, names: list[str], delimiter: str, bounds: Limits) -> bool:
    """Tell whether lines are records and delimiters cut them: no quotation mark, NUL, lone carriage return, long cell.

    block: UTF-8.  names: of the columns; a table of one column is left to the csv module.
    """
    return (
        len(names) > 1
        and delimiter.isascii()
        and b'"' not in block
        and b"\0" not in block
        and block.count(b"\r") == block.count(b"\r\n")
        and not has_line_over(block, min(bounds.cell_bytes, csv.field_size_limit()))
    )


def read(block: bytes, names: list[str], delimiter: str, row: int) -> PlainBlock | None:
    """Cut a plain block into cells. names: of the columns of the frame.  row: line of the file at which it begins.

    Returns None when so many lines do not fit that the block is better read in smaller parts.
    """
    import numpy as np
    import pandas as pd

    misfits: list[Any] = []
    table = _cut(block, names, delimiter, misfits)
    if table is None:
        return None
    lines = block.count(b"\n") + (not block.endswith(b"\n"))
    filled = np.arange(lines) if table.num_rows + len(misfits) == lines else _filled_lines(block)
    places = filled[[misfit.number - 1 for misfit in misfits]]
    damaged = tuple(
        DamagedRow(row + int(place), misfit.text, f"it has {misfit.actual_columns} cells, the header has {len(names)}")
        for place, misfit in zip(places, misfits, strict=True)
        if misfit.text != _END_OF_FILE
    )
    text = pd.StringDtype(na_value=np.nan)
    cells = {name: text.__from_arrow__(table[name]) for name in names}
    numbers = np.delete(filled, [misfit.number - 1 for misfit in misfits]) + row
    frame = pd.DataFrame({**cells, ROW: numbers.astype("int64")}, copy=False)
    first = block.lstrip(b"\r\n").partition(b"\n")[0] if len(filled) else b""
    return PlainBlock(frame, damaged, lines, first.decode().rstrip("\r"))


def _cut(block: bytes, names: list[str], delimiter: str, misfits: list[Any]) -> Any:
    """Return the lines with as many cells as there are names; `misfits` gets the others, with their number from 1.

    None when there are more than MOST_MISFITS of them.
    """
    import pyarrow
    from pyarrow import csv as arrow

    def set_aside(misfit: Any) -> str:
        misfits.append(misfit)
        return "skip" if len(misfits) <= MOST_MISFITS else "error"

    try:
        return arrow.read_csv(
            pyarrow.BufferReader(block),
            # one thread: only then are misfits numbered
            read_options=arrow.ReadOptions(column_names=names, block_size=len(block) + 1, use_threads=False),
            parse_options=arrow.ParseOptions(
                delimiter=delimiter,
                quote_char=False,
                double_quote=False,
                escape_char=False,
                newlines_in_values=False,
                ignore_empty_lines=True,
                invalid_row_handler=set_aside,
            ),
            convert_options=arrow.ConvertOptions(
                column_types=dict.fromkeys(names, pyarrow.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pyarrow.ArrowInvalid:
        if len(misfits) <= MOST_MISFITS:
            raise
        return None


def _filled_lines(block: bytes) -> np.ndarray:
    """Return the numbers, from 0, of the lines that are not empty."""
    import numpy as np

    signs = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    if not block.endswith(b"\n"):
        ends = np.append(ends, len(signs))
    starts = np.append(0, ends[:-1] + 1)
    blank = (ends == starts) | ((ends == starts + 1) & (signs[starts.clip(max=len(signs) - 1)] == ord("\r")))
    return np.flatnonzero(~blank)
