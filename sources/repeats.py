"""Repeats (the members of a family) counted and summed into the row they belong to, as a declaration says.

A child whose parent is not there is set aside, never dropped; one that cannot be read refuses the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from schemas.decimal_mark import may_be_thousands
from schemas.errors import DeclarationError, FormatDamaged, MissingColumn
from sources.json_records import PARENT
from sources.sheets import STEP
from sources.table import ROW, DamagedRow, RawTable

if TYPE_CHECKING:
    import pandas as pd

_KEYS = ("array", "sheet", "member", "header_rows", "parent", "key", "fields", "collect")
_PLACES = ("array", "sheet", "member")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_EXAMPLE = "collect: {n_members: {count: true}, women: {sum: n, where: {sex: f}}}"


@dataclass(frozen=True)
class Collected:
    """One new column. total: the column of the children that is summed, None to count them. where: texts they have."""

    column: str
    total: str | None
    where: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Rule:
    """One repeat: where its rows stand, which of their cells names the parent, and what is collected."""

    name: str
    array: str | None
    sheet: str | None
    member: str | None
    header_rows: tuple[int, ...]
    parent: str
    key: str | None
    fields: tuple[str, ...]
    """Columns that the rows of an array have, even in a file in which nobody answered them."""
    collect: tuple[Collected, ...]


def rules(spec: Mapping[str, Any], name: str) -> list[Rule]:
    """Return the repeats that a reader declares. name: what errors call the file. Raises DeclarationError."""
    declared = spec.get("repeats") or {}
    if not isinstance(declared, Mapping):
        raise _wrong("repeats", "it holds no names", name)
    return [_rule(str(key), value, name) for key, value in declared.items()]


def _rule(key: str, given: Any, file: str) -> Rule:
    if not isinstance(given, Mapping) or [name for name in given if name not in _KEYS]:
        raise _wrong(key, f"its keys are {', '.join(_KEYS)}", file)
    places = {place: str(given[place]) for place in _PLACES if place in given}
    if len(places) != 1:
        raise _wrong(key, f"it needs one of {', '.join(_PLACES)}", file)
    collect = given.get("collect")
    if not isinstance(collect, Mapping) or not collect:
        raise _wrong(key, f"it collects nothing; for example {_EXAMPLE}", file)
    in_array = "array" in places
    rows = given.get("header_rows", [1])
    if not isinstance(rows, list | tuple):
        raise _wrong(key, "header_rows is a list of rows", file)
    fields = given.get("fields", [])
    if not isinstance(fields, list | tuple) or not all(isinstance(field, str) for field in fields):
        raise _wrong(key, "fields is a list of names: fields: [sex, n]", file)
    if fields and not in_array:
        raise _wrong(key, "fields is for `array`; a sheet and a file have all their columns", file)
    return Rule(
        key,
        places.get("array"),
        places.get("sheet"),
        places.get("member"),
        tuple(rows),
        PARENT if in_array else str(given.get("parent", "_parent_index")),
        None if in_array else str(given.get("key", "_index")),
        tuple(fields),
        tuple(_collected(key, str(column), how, file) for column, how in collect.items()),
    )


def _collected(key: str, column: str, how: Any, file: str) -> Collected:
    sound = isinstance(how, Mapping) and not [name for name in how if name not in ("count", "sum", "where")]
    if not sound or ("count" in how) == ("sum" in how) or how.get("count", True) is not True:
        raise _wrong(key, f"{column} is neither {{count: true}} nor {{sum: a column}}", file)
    where = how.get("where", {})
    if not isinstance(where, Mapping):
        raise _wrong(key, f"`where` of {column} is no list of columns and texts", file)
    texts = {str(name): _texts_of(f"{key}: {column}", name, value, file) for name, value in where.items()}
    return Collected(column, str(how["sum"]) if "sum" in how else None, texts)


def _texts_of(place: str, name: Any, given: Any, file: str) -> tuple[str, ...]:
    """Return the texts that `where` names for a column. YAML takes yes, no and 1 for something else than text."""
    texts = given if isinstance(given, list | tuple) else [given]
    strange = [one for one in (name, *texts) if not isinstance(one, str)]
    if strange or not texts:
        said = f"{strange[0]!r} is no text" if strange else f"{name} has no text"
        line = ", ".join(map(_quoted, texts)) or _quoted("...")
        raise DeclarationError(
            f"repeats: {place}: in `where`, {said}, and cells are compared as texts.",
            file=file,
            expected="names and texts in quotes, as they are read: truth values of a format are TRUE and FALSE",
            next_step=f"Write: where: {{{_quoted(name)}: [{line}]}}",
        )
    return tuple(texts)


def _quoted(given: Any) -> str:
    """Return what a value of YAML was probably meant to be, in quotes."""
    text = {True: "yes", False: "no"}[given] if isinstance(given, bool) else "" if given is None else str(given)
    return f'"{text}"'


def join(table: RawTable, children: RawTable, rule: Rule, spec: Mapping[str, Any], name: str) -> RawTable:
    """Return a table with the collected columns of one repeat. spec: its `decimal` says how numbers are written.

    Of rows without children counts and sums are 0. Cells that are empty add nothing; a sum of nothing but empty
    cells is missing. A parent whose children hold something else than a number where it is summed is set aside.
    Raises DeclarationError, FormatDamaged or MissingColumn.
    """
    import pandas as pd

    _check(table, children, rule, name)
    of = _rows_of_children(table, children, rule, name)
    decimal = str(spec.get("decimal", "."))
    frame, damaged = table.frame, [*table.damaged, *_orphans(table, children, of, rule)]
    bad: dict[int, str] = {}
    for collected in rule.collect:
        chosen = _chosen(children, of, collected)
        if collected.total is None:
            cells = _counts(len(frame), chosen)
        else:
            cells = _sums(len(frame), children, chosen, collected, decimal, bad)
        frame = frame.assign(**{collected.column: pd.array(cells, dtype="str")})
    columns = (*table.columns, *(collected.column for collected in rule.collect))
    frame = frame[[*columns, ROW]]
    for row, reason in bad.items():
        text = "\t".join(_texts(frame, row, table.columns))
        damaged.append(DamagedRow(int(frame[ROW].iloc[row]), text, f'repeat "{rule.name}": {reason}'))
    kept = frame.drop(index=frame.index[list(bad)]).reset_index(drop=True) if bad else frame
    return RawTable(kept, columns, table.file, tuple(sorted(damaged, key=lambda row: row.source_row)), table.labels)


def _check(table: RawTable, children: RawTable, rule: Rule, name: str) -> None:
    if children.damaged:
        first = children.damaged[0]
        raise FormatDamaged(
            f'repeat "{rule.name}": {len(children.damaged):,} of its rows cannot be read, first row '
            f"{first.source_row:,}: {first.reason}.",
            file=name,
            expected="whole rows, for nobody knows whose count would be short",
            next_step="Ask for the file again.",
        )
    if rule.key is not None and rule.key not in table.columns:
        raise _no_column(rule.key, f'repeat "{rule.name}" finds its parents by it', name, rule)
    needed = [rule.parent, *(c.total for c in rule.collect if c.total), *(w for c in rule.collect for w in c.where)]
    # records do not say their columns where nobody has a repeat; a sheet does, and so does the schema of a file
    nothing_known = rule.array is not None and not len(children.frame) and set(children.columns) <= {rule.parent}
    for column in [] if nothing_known else needed:
        if column not in (*children.columns, *rule.fields):
            raise _no_column(column, f'no row of repeat "{rule.name}" has it', name, rule)
    for collected in rule.collect:
        if collected.column in table.columns:
            raise _wrong(rule.name, f"{collected.column} is a column of the file", name)


def _rows_of_children(table: RawTable, children: RawTable, rule: Rule, name: str) -> list[int]:
    """Return for each child the position of its parent's row, -1 where there is none. Raises FormatDamaged."""
    keys = table.frame[ROW].astype("str") if rule.key is None else table.frame[rule.key]
    places: dict[str, int] = {}
    for position, key in enumerate(keys):
        if not isinstance(key, str) or not key.strip():
            continue
        if key.strip() in places:
            raise FormatDamaged(
                f'repeat "{rule.name}": two rows have the key "{key.strip()[:80]}".',
                file=name,
                row=int(table.frame[ROW].iloc[position]),
                column=rule.key,
                expected="a key of its own for every row",
            )
        places[key.strip()] = position
    if not len(children.frame):
        return []
    return [places.get(key.strip(), -1) if isinstance(key, str) else -1 for key in children.frame[rule.parent]]


