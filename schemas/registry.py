"""The registry of places and organisations that all surveys share: one code for every spelling, matched exactly.

Lives here: what `surveys/registry/` says, checked and typed, and the coding of columns by it. The matching itself is
that of regions (`schemas.region_names`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from schemas.errors import DeclarationError
from schemas.region_names import RegionNames
from schemas.survey_folders import surveys_folder
from schemas.survey_table import read_table

if TYPE_CHECKING:
    import pandas as pd

    from schemas.failures import Failures

Kind = Literal["organisation", "place"]
NAMES: Mapping[Kind, str] = {"organisation": "organisations.csv", "place": "places.csv"}
COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    "organisation": ("organisation", "name", "aliases", "kind", "region", "source"),
    "place": ("code", "iso", "level", "parent", "name_en", "name_ru", "aliases", "source"),
}
LEVELS = ("country", "region", "composite", "rayon", "town", "village", "abroad")
COMPOSITE = "composite"
EVERYWHERE = "registry"
"""The one "country" of the registry: a spelling is looked up among all of its rows."""
MOST_UNKNOWN = 20
"""Different unknown spellings of a column that are looked at one by one."""


@dataclass(frozen=True)
class Registry:
    """The rows of one of the two files. table: as in COLUMNS, by code."""

    kind: Kind
    table: pd.DataFrame
    names: RegionNames

    def find(self, spelling: str) -> str | None:
        """Return the code of a spelling, or None when no alias is equal to it."""
        found = self.names.find(spelling)
        return found[1] if found else None

    def suggestion(self, spelling: str) -> str:
        """Name the alias that looks most like an unknown spelling, and where a new one would be written."""
        near = self.names.nearest(spelling, EVERYWHERE)
        if near is None:
            return f"none of {NAMES[self.kind]} is near to it"
        return f'the nearest is "{near[0]}" ({near[1].region}, row {near[1].row} of {NAMES[self.kind]})'

    def name(self, code: str, language: str = "en") -> str:
        """Return what a code is called; organisations are called the same in every language."""
        column = "name" if self.kind == "organisation" else f"name_{language}"
        return str(self.table.at[code, column])

    def parts(self, code: str) -> tuple[str, ...]:
        """Return the codes of which a composite place is made; of any other, the code alone."""
        return tuple(code.split("+")) if self.table.at[code, "level"] == COMPOSITE else (code,)

    def within(self, code: str) -> tuple[str, ...]:
        """Return the places that a place lies in, from the nearest to the country."""
        found: list[str] = []
        while isinstance(parent := self.table.at[code, "parent"], str):
            found.append(parent)
            code = parent
        return tuple(found)


def folder() -> Path:
    """Where the registry is: the folder `registry` beside the surveys."""
    return surveys_folder() / "registry"


def files() -> list[Path]:
    """Return the files that a survey with columns of organisations or places depends on."""
    return [folder() / name for name in NAMES.values()]


def organisations() -> Registry:
    """Return the organisations. Raises DeclarationError for a spelling of two, or a region that is no place."""
    return _read("organisation", folder())


def places() -> Registry:
    """Return the places. Raises DeclarationError for a spelling of two, or a parent or part that is not there."""
    return _read("place", folder())


def of(kind: str) -> Registry:
    """Return the registry for a type of columns, `organisation` or `place`."""
    return {"organisation": organisations, "place": places}[kind]()


def code(frame: pd.DataFrame, columns: Mapping[str, Kind], failures: Failures) -> pd.DataFrame:
    """Replace spellings by codes of the registry; one that is no alias refuses the row and names the nearest.

    columns: the frame's columns that hold organisations or places. An empty cell stays empty.
    """
    out = {}
    for column, kind in columns.items():
        known, spellings = of(kind), frame[column]
        found = {text: known.find(text) for text in spellings.dropna().unique()}
        unknown = [text for text, hit in found.items() if hit is None]
        for text in unknown[:MOST_UNKNOWN]:
            message = f'"{{value}}" is no known spelling of {_a(kind)}; {known.suggestion(text)}'
            failures.add(f"{column}_unknown", column, spellings, spellings == text, message)
        message = (
            f'"{{value}}" is no known spelling of {_a(kind)}, as many others of this file: is it the right column?'
        )
        failures.add(f"{column}_unknown", column, spellings, spellings.isin(unknown[MOST_UNKNOWN:]), message)
        out[column] = spellings.map(found).astype("str")
    return frame.assign(**out)


def _a(kind: Kind) -> str:
    return "an organisation" if kind == "organisation" else "a place"


def _read(kind: Kind, where: Path) -> Registry:
    path = where / NAMES[kind]
    places_path = where / NAMES["place"]
    changed = tuple(one.stat().st_mtime_ns if one.exists() else 0 for one in (path, places_path))
    return _checked(kind, where, changed)


@cache
def _checked(kind: Kind, where: Path, changed: tuple[int, ...]) -> Registry:
    """Read and check one file; `changed` makes an edited file be read again."""
    path = where / NAMES[kind]
    table = read_table(path)
    if missing := [name for name in COLUMNS[kind] if name not in table]:
        raise _fault(path, f"there is no column {', '.join(missing)}.", None, expected=", ".join(COLUMNS[kind]))
    key = COLUMNS[kind][0]
    for row, text in enumerate(table[key], start=2):
        if not isinstance(text, str) or (table[key] == text).sum() != 1:
            raise _fault(path, f"{key} {text!r} is empty or stands in two rows.", row, column=key)
    english, russian = ("name", "name") if kind == "organisation" else ("name_en", "name_ru")
    spelled = table.assign(country=EVERYWHERE, region=table[key], name_en=table[english], name_ru=table[russian])
    names = RegionNames(spelled, str(path))
    registry = Registry(kind, table.set_index(key), names)
    if kind == "place":
        _check_places(registry.table, path)
    else:
        _check_regions(registry.table, _read("place", where).table, path)
    return registry


def _check_places(table: pd.DataFrame, path: Path) -> None:
    """Check level, parent and parts of every place."""
    for row, (own, place) in enumerate(table.iterrows(), start=2):
        if place["level"] not in LEVELS:
            raise _fault(path, f'"{place["level"]}" is no level.', row, column="level", expected=", ".join(LEVELS))
        parent = place["parent"]
        if isinstance(parent, str) and parent not in table.index:
            raise _fault(path, f'the parent "{parent}" is no place.', row, column="parent")
        whole = str(own).split("+")
        if (len(whole) > 1) != (place["level"] == COMPOSITE):
            raise _fault(
                path, f'"{own}" is of level {place["level"]}.', row, expected="parts joined by + in a composite"
            )
        if gone := [part for part in whole if part not in table.index]:
            raise _fault(path, f'its part "{gone[0]}" is no place.', row, column="code")
    for row, own in enumerate(table.index, start=2):
        _check_ends(table, str(own), path, row)


def _check_ends(table: pd.DataFrame, own: str, path: Path, row: int) -> None:
    """Check that the way up from a place ends."""
    seen, place = {own}, table.at[own, "parent"]
    while isinstance(place, str):
        if place in seen:
            raise _fault(path, f'"{own}" lies in itself, by its parents.', row, column="parent")
        seen.add(place)
        place = table.at[place, "parent"]


def _check_regions(table: pd.DataFrame, known: pd.DataFrame, path: Path) -> None:
    """Check that an organisation's region is a place."""
    for row, region in enumerate(table["region"], start=2):
        if isinstance(region, str) and region not in known.index:
            raise _fault(
                path, f'the region "{region}" is no place.', row, column="region", expected="a code of places.csv"
            )


def _fault(
    path: Path, what: str, row: int | None, *, column: str | None = None, expected: str | None = None
) -> DeclarationError:
    return DeclarationError(
        what, file=str(path), row=row, column=column, expected=expected, next_step=f"Correct the row of {path.name}."
    )
