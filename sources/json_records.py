"""Records with names become a table: columns in order of first appearance, what is no record set aside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from schemas.errors import DeclarationError, HeaderMismatch, MissingColumn
from sources import extent, json_text, limits
from sources.some_names import some_names
from sources.table import DamagedRow, RawTable, check_names, text_frame

PARENT = "_parent_row"
"""Column of a table of children: the source_row of the record in whose list they stand."""
_OF_THE_SERVER = ("_attachments", "_notes", "_tags")
"""Lists that KoboToolbox adds to every submission, whatever its form asks."""
Written = tuple[int, str, "Callable[[], dict[str, Any]]"]
"""source_row, the record as delivered, and what decodes it (raising json_text.UnfitError)."""


class Table:
    """A table while it grows: texts by column, as long as the rows so far."""

    def __init__(self, name: str, bounds: limits.Limits) -> None:
        """Begin a table without rows. name: what errors call the file."""
        self._name = name
        self._bounds = bounds
        self._places: dict[str, int] = {}
        self._rows: list[list[str | None]] = []
        self._numbers: list[int] = []

    def add(self, number: int, cells: Mapping[str, str | None]) -> None:
        """Add a row. Raises FileTooLarge for too many columns or too long a cell."""
        for column, cell in cells.items():
            if column not in self._places:
                self._places[column] = len(self._places)
            if cell is not None:
                extent.check_cell(cell, self._bounds, self._name, number, column)
        extent.check_columns(len(self._places), self._bounds, self._name)
        row: list[str | None] = [None] * len(self._places)
        for column, cell in cells.items():
            row[self._places[column]] = cell
        self._rows.append(row)
        self._numbers.append(number)

    def done(self, damaged: Iterable[DamagedRow], fields: Iterable[str] = ()) -> RawTable:
        """Return the table. fields: columns it has even where no record names them. Raises HeaderMismatch."""
        for column in fields:
            self._places.setdefault(column, len(self._places))
        width = len(self._places)
        for row in self._rows:
            row.extend([None] * (width - len(row)))
        columns = tuple(self._places)
        check_names(columns, self._name, None)
        if "" in columns:
            raise HeaderMismatch("a value has no name.", file=self._name, expected="a name for every value")
        return RawTable(text_frame(columns, self._rows, self._numbers), columns, self._name, tuple(damaged))


def table(written: Iterable[Written], name: str, spec: Mapping[str, Any]) -> RawTable:
    """Read records as rows. spec: `repeats` names the lists that are tables of their own; `limits`.

    Raises DeclarationError, FileTooLarge or HeaderMismatch, and what `written` raises.
    """
    apart = _apart(spec)
    out, damaged = Table(name, limits.of(spec, name)), []
    for number, text, decode in written:
        try:
            cells, _ = _cells(decode(), apart)
        except json_text.UnfitError as error:
            damaged.append(DamagedRow(number, text, str(error)))
            continue
        out.add(number, cells)
    return out.done(damaged, (field for field in fields(spec, name) if field not in apart))


def fields(spec: Mapping[str, Any], name: str) -> list[str]:
    """Return the questions that a reader names although nobody may have answered them. Raises DeclarationError."""
    declared = spec.get("fields") or []
    if not isinstance(declared, list | tuple) or not all(isinstance(field, str) and field for field in declared):
        raise DeclarationError(f"fields {declared!r} is no list of names.", file=name, expected='["family/relatives"]')
    return list(declared)


def children(written: Iterable[Written], name: str, spec: Mapping[str, Any], array: str) -> RawTable:
    """Read the objects in one list of every record as rows, with the row of their record as PARENT.

    Children of a record that is set aside are set aside with it. Raises as `table` does, and MissingColumn for a list
    that no record has although they have others.
    """
    out, count = Table(name, limits.of(spec, name)), 0
    others, is_there = dict[str, None](), array in fields(spec, name)
    for number, _, decode in written:
        try:
            record = decode()
            _, below = _cells(record, frozenset({array}))
        except json_text.UnfitError:
            continue
        if not is_there:
            lists = json_text.lists(record)
            is_there = array in lists
            others |= dict.fromkeys(place for place, filled in lists.items() if filled)
        for cells in below:
            count += 1
            out.add(count, {PARENT: str(number), **cells})
    strange = [place for place in others if place not in _apart(spec) and place not in _OF_THE_SERVER]
    if strange and not is_there:
        raise _no_list(array, strange, name)
    return out.done(())


def _apart(spec: Mapping[str, Any]) -> frozenset[str]:
    """Return the lists that are tables of their own."""
    return frozenset(str(rule.get("array", place)) for place, rule in (spec.get("repeats") or {}).items())


def _no_list(array: str, others: Collection[str], name: str) -> MissingColumn:
    return MissingColumn(
        f'no record has the list "{array}"; lists of objects that records have: {some_names(others)}.',
        file=name,
        column=array,
        expected="the list that `array` of `repeats` names",
        next_step="Change `array`. If the form has the list and nobody answered it, name it under `fields` of this "
        f'source\'s reader: fields: ["{array}"]',
    )


def _cells(record: dict[str, Any], apart: frozenset[str]) -> tuple[dict[str, str | None], list[dict[str, str | None]]]:
    """Return the cells of a record and of the objects in its lists; one flaw among them is a flaw of the record."""
    below = [json_text.flat(child) for array in sorted(apart) for child in json_text.children(record, array)]
    return json_text.flat(record, apart), below