def _orphans(table: RawTable, children: RawTable, of: Sequence[int], rule: Rule) -> Iterator[DamagedRow]:
    """Set aside the children of nobody; their rows are numbered on by STEP behind those of the table."""
    taken = [*table.frame[ROW], *(row.source_row for row in table.damaged)]
    behind = (max(taken, default=0) // STEP + 1) * STEP
    for position in (position for position, row in enumerate(of) if row < 0):
        number = int(children.frame[ROW].iloc[position])
        cells = _texts(children.frame, position, children.columns)
        parent = cells[children.columns.index(rule.parent)][:80]
        reason = f'repeat "{rule.name}", row {number:,}: no row has "{parent}" under {rule.key or "its number"}'
        yield DamagedRow(behind + number, "\t".join(cells), reason)


def _texts(frame: pd.DataFrame, position: int, columns: Sequence[str]) -> list[str]:
    cells = [frame[column].iloc[position] for column in columns]
    return [cell if isinstance(cell, str) else "" for cell in cells]


def _chosen(children: RawTable, of: Sequence[int], collected: Collected) -> list[tuple[int, int]]:
    """Return (child, parent) of the children that a column collects."""
    pairs = [(child, parent) for child, parent in enumerate(of) if parent >= 0]
    for column, texts in collected.where.items():
        cells = _cells(children, column)
        pairs = [(child, parent) for child, parent in pairs if cells[child] in texts]
    return pairs


def _cells(children: RawTable, column: str) -> list[str]:
    """Return the stripped texts of a column; of one that nobody answered, empty ones."""
    if column not in children.columns:
        return [""] * len(children.frame)
    return [cell.strip() if isinstance(cell, str) else "" for cell in children.frame[column]]


def _counts(size: int, chosen: Sequence[tuple[int, int]]) -> list[str | None]:
    counts = [0] * size
    for _, parent in chosen:
        counts[parent] += 1
    return [str(count) for count in counts]


def _sums(
    size: int,
    children: RawTable,
    chosen: Sequence[tuple[int, int]],
    collected: Collected,
    decimal: str,
    bad: dict[int, str],
) -> list[str | None]:
    """Sum a column by parent, exactly. bad: gets the parents with something else than a number, and why."""
    sums = [Decimal(0)] * size
    empty, filled = set(), set()
    cells = _cells(children, str(collected.total))
    for child, parent in chosen:
        text = cells[child]
        if not text:
            empty.add(parent)
        elif _NUMBER.fullmatch(text.replace(decimal, ".")) and not may_be_thousands(text, decimal):
            sums[parent] += Decimal(text.replace(decimal, "."))
            filled.add(parent)
        else:
            row = int(children.frame[ROW].iloc[child])
            why = "which may be a thousand times as much" if may_be_thousands(text, decimal) else "which is no number"
            bad.setdefault(parent, f'row {row:,} has "{text[:80]}" under "{collected.total}", {why}')
    nothing = empty - filled
    return [None if at in nothing else format(total, "f").replace(".", decimal) for at, total in enumerate(sums)]


def _no_column(column: str, why: str, name: str, rule: Rule) -> MissingColumn:
    unanswered = f' If the form asks it and nobody answered, add to "{rule.name}": fields: ["{column}"]'
    return MissingColumn(
        f'there is no column "{column}"; {why}.',
        file=name,
        column=column,
        expected="the columns that `repeats` of this source's reader names",
        next_step="Ask for the file again, or change `repeats`." + (unanswered if rule.array is not None else ""),
    )


def _wrong(key: str, why: str, name: str) -> DeclarationError:
    return DeclarationError(f"repeats: {key}: {why}.", file=name, expected="see docs/surveys.md, Repeats")
