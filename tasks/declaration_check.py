"""What is wrong with a survey's folder before any delivery is opened: every fault at once, with its line and key."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from schemas import declaration_faults, instrument
from schemas.declaration import Declaration, Source, load, surveys_folder
from schemas.errors import DeclarationError
from schemas.read_yaml import read_yaml
from schemas.region_names import RegionNames
from schemas.spreadsheet_text import restored

POPULATION = "population.csv"
_UNSURE = re.compile(r"#\s*guessed \(unsure")
_NEEDED = {
    "regions.csv": ("country", "region", "name_en", "name_ru", "aliases", "surveyed"),
    "population.csv": ("country", "region", "population_thousands", "reference_date", "grade", "source"),
}


_POPULATION = "thousand persons, like 757.768"


@dataclass(frozen=True)
class FolderCheck:
    """declaration: None when it does not load. faults: what must change. notes: what is worth a look."""

    declaration: Declaration | None
    faults: tuple[DeclarationError, ...]
    notes: tuple[str, ...] = ()

    @property
    def regions_known(self) -> bool:
        """Tell whether regions.csv can be read, so that deliveries can be held to it."""
        return not any((fault.where.file or "").endswith("regions.csv") for fault in self.faults)


def check(survey_id: str) -> FolderCheck:
    """Check survey.yaml, regions.csv and population.csv of a survey. Raises DeclarationError if there is none."""
    folder = surveys_folder() / survey_id
    path = folder / "survey.yaml"
    if not path.exists():
        load(survey_id)
    faults = _of_survey(path)
    declaration = None
    if not faults:
        try:
            declaration = load(survey_id)
            faults += _of_sources(declaration, path)
        except DeclarationError as error:
            faults.append(error)
    rows = {name: _rows(folder / name, faults) for name in _NEEDED if not _can_do_without(folder / name, declaration)}
    faults += _of_places(rows, folder)
    sound = declaration if not any(fault.where.file == str(path) for fault in faults) else None
    return FolderCheck(sound, tuple(faults), (*_marks(path), *_without_population(rows)))


def _of_survey(path: Path) -> list[DeclarationError]:
    """Return the places that are not chosen, and the keys that are wrong in themselves."""
    try:
        content = read_yaml(path)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return [declaration_faults.not_yaml(error, path)]
    if not isinstance(content, dict):
        return []  # `load` says it
    faults = declaration_faults.unfinished(content, path)
    chosen_later = [str(fault.facts["key"]) for fault in faults]
    try:
        Declaration.model_validate({**content, "folder": path.parent, "day": datetime.now(UTC).date()})
    except ValidationError as error:
        wrong = declaration_faults.invalid(error, path)
        faults += [fault for fault in wrong if not _below(str(fault.facts["key"]), chosen_later)]
    return faults


def _below(key: str, others: Sequence[str]) -> bool:
    """Return whether a key is one of others, inside one, or around one."""
    return any(f"{key}.".startswith(f"{other}.") or f"{other}.".startswith(f"{key}.") for other in others)


def _of_sources(declaration: Declaration, path: Path) -> list[DeclarationError]:
    """Return what the instrument, the countries and the methods do not allow."""
    from estimators import find_method
    from sources import reader

    def fault(what: str, *place: str | int, expected: str | None = None) -> DeclarationError:
        return DeclarationError(
            f"{declaration_faults.key(place)}: {what}",
            file=str(path),
            row=declaration_faults.line(path, place),
            expected=expected,
            facts={"key": declaration_faults.key(place)},
        )

    faults = []
    kind = instrument.find(declaration.instrument)
    for name in declaration.methods:
        try:
            find_method(name)
        except ValueError as error:
            faults.append(fault(str(error), "methods", name))
    for at, source in enumerate(declaration.sources):
        try:
            reader.check_spec(source.reader, source.path)
        except DeclarationError as error:
            faults.append(fault(error.what, "sources", at, "reader", expected=error.expected))
        for column in (c for c in kind.COLUMNS if c not in (*source.columns, *kind.PARADATA)):
            faults.append(
                fault(f"{column} has no header.", "sources", at, "columns", expected="a line for every column")
            )
        for column in (c for c in source.columns if c not in kind.COLUMNS):
            faults.append(fault("no column of the instrument.", "sources", at, "columns", column))
        for column in (c for c, header in source.columns.items() if header is None and c not in kind.DISPENSABLE):
            can = ", ".join(kind.DISPENSABLE)
            faults.append(
                fault("numbers rest on this column.", "sources", at, "columns", column, expected=f"null only for {can}")
            )
        if source.form_versions and source.form_version is None:
            faults.append(fault("no column holds them.", "sources", at, "form_versions", expected="form_version"))
        for header, times in Counter(source.headers.values()).items():
            if times > 1:
                faults.append(fault(f'"{header}" is given to {times} columns.', "sources", at, "columns"))
        if source.country not in declaration.countries:
            known = ", ".join(declaration.countries)
            faults.append(
                fault(f"{source.country} is not under `countries`.", "sources", at, "country", expected=known)
            )
        faults += [
            fault(what, *place) for what, place in (*_of_values(source, at, kind), *_of_personal(source, at, kind))
        ]
    return faults


def _of_values(source: Source, at: int, kind: Any) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Yield codes that the instrument does not have, each with its place."""
    checks = {name: column.checks for name, column in kind.record_schema().columns.items()}
    for column, codes in source.values.items():
        if column not in kind.COLUMNS:
            yield "no column of the instrument.", ("sources", at, "values", column)
            continue
        allowed = next((c.statistics["allowed_values"] for c in checks.get(column, ()) if c.name == "isin"), None)
        for text, code in codes.items():
            if allowed is not None and code not in allowed:
                yield f'"{code}" is none of {", ".join(sorted(allowed))}.', ("sources", at, "values", column, text)


