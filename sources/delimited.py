"""Text tables (csv, tsv): encoding and delimiter as declared, cells as written, misfit rows set aside.

A file is read in blocks. One without a quotation mark has one record a line, and is cut by pyarrow
(`sources.plain_lines`); all others go through the csv module record by record. Both give the same table.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import DeclarationError, DelimiterMismatch, FileTooLarge, FormatDamaged, HeaderMismatch
from sources import encodings, limits, plain_lines, text_blocks
from sources.limits import Limits
from sources.table import DamagedRow, RawTable, check_names, joined, text_frame

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("encoding", "delimiter", "decimal", "limits")
SIGNATURE = "text"
_DELIMITERS = (";", ",", "\t", "|")
_PACKED = 50_000
"""Rows that are held as Python text before they are packed into a frame: bounds the memory of long files."""
_END_OF_FILE = "\x1a"
"""Ctrl-Z, with which DOS programs end a text file; it is no row."""
RECORDS_AGAIN, TIMES_AGAIN = 8, 4
"""An open quotation mark swallows rows, which are then read again: in all no more than so many of the longest records
and so many times the file."""
_NUL = "it holds a NUL character, which is no text"


def read(data: Path | bytes, name: str, spec: Mapping[str, object]) -> RawTable:
    """Read a text table as a whole; as `parts`."""
    return joined([*parts(data, name, spec)])


def parts(data: Path | bytes, name: str, spec: Mapping[str, object], size: int | None = None) -> Iterator[RawTable]:
    """Yield a text table in parts. `decimal` is checked and otherwise left to whoever turns text into numbers.

    size: bytes of the file that make a part; `text_blocks.BLOCK` unless it is given.
    Raises DeclarationError, EncodingMismatch, DelimiterMismatch, HeaderMismatch, FormatDamaged or FileTooLarge.
    """
    encoding = encodings.normalise(spec.get("encoding", "utf-8"), name)
    delimiter = _one_of_length_one(spec, name)
    bounds = limits.of(spec, name)
    size = size or text_blocks.BLOCK
    text_blocks.check_lines(data, bounds, name)
    encodings.check(data, encoding, name, delimiter)
    blocks = text_blocks.of_lines(data, encodings.codec(encoding), name, bounds, size)
    yield from _Table(blocks, name, delimiter, bounds, size).parts()


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


def _lines_of(block: bytes) -> io.TextIOWrapper:
    """Open UTF-8 for reading lines; StringIO would take four bytes for each character."""
    return io.TextIOWrapper(io.BytesIO(block), encoding="utf-8", newline="")


class _Lines:
    """The lines of a text that comes in blocks; those of the current record are remembered, to be read again.

    A record may go on in the next block. Between two records the end of a block is the end of the lines.
    """

    def __init__(self, blocks: Iterator[bytes], name: str, bounds: Limits) -> None:
        self._blocks = blocks
        self._name, self._bounds = name, bounds
        self._text = _lines_of(b"")
        self._again: list[str] = []
        self._left = b""
        self.taken: list[str] = []
        self.row = 1
        self.read = self.size = self.read_again = 0
        """Characters of all lines so far, of those taken, and of those that were given back to be read again."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._text.readline()
        while not line:  # newline="" leaves line ends alone, so that they stay inside quoted cells
            block = next(self._blocks, None) if self.taken else None
            if block is None:
                raise StopIteration
            self._text = _lines_of(block)
            line = self._text.readline()
        self.taken.append(line)
        self.read += len(line)
        self.size += len(line)
        if self.size > self._bounds.line_bytes and len(self.taken) > 1:
            raise text_blocks.too_long(self._name, "a record of several lines", self._bounds)
        return line

    def next_block(self) -> bytes | None:
        """Take the next block out; what is behind it follows. Call between two records, when the last one is read."""
        block, self._left = self._left or next(self._blocks, None), b""
        return block

    def open(self, block: bytes) -> None:
        """Go through the lines of a block."""
        self._text = _lines_of(block)

    def put_back(self) -> None:
        """Let the lines that are left be the next block."""
        self._left = self._text.read().encode()

    def skip(self, lines: int) -> None:
        """Count lines that were read in another way."""
        self.begin_record()
        self.row += lines

    def begin_record(self) -> None:
        """Forget the last record; `row` becomes the line on which the next one begins."""
        self.row += len(self.taken)
        self.taken.clear()
        self.size = 0

    def keep_first(self) -> None:
        """Give back all lines of the record but the first."""
        self._again.extend(reversed(self.taken[1:]))
        del self.taken[1:]
        self.read -= self.size - len(self.taken[0])
        self.read_again += self.size - len(self.taken[0])
        self.size = len(self.taken[0])

    @property
    def raw(self) -> str:
        """The record as written, without its line end."""
        return "".join(self.taken).rstrip("\r\n")


