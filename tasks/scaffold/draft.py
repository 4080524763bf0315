"""From sample files to a draft of a declaration: every guess with its confidence, nothing written yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from schemas import instrument as instruments
from schemas.declaration_faults import CHOOSE
from schemas.errors import SourceMissing, SourceRefused
from schemas.instrument import Instrument
from sources.detect import detect
from sources.finding import Finding
from sources.table import RawTable
from tasks.personal_scan import FIRST_ROWS, looks_like
from tasks.scaffold import answers, headers, places
from tasks.scaffold.headers import Match
from tasks.scaffold.places import Region


@dataclass(frozen=True)
class SourceDraft:
    """One source as guessed from one file. values: codes by column, None for a column that holds no codes."""

    file: Path
    country: Finding
    reader: dict[str, Finding]
    columns: dict[str, Match]
    personal: dict[str, Finding]
    left: tuple[str, ...]
    values: dict[str, dict[str, Finding] | None]
    missing: dict[str, Finding]
    days: answers.Days
    regions: tuple[str, ...]
    rows: int

    @property
    def mapped(self) -> int:
        """Count the columns of the instrument that have a header."""
        return sum(found.header is not None for found in self.columns.values())


@dataclass(frozen=True)
class Draft:
    """A declaration as far as its sample files tell it."""

    id: str
    instrument: Instrument
    title: Finding
    period: Finding
    countries: dict[str, Finding]
    first_day: date | None
    last_day: date | None
    sources: tuple[SourceDraft, ...]
    regions: tuple[Region, ...]


def draft(survey_id: str, instrument: str, files: Sequence[Path], country: str | None, title: str | None) -> Draft:
    """Guess a declaration from sample files, one source a file. country: of all of them, if it is known.

    Raises SourceMissing or SourceRefused for a file that cannot be opened, and what its reader raises.
    """
    kind = instruments.find(instrument)
    sources = tuple(source(path, kind, country) for path in files)
    owners = list(dict.fromkeys(str(item.country.value) for item in sources))
    names = places.country_names()
    countries = {
        code: Finding(names[code], True) if code in names else Finding(CHOOSE, False, "the name to show")
        for code in owners
    }
    spelled: dict[str, list[str]] = {code: [] for code in owners}
    for item in sources:
        spelled[str(item.country.value)] += item.regions
    first = [item.days.first for item in sources]
    last = [item.days.last for item in sources]
    begun = min((day for day in first if day), default=None) if all(first) else None
    ended = max((day for day in last if day), default=None) if all(last) else None
    year = Finding(str(begun.year), False, "year of the first interview") if begun else Finding(CHOOSE, False, "a year")
    shown = " and ".join(str(found.value) for found in countries.values())
    named = Finding(title, True) if title else Finding(f"Family survey, {shown}, {year.value}", False, "name it")
    if not title and CHOOSE in str(named.value):
        named = Finding(CHOOSE, False, "what pages call the survey")
    return Draft(survey_id, kind, named, year, countries, begun, ended, sources, tuple(places.regions(spelled)))


def source(path: Path, kind: Instrument, country: str | None) -> SourceDraft:
    """Guess how one file is read and what its columns and cells mean."""
    found = detect(_bytes(path), path.name)
    table = found.table
    matches = headers.match(table.columns, table.labels, kind)
    mapped = {column: match.header for column, match in matches.items()}
    taken = set(mapped.values())
    free = [header for header in table.columns if header not in taken]
    personal = {
        header: Finding("drop", False, why) for header in free if (why := looks_like(header, _filled(table, header)))
    }
    left = tuple(header for header in free if header not in personal)
    coded = answers.texts_of(table.frame, mapped, lists_of(kind))
    numbers = answers.texts_of(table.frame, mapped, kind.WHOLE_NUMBERS)
    texts = answers.texts_of(table.frame, mapped, kind.TEXTS)
    named = [text for column, cells in texts.items() if column not in coded for text in cells]
    missing = answers.missing(numbers, coded, named, kind)
    regions, countries = _spellings(texts, "region", missing), _spellings(texts, "country", missing)
    if len(regions) > places.MOST_REGIONS:
        doubt = f"{len(regions)} different texts: is it the right column?"
        matches["region"], regions = replace(matches["region"], sure=False, note=doubt), ()
    owner = places.country(countries, regions, country)
    values = {column: _code_list(column, cells, missing, kind) for column, cells in coded.items()}
    values |= {"country": _country_list(countries, str(owner.value))} if countries else {}
    return SourceDraft(
        path, owner, found.reader, matches, personal, left, values, missing,
        _days(table, mapped, missing, kind), regions, len(table.frame),
    )  # fmt: skip


def _filled(table: RawTable, header: str) -> list[str]:
    return [text for cell in table.frame[header].head(FIRST_ROWS).dropna() if (text := cell.strip())]


def lists_of(kind: Instrument) -> list[str]:
    """Name the columns of an instrument whose answers are codes, but for country and region."""
    return list(kind.CODES)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise SourceMissing("there is no such file.", file=str(path), next_step="Check --from.") from error
    except PermissionError as error:
        raise SourceRefused("it may not be read.", file=str(path), next_step="Check the rights of the file.") from error


def _spellings(texts: Mapping[str, list[str]], column: str, missing: Mapping[str, Finding]) -> tuple[str, ...]:
    return tuple(text for text in texts.get(column, ()) if text not in missing)


def _code_list(
    column: str, cells: list[str], missing: Mapping[str, Finding], kind: Instrument
) -> dict[str, Finding] | None:
    answered = [text for text in cells if text not in missing]
    return answers.codes(column, answered, kind) if len(answered) <= answers.LONGEST_LIST else None


def _country_list(cells: Sequence[str], own: str) -> dict[str, Finding] | None:
    return places.country_codes(cells, own) if len(cells) <= answers.LONGEST_LIST else None


def _days(
    table: RawTable,
    mapped: Mapping[str, str | None],
    missing: Mapping[str, Finding],
    kind: Instrument,
) -> answers.Days:
    header = mapped[kind.DATES[0]]
    if header is None:
        return answers.Days(Finding(CHOOSE, False, "how days are written, once their column is chosen"))
    return answers.days([text for text in answers.distinct(table.frame[header]) if text not in missing], kind)
