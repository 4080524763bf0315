"""Region names: every spelling a declaration knows, matched exactly after folding case; never by likeness."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from schemas.errors import DeclarationError
from schemas.transliteration import skeleton

if TYPE_CHECKING:
    import pandas as pd

SEPARATOR = ";"
"""Between the aliases of a row; none of them can hold it."""
NEAR_ENOUGH = 0.6
"""Least likeness (`difflib`) of a suggestion: below it a name is rather another region's."""


def fold(name: str) -> str:
    """Fold what carries no meaning in a name: case, width, kinds of dashes and apostrophes, repeated and hidden spaces.

    No letter is taken for another one: ё stays beside е, and қ beside к.
    """
    text = re.sub(r"[\u00ad\u200b-\u200f\u2060\ufeff]", "", name)
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = re.sub(r"[‐-―−-]", "-", text)
    text = re.sub(r"[ʻʼʽʹʿʾ‘’‛′`´]", "'", text)
    return re.sub(r"\s+", " ", text).strip()


@dataclass(frozen=True)
class Alias:
    """One spelling of a region. row: of regions.csv, counted from 1 with the header.  aliases: that row's cell."""

    country: str
    region: str
    row: int
    aliases: str


class RegionNames:
    """The spellings of a survey's regions, as one look-up from folded spelling to (country, code)."""

    def __init__(self, regions: pd.DataFrame, file: str = "regions.csv") -> None:
        """Index names and aliases of `regions` (country, region, name_en, name_ru, aliases separated by `;`).

        Raises DeclarationError for a spelling that two regions have.
        """
        self._known: dict[str, Alias] = {}
        for number, row in enumerate(regions.fillna("").to_dict("records"), start=2):
            alias = Alias(row["country"], row["region"], number, row["aliases"])
            spellings = [row["region"], row["name_en"], row["name_ru"], *row["aliases"].split(SEPARATOR)]
            for spelling in filter(None, map(fold, spellings)):
                other = self._known.setdefault(spelling, alias)
                if (other.country, other.region) != (alias.country, alias.region):
                    raise _ambiguous(spelling, other, alias, file)

    def find(self, spelling: str) -> tuple[str, str] | None:
        """Return (country, region code) of a spelling, or None when no alias is equal to it."""
        found = self._known.get(fold(spelling))
        return (found.country, found.region) if found else None

    def suggestion(self, spelling: str, country: str) -> str:
        """Name the alias of the same country that looks most like an unknown spelling, or nothing."""
        near = self.nearest(spelling, country)
        if near is None:
            return "no alias of this country is near to it"
        return f'the nearest alias is "{near[0]}" ({near[1].region})'

    def nearest(self, spelling: str, country: str) -> tuple[str, Alias] | None:
        """Return the alias of a country that looks most like a spelling, in either script; None if none is near."""
        text, plain = fold(spelling), skeleton(fold(spelling))
        best: tuple[float, float, str] | None = None
        for alias, bare in self._skeletons.get(country, ()):
            direct, across = _likeness(text, alias), _likeness(plain, bare)
            rank = (-max(direct, across), -direct, alias)
            if max(direct, across) >= NEAR_ENOUGH and (best is None or rank < best):
                best = rank
        return (best[2], self._known[best[2]]) if best else None

    def lines(self, spellings: Sequence[str], country: str) -> dict[str, str]:
        """Say of each spelling what to write into regions.csv so that it is known, as far as it can be told.

        Spellings of one region share a line, because it is the whole cell of its row, written as CSV.
        """
        able = [text for text in spellings if SEPARATOR not in text]
        regions = {text: near[1] for text in able if (near := self.nearest(text, country))}
        together: dict[Alias, list[str]] = {}
        for text, alias in regions.items():
            together.setdefault(alias, []).append(text)
        whole = {text: _whole_cell(alias, together[alias]) for text, alias in regions.items()}
        return {text: whole.get(text) or self._apart(text, country) for text in spellings}

    def _apart(self, spelling: str, country: str) -> str:
        """Return the step for one spelling as a line; as a comment where nothing is to be written."""
        return ("# " if SEPARATOR in spelling else "") + self.step(spelling, country)

    def step(self, spelling: str, country: str) -> str:
        """Say of one spelling what to do so that it is known, whatever becomes of others."""
        if SEPARATOR in spelling:
            return (
                f"{json.dumps(spelling, ensure_ascii=False)} cannot be an alias: {SEPARATOR} stands between aliases. "
                "Ask for the file again, or correct the rows in corrections.yaml"
            )
        near = self.nearest(spelling, country)
        if near is None:
            return f"aliases of the region's row of regions.csv: {_cell(f'...{SEPARATOR}{spelling}')}"
        where = f"row {near[1].row} of regions.csv ({near[1].region}), if it is this region"
        return f"{where}, added to its aliases: {_cell(spelling)}"

    @cached_property
    def _skeletons(self) -> dict[str, list[tuple[str, str]]]:
        """Every folded spelling with its skeleton, by country."""
        out: dict[str, list[tuple[str, str]]] = {}
        for spelling, alias in self._known.items():
            out.setdefault(alias.country, []).append((spelling, skeleton(spelling)))
        return out


def _whole_cell(alias: Alias, spellings: Sequence[str]) -> str:
    cell = SEPARATOR.join(filter(None, (alias.aliases, *spellings)))
    return f"row {alias.row} of regions.csv ({alias.region}), if it is this region, aliases: {_cell(cell)}"


def _cell(text: str) -> str:
    """Write a text as a cell of CSV."""
    return '"' + text.replace('"', '""') + '"' if re.search(r'[,"\r\n]', text) else text


def _likeness(one: str, other: str) -> float:
    """Return `difflib`'s ratio, 0 where its quick bounds say that it is not near."""
    matcher = difflib.SequenceMatcher(None, other, one)
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < NEAR_ENOUGH:
        return 0.0
    return matcher.ratio()


def _ambiguous(spelling: str, one: Alias, other: Alias, file: str) -> DeclarationError:
    return DeclarationError(
        f'"{spelling}" stands for two regions: {one.region} (row {one.row}) and {other.region} (row {other.row}).',
        file=file,
        row=other.row,
        column="aliases",
        expected="every spelling in one row only, after case, dashes, apostrophes and spaces are made alike",
        next_step=f"Take it out of row {one.row} or of row {other.row}.",
        facts={"rows": [one.row, other.row], "spelling": spelling},
    )
