"""How the command line draws a table: columns aligned, whole on a pipe, and made to fit a narrow terminal.

In a pipe a table has one line a row, however wide. On a terminal columns of words fold first, then headings go above
their rows, then the columns that can be spared are left out, which is said on standard error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from flows.console import err, out, room
from schemas.shown_name import shown_text

GAP = 2
NARROWEST_FOLD = 16
"""Columns that words get at least before something else gives way."""
INDENT = 4
Cell = str | Text | None
STYLES = {
    "caution": "yellow", "suppress": "dim", "hidden": "dim", "differs": "yellow", "new": "green", "moved": "yellow",
    "open": "yellow", "withdrawn": "red", "refused": "red", "refuse": "red", "warn": "yellow", "fail": "bold red",
    "ok": "green", "skipped": "dim", "missing": "red", "waits": "yellow",
}  # fmt: skip
"""Words that are coloured, where a column says that it holds such words."""


@dataclass(frozen=True)
class Column:
    """A column. A `number` stands right, words may `fold`, a `heading` may go above its row, `spare` may be left out.

    Of those that may be left out the highest goes first. A `state` is one word, coloured by what it says.
    """

    name: str
    number: bool = False
    fold: bool = False
    heading: bool = False
    spare: int = 0
    state: bool = False


def draw(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], title: str = "", total: Sequence[str] = ()) -> None:
    """Print a table on standard output. total: a last row, in bold. Cells are plain text, never markup."""
    cells = [[_text(column, cell) for column, cell in zip(columns, row, strict=True)] for row in rows]
    if total:
        cells.append([Text(shown_text(word), style="bold") for word in total])
    chosen, stacked = _fit(columns, cells, room())
    if title:
        out.print(Text(title, style="bold"))
    out.print(_Drawn(columns, cells, chosen, stacked), soft_wrap=True)
    left_out = [column.name for number, column in enumerate(columns) if number not in chosen + stacked]
    if left_out:
        err.print(
            Text(f"Left out on {room()} columns: {', '.join(left_out)}. A wider terminal or a pipe shows them.", "dim")
        )


def interval(low: str, high: str) -> str:
    """Write limits, from two numbers as they are shown."""
    return f"{low} – {high}"


def _text(column: Column, cell: Cell) -> Text:
    if isinstance(cell, Text):
        return cell
    words = " ".join(shown_text(cell or "").splitlines())
    return Text(words, style=STYLES.get(words, "") if column.state else "")


def _fit(columns: Sequence[Column], cells: list[list[Text]], width: int | None) -> tuple[list[int], list[int]]:
    """Choose the columns that are drawn, and those that stand above their rows."""
    every = list(range(len(columns)))
    if width is None or _least(columns, cells, every) <= width:
        return every, []
    stacked = [number for number in every if columns[number].heading]
    chosen = [number for number in every if number not in stacked]
    indent = INDENT if stacked else 0
    for spared in sorted((n for n in chosen if columns[n].spare), key=lambda n: -columns[n].spare):
        if _least(columns, cells, chosen) + indent <= width:
            break
        chosen.remove(spared)
    return chosen, stacked


def _least(columns: Sequence[Column], cells: list[list[Text]], chosen: Sequence[int]) -> int:
    """Return how many columns of the terminal these columns need when words fold."""
    return sum(_width(columns, cells, number, folded=True) for number in chosen) + GAP * (len(chosen) - 1)


def _width(columns: Sequence[Column], cells: list[list[Text]], number: int, folded: bool) -> int:
    column = columns[number]
    widest = max([len(column.name), *(row[number].cell_len for row in cells)])
    return min(widest, max(NARROWEST_FOLD, len(column.name))) if folded and column.fold else widest


@dataclass(frozen=True)
class _Drawn:
    """A table as lines without blanks at their ends, with headings above their rows."""

    columns: Sequence[Column]
    cells: list[list[Text]]
    chosen: Sequence[int]
    stacked: Sequence[int]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
        for number in self.chosen:
            column = self.columns[number]
            table.add_column(
                Text(column.name),
                justify="right" if column.number else "left",
                no_wrap=not column.fold,
                overflow="fold",
            )
        for row in self.cells:
            table.add_row(*(row[number] for number in self.chosen))
        lines = console.render_lines(table, options.update(width=self._room(), no_wrap=False), pad=False)
        for number, line in enumerate(lines):
            if self.stacked and number:
                heading = Text("  ").join(self.cells[number - 1][n] for n in self.stacked)
                yield from heading.wrap(console, room() or heading.cell_len)
            yield from _trimmed(line, INDENT if self.stacked else 0)
            yield Segment.line()

    def _room(self) -> int:
        """Return the width to draw in: never so little that a number would be cut; the terminal breaks such lines."""
        whole = sum(_width(self.columns, self.cells, number, folded=False) + GAP for number in self.chosen)
        width = room()
        if width is None:
            return whole
        within = width - (INDENT if self.stacked else 0)
        return max(min(whole, within), _least(self.columns, self.cells, self.chosen), 1)


def _trimmed(line: list[Segment], indent: int) -> list[Segment]:
    while line and not line[-1].text.strip():
        line = line[:-1]
    if line:
        line = [*line[:-1], Segment(line[-1].text.rstrip(), line[-1].style)]
    return [Segment(" " * indent), *line] if line and indent else line
