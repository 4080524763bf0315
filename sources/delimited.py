"""Text tables (csv, tsv): encoding and delimiter as declared, cells as written, misfit rows set aside."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import DeclarationError, DelimiterMismatch, FormatDamaged, HeaderMismatch
from sources import encodings
from sources.table import DamagedRow, RawTable, check_names, text_frame

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("encoding", "delimiter", "decimal")
SIGNATURE = "text"
_DELIMITERS = (";", ",", "\t", "|")
_BLOCK = 50_000
"""Rows that are held as Python text before they are packed into a frame: bounds the memory of long files."""
_END_OF_FILE = "\x1a"
"""Ctrl-Z, with which DOS programs end a text file; it is no row."""


def read(data: Path | bytes, name: str, spec: Mapping[str, object]) -> RawTable:
    """Read a text table. `decimal` is checked and otherwise left to whoever turns text into numbers.

    Raises DeclarationError, EncodingMismatch, DelimiterMismatch, HeaderMismatch or FormatDamaged.
    """
    encoding = encodings.normalise(spec.get("encoding", "utf-8"), name)
    delimiter = _one_of_length_one(spec, name)
    raw = data if isinstance(data, bytes) else data.read_bytes()
    encodings.check(raw, encoding, name, delimiter)
    # newline="" leaves line ends alone, so that they stay as they are inside quoted cells
    with io.TextIOWrapper(io.BytesIO(raw), encoding=encodings.codec(encoding), newline="") as text:
        return _Table(text, name, delimiter).read()


def _one_of_length_one(spec: Mapping[str, object], name: str) -> str:
    delimiter = spec.get("delimiter", "\t" if spec["format"] == "tsv" else ",")
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
        raise DeclarationError(
            f"delimiter {delimiter!r} cannot separate cells.",
            file=name,
            expected='one character, such as ";"',
        )
    if spec.get("decimal", ".") not in (".", ","):
        raise DeclarationError(f"decimal {spec['decimal']!r} is not known.", file=name, expected='"." or ","')
    return delimiter


class _Lines:
    """The lines of a text; those of the current record are remembered, so that they can be read again."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._again: list[str] = []
        self.taken: list[str] = []
        self.row = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._text)
        self.taken.append(line)
        return line

    def begin_record(self) -> None:
        """Forget the last record; `row` becomes the line on which the next one begins."""
        self.row += len(self.taken)
        self.taken.clear()

    def keep_first(self) -> None:
        """Give back all lines of the record but the first."""
        self._again.extend(reversed(self.taken[1:]))
        del self.taken[1:]

    @property
    def raw(self) -> str:
        """The record as written, without its line end."""
        return "".join(self.taken).rstrip("\r\n")