def _of_personal(source: Source, at: int, kind: Any) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Yield personal columns that the instrument needs as they are, or that are ignored as well."""
    mapped = {header: column for column, header in source.columns.items()}
    answers = kind.record_schema().columns
    as_it_is = {*kind.WHOLE_NUMBERS, *kind.DATES, *source.values, "country", "region"}
    for header, personal in source.personal.items():
        column = mapped.get(header)
        if column in as_it_is:
            yield f"it holds {column}, which is counted by what it says.", ("sources", at, "personal", header)
        elif column in answers and personal.action == "drop" and not answers[column].nullable:
            yield (
                f"it holds {column}, without which no row is valid; say pseudonym.",
                ("sources", at, "personal", header),
            )
        if header in source.ignore:
            yield "it is under `ignore` as well; leave it here.", ("sources", at, "personal", header)


def _rows(path: Path, faults: list[DeclarationError]) -> list[list[str]]:
    """Return the rows of a table with its header, [] when it cannot be read; a fault is added to the list."""
    if not path.exists():
        faults.append(DeclarationError("it is not there.", file=str(path), expected="see docs/surveys.md"))
        return []
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            rows = [[restored(cell) for cell in row] for row in csv.reader(handle) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        faults.append(DeclarationError(f"it cannot be read: {error}", file=str(path), expected="csv in utf-8"))
        return []
    missing = [name for name in _NEEDED[path.name] if name not in (rows[0] if rows else [])]
    if missing:
        faults.append(
            DeclarationError(
                f"it has no column {', '.join(missing)}.", file=str(path), expected=", ".join(_NEEDED[path.name])
            )
        )
        return []
    uneven = [at for at, row in enumerate(rows, start=1) if len(row) != len(rows[0])]
    if uneven:
        faults.append(
            DeclarationError("the row has another number of cells than the header.", file=str(path), row=uneven[0])
        )
        return []
    return rows


def _of_places(tables: dict[str, list[list[str]]], folder: Path) -> list[DeclarationError]:
    """Return cells that are not chosen, codes that stand twice, and populations that nobody filled in."""
    faults: list[DeclarationError] = []
    for name, rows in tables.items():
        path = folder / name
        faults += declaration_faults.unfinished_cells(rows, path)
        faults += _of_spellings(rows, path) if name == "regions.csv" else []
        seen: dict[tuple[str, str], int] = {}
        for number, row in enumerate(_records(rows), start=2):
            code = (row["country"], row["region"])
            if code in seen and declaration_faults.CHOOSE not in code:
                faults.append(
                    DeclarationError(
                        f"{' '.join(code).strip()} has a row already, row {seen[code]}.",
                        file=str(path),
                        row=number,
                        column="region",
                        next_step=f'Put "{row.get("name_en", "")}" under aliases of row {seen[code]}; remove this row.'
                        if name == "regions.csv"
                        else "Remove one of them.",
                    )
                )
            seen.setdefault(code, number)
        faults += _of_numbers(rows, path) if name == "population.csv" and rows else []
    return faults


def _of_spellings(rows: list[list[str]], path: Path) -> list[DeclarationError]:
    """Return the first spelling that two rows have which are not one region."""
    import pandas as pd

    try:
        RegionNames(pd.DataFrame(_records(rows), columns=_NEEDED["regions.csv"]), str(path))
    except DeclarationError as error:
        return [error]
    return []


def _of_numbers(rows: list[list[str]], path: Path) -> list[DeclarationError]:
    """Return the populations that are no numbers, and in one error all those that nobody filled in."""
    faults, empty = [], []
    for number, row in enumerate(_records(rows), start=2):
        cell, place = row["population_thousands"].strip(), row["region"] or row["country"]
        if not cell:
            empty.append((number, place))
        elif cell != declaration_faults.CHOOSE and not _is_population(cell):
            faults.append(
                DeclarationError(
                    f'the population of {place} is "{cell}".',
                    file=str(path),
                    row=number,
                    column="population_thousands",
                    expected=_POPULATION,
                )
            )
    if empty:
        named = ", ".join(f"{place} (row {number})" for number, place in empty)
        faults.append(
            DeclarationError(
                f"{len(empty)} populations are missing: {named}.",
                file=str(path),
                row=empty[0][0],
                column="population_thousands",
                expected=_POPULATION,
                next_step="Fill them in, with date and source. Remove the row of a region that nobody knows.",
            )
        )
    return faults


def _is_population(cell: str) -> bool:
    try:
        return 0 < float(cell) < float("inf")
    except ValueError:
        return False


def _records(rows: list[list[str]]) -> list[dict[str, str]]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]  # of no rows, none


def _marks(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [
        f"{path.name}, line {number}: {line.strip()}"
        for number, line in enumerate(lines, start=1)
        if _UNSURE.search(line)
    ]


def _can_do_without(path: Path, declaration: Declaration | None) -> bool:
    """Tell whether a table that is not there is not needed: records have no totals that rest on populations."""
    of_records = declaration is not None and declaration.instrument not in instrument.MODULES
    return of_records and path.name == POPULATION and not path.exists()


def _without_population(tables: dict[str, list[list[str]]]) -> list[str]:
    if POPULATION not in tables:
        return []
    known = {(row["country"], row["region"]) for row in _records(tables[POPULATION])}
    return [
        f"{row['region']} has no row in population.csv: it gets rates and no totals"
        for row in _records(tables["regions.csv"])
        if row["surveyed"] == "yes" and (row["country"], row["region"]) not in known
    ]
