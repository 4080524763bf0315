"""Rows of an xlsx sheet in the one form that nearly all have, in which nothing can be wrong: no parser need see them.

A parser that calls Python for every cell takes eight seconds for a million and a half; finding these rows, not one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

_ATTRIBUTES = rb'(?:\ [\w:]+="[^"<>&]*+")*+'
_FORMULA = rb"<f" + _ATTRIBUTES + rb"(?:/>|>[^<]*+</f>)"
_VALUE = rb"<v>[^<&]*+</v>"
_CELL = (
    rb"""(?:\ (?:s|cm|vm|ph)="[0-9]*+")*+(?:
        (?:\ t="(?:n|s|b|d)")?+(?:/>|>(?:"""
    + _VALUE
    + rb"|<v/>|"
    + _FORMULA
    + rb"""<v>[^<&\s][^<&]*+</v>)?+</c>)
        |\ t="inlineStr"(?:/>|>(?:<is><t(?:\ xml:space="preserve")?+>[^<]*+</t></is>)?+</c>)
        |\ t="str">(?:"""
    + _FORMULA
    + rb""")?+<v>[^<]*+</v></c>
      )"""
)
"""What may follow the place of a cell: a value, a formula with a value, or nothing. No error, comment or prefix."""
_ROW = re.compile(
    rb"""<row\ r="([1-9][0-9]{0,6})\"""" + _ATTRIBUTES + rb""">(?:<c\ r="[A-Z]{1,3}\1\"""" + _CELL + rb")++</row>",
    re.VERBOSE,
)
_LETTERS = re.compile(rb'<c r="([A-Z]++)[^>]*+(?<!/)>')


@dataclass
class LeftOut:
    """Rows of a sheet that are plain, counted from 0, and their cells that are no empty elements."""

    rows: set[int] = field(default_factory=set)
    columns: int = 0
    filled: int = 0
    sound: bool = True
    """Whether each row stands once, and its cells from left to right."""


def without_plain_rows(xml: bytes) -> tuple[bytes, LeftOut]:
    """Return the XML of a sheet with its plain rows emptied, and what they held."""
    out = LeftOut()
    known: dict[tuple[bytes, ...], tuple[bool, int]] = {}

    def emptied(row: re.Match[bytes]) -> bytes:
        letters = tuple(_LETTERS.findall(row[0]))
        if letters not in known:  # few rows differ in which of their cells are filled
            columns = [column_number(one.decode()) for one in letters]
            known[letters] = all(a < b for a, b in pairwise(columns)), max(columns, default=-1) + 1
        ordered, width = known[letters]
        number = int(row[1]) - 1
        out.sound &= ordered and number not in out.rows
        if letters:
            out.rows.add(number)
        out.columns, out.filled = max(out.columns, width), out.filled + len(letters)
        return b'<row r="%s"/>' % row[1]

    return _ROW.sub(emptied, xml), out


def column_number(letters: str) -> int:
    """Return the column, counted from 0, over which letters stand: A is 0, AA is 26."""
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1