class _Table:
    """One text table while it is being read: the records that fit, part by part, and those that do not."""

    def __init__(self, blocks: Iterator[bytes], name: str, delimiter: str, bounds: Limits, size: int) -> None:
        self._lines = _Lines(blocks, name, bounds)
        # strict: a quotation mark in the wrong place damages the row instead of vanishing from the cell
        self._records = csv.reader(self._lines, delimiter=delimiter, strict=True)
        self._delimiter = delimiter
        self._name = name
        self._bounds = bounds
        self._size = size
        self._damaged: list[DamagedRow] = []
        self._first_row = ""

    def parts(self) -> Iterator[RawTable]:
        """Read header and rows; at least one part."""
        names = self._header()
        heading, heading_row = self._lines.raw, self._lines.row
        self._lines.begin_record()
        self._lines.put_back()
        is_first = True
        for frame in self._frames(names):
            if is_first and (len(names) == 1 or (frame.empty and self._damaged)):
                self._check_delimiter(heading, heading_row)
            if is_first:
                check_names(names, self._name, heading_row)
            is_first = False
            named, columns = self._without_unnamed(frame, names, heading_row)
            damaged, self._damaged = tuple(self._damaged), []
            yield RawTable(named, columns, self._name, damaged)

    def _frames(self, names: list[str]) -> Iterator[pd.DataFrame]:
        """Yield the rows that fit, a frame with placeholder names for each part; an empty one if there is none."""
        placeholders = [str(position) for position in range(len(names))]
        is_empty = True
        while (block := self._lines.next_block()) is not None:
            plain = None
            if plain_lines.is_plain(block, names, self._delimiter, self._bounds):
                plain = plain_lines.read(block, placeholders, self._delimiter, self._lines.row)
            if plain is not None:
                self._first_row = self._first_row or plain.first_row
                self._damaged += plain.damaged
                self._lines.skip(plain.lines)
                yield plain.frame
            else:
                self._lines.open(block)
                yield from self._cut(placeholders)
            is_empty = False
        if is_empty:
            yield text_frame(placeholders, [], [])

    def _cut(self, names: list[str]) -> Iterator[pd.DataFrame]:
        """Yield the rows of the lines that are open, of about one block each."""
        import pandas as pd

        packed: list[pd.DataFrame] = []
        rows: list[list[str]] = []
        numbers: list[int] = []
        begun = self._lines.read
        for number, cells in self._rows(len(names)):
            if cells is not None:
                rows.append(cells)
                numbers.append(number)
            is_full = cells is None or self._lines.read - begun >= self._size
            if is_full or len(rows) == _PACKED:
                packed.append(text_frame(names, rows, numbers))
                rows, numbers = [], []
            if is_full:
                yield pd.concat(packed, ignore_index=True)
                packed, begun = [], self._lines.read
        if self._lines.read > begun:
            packed.append(text_frame(names, rows, numbers))
            yield pd.concat(packed, ignore_index=True) if len(packed) > 1 else packed[0]

    def _header(self) -> list[str]:
        while True:
            self._lines.begin_record()
            try:
                names = next(self._records)
            except StopIteration as error:
                block = self._lines.next_block()
                if block is not None:
                    self._lines.open(block)
                    continue
                raise FormatDamaged(
                    "the file has no line with text.", file=self._name, expected="a header and rows"
                ) from error
            except csv.Error as error:
                raise self._bad_header(f"the header cannot be cut into cells: {error}.") from error
            if "\0" in self._lines.raw:
                raise self._bad_header("the header holds a NUL character, which is no text.")
            if len(names) > self._bounds.columns:
                raise self._too_large("columns", self._bounds.columns, len(names))
            if names:
                return names

    def _bad_header(self, what: str) -> HeaderMismatch:
        return HeaderMismatch(
            what,
            file=self._name,
            row=self._lines.row,
            expected="names between delimiters, quotation marks in pairs",
        )

    def _too_large(self, limit: str, allowed: int, seen: int) -> FileTooLarge:
        return FileTooLarge(
            f"{limit}: {seen:,} are more than the {allowed:,} that are allowed.",
            file=self._name,
            row=self._lines.row,
            expected="a table of interviews",
            next_step=f"If it is one, `limits: {{{limit}: ...}}` of its reader allows more.",
            facts={"limit": limit, "allowed": allowed, "seen": seen},
        )

    def _rows(self, width: int) -> Iterator[tuple[int, list[str] | None]]:
        """Yield (line, cells) of records as wide as the header, set others aside; skip blank lines.

        Cells are None where so many were set aside that the part is to end.
        """
        lines = self._lines
        while True:
            lines.begin_record()
            try:
                cells = next(self._records)
            except StopIteration:
                return
            except csv.Error as error:
                self._set_aside(width, f"it cannot be cut into cells: {error}")
                if len(self._damaged) >= plain_lines.MOST_MISFITS:
                    yield lines.row, None
                continue
            if not cells:
                continue
            if lines.size > self._bounds.cell_bytes:
                longest = max(len(cell.encode()) for cell in cells)
                if longest > self._bounds.cell_bytes:
                    raise self._too_large("cell_bytes", self._bounds.cell_bytes, longest)
            self._first_row = self._first_row or lines.raw
            if any("\0" in line for line in lines.taken):
                self._set_aside(width, _NUL)
            elif len(cells) == width:
                yield lines.row, cells
            elif cells != [_END_OF_FILE]:
                self._set_aside(width, f"it has {len(cells)} cells, the header has {width}")
                if len(self._damaged) >= plain_lines.MOST_MISFITS:
                    yield lines.row, None

    def _set_aside(self, width: int, reason: str) -> None:
        """Keep a misfit record as damaged: only its first line if a stray quote swallowed good ones."""
        lines = self._lines
        unclosed = "unexpected end" in reason or "field limit" in reason
        if len(lines.taken) > 1 and (unclosed or any(self._fits(line, width) for line in lines.taken[1:])):
            lines.keep_first()
            self._check_pairs()
            reason = "a quotation mark is opened and not closed"
        self._first_row = self._first_row or lines.raw
        self._damaged.append(DamagedRow(lines.row, lines.raw, reason))

    def _check_pairs(self) -> None:
        """Refuse a file in which marks stay open so often that its time to be read grows with its square."""
        lines = self._lines
        if lines.read_again > RECORDS_AGAIN * self._bounds.line_bytes + TIMES_AGAIN * lines.read:
            raise FormatDamaged(
                "quotation marks are opened and not closed in so many rows that rows cannot be told apart.",
                file=self._name,
                row=lines.row,
                expected="quotation marks in pairs around a cell, and doubled within it",
                next_step="Ask for the file again, as the program that holds the data writes it.",
            )

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
