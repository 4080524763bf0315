"""What every reader returns: a table of text with its row numbers, and the rows that fit no table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from schemas.errors import HeaderMismatch
from schemas.personal import LooksPersonal

if TYPE_CHECKING:
    import pandas as pd

ROW = "source_row"
ROWS_OF_HEAD = 1000
"""Rows by which a long file is told before it is gone through."""


@dataclass(frozen=True)
class DamagedRow:
    """A row that does not fit its header: where it stands, its text as delivered, why it was set aside."""

    source_row: int
    text: str
    reason: str


@dataclass(frozen=True)
class RawTable:
    """One file as text. frame: `columns` of dtype `str`, missing only if absent, and integer `source_row`.

    `source_row` counts from 1: the line of a text file on which the row begins, the sheet row of a workbook,
    the observation of a Stata, SPSS or SAS file, the place in a list. Rows delivered = `frame` + `damaged`;
    source_row is unique.
    labels: longer names of columns, where the format has them; no column is found by them.
    looks_personal: columns that nobody declared so; no reader fills it.
    """

    frame: pd.DataFrame
    columns: tuple[str, ...]
    file: str
    damaged: tuple[DamagedRow, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    looks_personal: tuple[LooksPersonal, ...] = ()


class LongTable:
    """One file that is too large for one table: its parts, in the order of its rows, to be gone through once.

    columns: of every part.  head: its first rows.  looks_personal: of its first part.  parts: an iterator of RawTable;
    what is wrong farther down is raised by it.
    """

    def __init__(self, read: list[RawTable], more: Iterator[RawTable]) -> None:
        """Begin with the parts that were read already."""
        self.file, self.columns = read[0].file, read[0].columns
        self.head = replace(read[0], frame=read[0].frame.head(ROWS_OF_HEAD).copy(), damaged=())
        self.looks_personal = read[0].looks_personal
        self.parts = _in_turn(read, more)


def _in_turn(read: list[RawTable], more: Iterator[RawTable]) -> Iterator[RawTable]:
    while read:
        yield read.pop(0)  # who takes a part is the only one who holds it
    yield from more


def of_parts(parts: Iterator[RawTable]) -> RawTable | LongTable:
    """Return the table of a file that has one part, or a LongTable. Raises what reading the first two parts raises."""
    first = next(parts)
    second = next(parts, None)
    return first if second is None else LongTable([first, second], parts)


def joined(parts: Sequence[RawTable]) -> RawTable:
    """Return the parts of a file as one table."""
    import pandas as pd

    first = parts[0]
    if len(parts) == 1:
        return first
    frame = pd.concat([part.frame for part in parts], ignore_index=True)
    return replace(first, frame=frame, damaged=tuple(row for part in parts for row in part.damaged))


def text_frame(columns: Sequence[str], rows: Sequence[Sequence[str | None]], numbers: Sequence[int]) -> pd.DataFrame:
    """Build the frame of a RawTable. rows: (n_rows, n_columns) text or None; numbers: (n_rows,)."""
    import pandas as pd

    # one array, of which the columns are slices: to make an array costs more than the cells of a small file
    cells = pd.array([cell for column in zip(*rows, strict=True) for cell in column], dtype="str")
    size = len(rows)
    data = {name: cells[place * size : (place + 1) * size] for place, name in enumerate(columns)}
    return pd.DataFrame({**data, ROW: pd.array(list(numbers), dtype="int64")}, copy=False)


def check_names(names: Sequence[str], file: str, row: int | None) -> None:
    """Refuse a header in which two columns have one name. Empty names are the caller's concern.

    Raises HeaderMismatch.
    """
    twice = [name for name, times in Counter(name for name in names if name).items() if times > 1]
    if twice:
        places = [str(position) for position, name in enumerate(names, start=1) if name == twice[0]]
        raise HeaderMismatch(
            f'the name "{twice[0]}" stands over columns {" and ".join(places)}.',
            file=file,
            row=row,
            column=twice[0],
            expected="a name of its own for every column",
            next_step="Rename one of them in the file. In a workbook whose header has several rows, name them all in "
            "the reader (header_rows).",
            facts={"duplicated": twice},
        )
    if ROW in names:
        raise HeaderMismatch(
            f'a column is called "{ROW}", the name that is kept for the row numbers.',
            file=file,
            row=row,
            column=ROW,
            expected="any other name",
        )
