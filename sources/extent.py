"""How wide a table and how long a cell may be, whatever format they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.errors import FileTooLarge
from sources.limits import Limits
from sources.table import ROW

if TYPE_CHECKING:
    import pandas as pd


def check_columns(count: int, bounds: Limits, file: str) -> None:
    """Raise FileTooLarge for a table of too many columns."""
    if count > bounds.columns:
        raise _too_large("columns", bounds.columns, f"the table has {count:,} columns", file, count)


def check_cell(text: str, bounds: Limits, file: str, row: int | None, column: str) -> None:
    """Raise FileTooLarge for a text of too many bytes."""
    if len(text) * 4 > bounds.cell_bytes and len(text.encode("utf-8", "replace")) > bounds.cell_bytes:
        seen = len(text.encode("utf-8", "replace"))
        raise _too_large("cell_bytes", bounds.cell_bytes, f"a cell holds {seen:,} bytes", file, seen, row, column)


def check_frame(frame: pd.DataFrame, bounds: Limits, file: str) -> None:
    """Raise FileTooLarge for a table of text with too many columns or too long a cell."""
    columns = [column for column in frame.columns if column != ROW]
    check_columns(len(columns), bounds, file)
    for column in columns:
        lengths = frame[column].str.len()
        if len(lengths.dropna()) and lengths.max() * 4 > bounds.cell_bytes:
            longest = lengths.idxmax()
            check_cell(frame.at[longest, column], bounds, file, int(frame.at[longest, ROW]), column)


def check_whole(size: int, bounds: Limits, file: str) -> None:
    """Raise FileTooLarge for a file of more bytes than a format allows that is read as a whole."""
    if size > bounds.whole_bytes:
        raise _too_large("whole_bytes", bounds.whole_bytes, f"the file has {size:,} bytes", file, size)


def _too_large(
    limit: str, allowed: int, seen: str, file: str, size: int, row: int | None = None, column: str | None = None
) -> FileTooLarge:
    return FileTooLarge(
        f"{seen}.",
        file=file,
        row=row,
        column=column,
        expected=f"{limit} of at most {allowed:,}",
        next_step="If it is a real delivery, raise the limit under `limits` of this source's reader.",
        facts={"limit": limit, "allowed": allowed, "seen": size},
    )