class _Table:
    """One text table while it is being read: the records that fit, block by block, and those that do not."""

    def __init__(self, text: io.TextIOBase, name: str, delimiter: str) -> None:
        self._lines = _Lines(text)
        # strict: a quotation mark in the wrong place damages the row instead of vanishing from the cell
        self._records = csv.reader(self._lines, delimiter=delimiter, strict=True)
        self._delimiter = delimiter
        self._name = name
        self._damaged: list[DamagedRow] = []
        self._first_row = ""

    def read(self) -> RawTable:
        """Read header and rows."""
        import pandas as pd

        names = self._header()
        heading, heading_row = self._lines.raw, self._lines.row
        blocks: list[pd.DataFrame] = []
        rows: list[list[str]] = []
        numbers: list[int] = []
        for number, cells in self._rows(len(names)):
            rows.append(cells)
            numbers.append(number)
            if len(rows) == _BLOCK:
                blocks.append(text_frame(_placeholders(names), rows, numbers))
                rows, numbers = [], []
        if rows or not blocks:
            blocks.append(text_frame(_placeholders(names), rows, numbers))
        frame = pd.concat(blocks, ignore_index=True) if len(blocks) > 1 else blocks[0]
        if len(names) == 1 or (frame.empty and self._damaged):
            self._check_delimiter(heading, heading_row)
        check_names(names, self._name, heading_row)
        frame, columns = self._without_unnamed(frame, names, heading_row)
        return RawTable(frame, columns, self._name, tuple(self._damaged))

    def _header(self) -> list[str]:
        while True:
            self._lines.begin_record()
            try:
                names = next(self._records)
            except StopIteration as error:
                raise FormatDamaged(
                    "the file has no line with text.", file=self._name, expected="a header and rows"
                ) from error
            except csv.Error as error:
                raise HeaderMismatch(
                    f"the header cannot be cut into cells: {error}.",
                    file=self._name,
                    row=self._lines.row,
                    expected="names between delimiters, quotation marks in pairs",
                ) from error
            if names:
                return names

    def _rows(self, width: int) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, cells) of records as wide as the header, set others aside; skip blank lines."""
        lines = self._lines
        while True:
            lines.begin_record()
            try:
                cells = next(self._records)
            except StopIteration:
                return
            except csv.Error as error:
                self._set_aside(width, f"it cannot be cut into cells: {error}")
                continue
            if not cells:
                continue
            self._first_row = self._first_row or lines.raw
            if len(cells) == width:
                yield lines.row, cells
            elif cells != [_END_OF_FILE]:
                self._set_aside(width, f"it has {len(cells)} cells, the header has {width}")

    def _set_aside(self, width: int, reason: str) -> None:
        """Keep a misfit record as damaged: only its first line if a stray quote swallowed good ones."""
        lines = self._lines
        unclosed = "unexpected end" in reason or "field limit" in reason
        if len(lines.taken) > 1 and (unclosed or any(self._fits(line, width) for line in lines.taken[1:])):
            lines.keep_first()
            reason = "a quotation mark is opened and not closed"
        self._first_row = self._first_row or lines.raw
        self._damaged.append(DamagedRow(lines.row, lines.raw, reason))

    def _fits(self, line: str, width: int) -> bool:
        try:
            return width > 1 and len(next(csv.reader([line], delimiter=self._delimiter, strict=True))) == width
        except csv.Error:
            return False

    def _check_delimiter(self, heading: str, row: int) -> None:
        """Raise DelimiterMismatch when another delimiter cuts header and first row into as many cells."""
        for other in _DELIMITERS:
            widths = [_width(line, other) for line in (heading, self._first_row) if line]
            if other != self._delimiter and widths[0] > 1 and len(set(widths)) == 1:
                shown = "\\t" if other == "\t" else other
                raise DelimiterMismatch(
                    f"no row can be cut at the declared delimiter {self._delimiter!r}; "
                    f'the header has {widths[0]} cells between "{shown}".',
                    file=self._name,
                    row=row,
                    expected=f"cells between {self._delimiter!r}, as the reader declares",
                    next_step=f'Set `delimiter: "{shown}"` in this source\'s reader.',
                    facts={"declared": self._delimiter, "would_work": other},
                )

    def _without_unnamed(self, frame: pd.DataFrame, names: list[str], row: int) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """Give the frame its names and leave out columns that have neither name nor content."""
        kept = []
        for position, name in enumerate(names):
            if name:
                kept.append(position)
            elif (frame.iloc[:, position] != "").any():
                number = int(frame["source_row"][frame.iloc[:, position] != ""].iloc[0])
                raise HeaderMismatch(
                    f"column {position + 1} has no name but has content, first in row {number:,}.",
                    file=self._name,
                    row=row,
                    expected="a name over every column that is filled",
                )
        columns = tuple(names[position] for position in kept)
        if len(kept) < len(names):
            frame = frame.iloc[:, [*kept, len(names)]]
        return frame.set_axis([*columns, "source_row"], axis=1), columns


def _width(record: str, delimiter: str) -> int:
    """Return how many cells a delimiter cuts a record into, 0 when it cannot."""
    try:
        return len(next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter), []))
    except csv.Error:
        return 0


def _placeholders(names: list[str]) -> list[str]:
    """Return placeholder names 0, 1, ... for columns whose own names are checked later."""
    return [str(position) for position in range(len(names))]
