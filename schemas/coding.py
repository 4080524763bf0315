"""From a file's own columns and codes to the canonical record: names, codes, numbers, dates. Nothing is repaired."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from schemas import drift, registry
from schemas.date_format import is_glued
from schemas.decimal_mark import may_be_thousands
from schemas.declaration import Source
from schemas.drift_policy import EVOLVE, FREEZE
from schemas.errors import DeclarationError, DeliveryDrifted, MissingColumn, UnknownColumn, WrongCountry
from schemas.failures import Failures
from schemas.instrument import Instrument
from schemas.personal import drop_line
from schemas.region_names import RegionNames
from schemas.shape import MOST_UNKNOWN, Accepted, Factors, Shape

SEPARATOR = ";"
"""Between the codes of a cell that holds several."""
_WHOLE_NUMBER = re.compile(r"([+-]?[0-9]{1,9})(?:\.0+)?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,200}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
"""With an exponent, as spreadsheets write large numbers (1E+05); not inf or nan, which no form can mean."""
_MAY_BE_THOUSANDS = (
    '"{value}" has a point before three digits where the decimal mark is a comma: it may be a thousand times as much. '
    "Correct the cell, or set `decimal` in this source's reader"
)
MOST_TOLD = 5
"""Differences that one message shows."""
LARGEST_SHARE_OF_ANOTHER_COUNTRY = 0.5
"""A file in which most rows name another country is a swapped delivery, not a file with slips."""


def check_columns(
    shape: Shape,
    source: Source,
    record: Sequence[str],
    file: str,
    dispensable: Sequence[str] = (),
    last: Accepted | None = None,
) -> None:
    """Refuse a file whose headers are not those that its source declares, as far as its policy does.

    shape: the file's headers, and kinds of content of those that are not declared, as far as they are known.
    record: the instrument's columns.  dispensable: those it can do without.  last: the last accepted delivery.
    Raises DeclarationError when the source maps too few of them, UnknownColumn for a column the declaration does not
    name, MissingColumn for one it names in vain.
    """
    _check_mapped(source, record, file, dispensable)
    if shape.columns and not source.declared.symmetric_difference((*shape.columns, *source.ignore)):
        return  # as declared
    found = drift.of_columns(shape, source, dispensable, last)
    gone = [one for one in found if one.kind in (drift.ABSENT, drift.RENAMED) and one.outcome == drift.REFUSED]
    unknown = [one for one in found if one.kind == drift.ADDED]
    since = f" Compared with {last.told}, accepted last: " + told(found) if last else ""
    if gone:
        raise _missing(gone, unknown, source, file, since)
    if unknown and source.drift.columns == FREEZE:
        raise UnknownColumn(
            f"the declaration does not name {len(unknown)} of its columns: "
            + ", ".join(f'"{one.column}"' for one in unknown[:5])
            + "."
            + since,
            file=file,
            column=unknown[0].column,
            expected="every column under `columns:`, `personal:` or `ignore:` of this source in survey.yaml",
            next_step=f"If it carries nothing that is counted, add it: {unknown[0].line}\n"
            f"If it says who somebody is: {drop_line(unknown[0].column)}",
            facts={"drift": [vars(one) for one in found]},
        )


def _check_mapped(source: Source, record: Sequence[str], file: str, dispensable: Sequence[str]) -> None:
    absent = [column for column in record if column not in source.columns]
    if absent:
        raise DeclarationError(
            f"the source of {source.country} does not map {', '.join(absent)}.",
            file=file,
            expected="every column of the instrument under `columns:`",
            next_step="Name the header that holds it, even where the column is always empty; null for one that the "
            f"deliveries do not have, which can be {', '.join(dispensable) or 'none'}.",
        )
    needed = [column for column, header in source.columns.items() if header is None and column not in dispensable]
    if needed:
        raise DeclarationError(
            f"the source of {source.country} declares that {', '.join(needed)} is absent, and numbers rest on it.",
            file=file,
            expected=f"a header; null can be only: {', '.join(dispensable) or 'none'}",
            next_step="Ask for deliveries that have the column.",
        )


def _missing(
    gone: Sequence[drift.Difference], unknown: Sequence[drift.Difference], source: Source, file: str, since: str
) -> MissingColumn:
    """Return the error of a file that lacks columns; the first of them is shown in full."""
    first = gone[0]
    name = next(name for name, header in source.headers.items() if header == first.column)
    near = first.line.partition(f"columns: {{{name}: ")[2].removesuffix("}") if first.kind == drift.RENAMED else ""
    hint = f"the file has {near} instead" if near else "nothing in the file looks like it"
    lines = [one.line for one in gone if one.line]
    declare = f"If it is right as it is, declare it:{to_paste(lines)}" if lines else f"Numbers rest on {name}."
    return MissingColumn(
        f'there is no column "{first.column}" ({name}); {hint}.'
        + (f" {len(gone) - 1} more are missing." if len(gone) > 1 else "")
        + since,
        file=file,
        column=first.column,
        expected="the columns named under `columns:` of this source in survey.yaml",
        next_step=f"Ask for the file again, or change the header under `columns:`. {declare}",
        facts={"drift": [vars(one) for one in (*gone, *unknown)]},
    )


def told(found: Sequence[drift.Difference]) -> str:
    """Say the first differences, and how many more there are."""
    shown = "; ".join(one.told for one in found[:MOST_TOLD])
    return shown + (f"; and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else "") + "."


def to_paste(lines: Sequence[str]) -> str:
    """Return lines of declarations, each once and in a line of its own: one may end with a comment."""
    once = list(dict.fromkeys(lines))
    return f" {once[0]}" if len(once) == 1 else "\n" + "\n".join(once)


def drifted(found: Sequence[drift.Difference], file: str, last: Accepted | None) -> DeliveryDrifted:
    """Return the error of a file that is refused for what stands in its columns."""
    lines = [one.line for one in found if one.line]
    return DeliveryDrifted(
        f"it differs from what is declared: {told(found)}"
        + (f" Accepted last was {last.told}." if last else " Nothing of this source was accepted before."),
        file=file,
        column=found[0].column,
        expected="a delivery as it is declared: `drift` of this source says freeze",
        next_step="Ask for the file again, or declare what is new:" + to_paste(lines)
        if lines
        else "Ask for the file again.",
        facts={"drift": [vars(one) for one in found]},
    )


def absent(raw: pd.DataFrame, source: Source) -> list[str]:
    """Name the instrument's columns that a file does not have, as declared or by its policy."""
    return [name for name, header in source.columns.items() if header is None or header not in raw.columns]


def rename(raw: pd.DataFrame, source: Source, unnamed: Sequence[str] = ()) -> pd.DataFrame:
    """Rename the file's columns to canonical ones and leave out those declared as ignored.

    A column that is absent is missing in every row, but for the country, which is that of the source.
    unnamed: columns that the source need not name, and does without if it does not.
    """
    wanted = {header: name for name, header in source.headers.items() if header in raw.columns}
    frame = raw[[*wanted, "source_row"]].rename(columns=wanted)
    constants = {"country": source.country}
    without = [*absent(raw, source), *(name for name in unnamed if name not in source.columns)]
    empty = {name: pd.array([constants.get(name)], dtype="str").repeat(len(raw)) for name in without}
    return frame.assign(**empty)


def blank_missing(frame: pd.DataFrame, missing: Sequence[str], cells: Factors | None = None) -> pd.DataFrame:
    """Strip the cells and make those that mean "no answer" missing. cells: factors of columns, where they are known."""
    blank = {"", *missing}
    columns: dict[str, Any] = {}
    for column in frame.columns.drop("source_row"):
        codes, distinct = cells[column] if cells and column in cells else pd.factorize(frame[column])
        texts = distinct.to_numpy(object).tolist()
        stripped = [text.strip() for text in texts]
        if stripped == texts and blank.isdisjoint(texts):
            columns[column] = frame[column].array  # as it was: to build a column anew costs more than to look at it
            continue
        plain = pd.array([None if text in blank else text for text in stripped], dtype="str")
        columns[column] = plain.take(codes, allow_fill=True)
    return pd.DataFrame({**columns, "source_row": frame["source_row"].array}, index=frame.index)


def decode(
    frame: pd.DataFrame, source: Source, failures: Failures, several: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> pd.DataFrame:
    """Replace the file's codes by the canonical ones; an unknown code refuses the row, an empty cell stays empty.

    several: columns whose cells hold more than one code, with semicolons between them.
    """
    out = frame.copy()
    for column, declared in source.values.items():
        codes = _of_several(out[column], declared) if column in several else declared
        mapped = out[column].map(_as_taken(out[column], codes) if source.drift.codes == EVOLVE else dict(codes))
        unknown = mapped.isna() & out[column].notna()
        expected = ", ".join(f'"{code}"' for code in codes)
        failures.add(f"{column}_code", column, out[column], unknown, f'"{{value}}" is not one of {expected}')
        out[column] = mapped.astype("str")
    return out


def _as_taken(texts: pd.Series, codes: Mapping[str, str]) -> dict[str, str]:
    """Return the codes with those of texts that differ from a declared one in nothing but case, dashes and spaces."""
    new = (text for text in texts.dropna().unique() if text not in codes)
    like = {text: near for text in new if (near := drift.same_but_for_case(text, codes)) is not None}
    return {**codes, **{text: codes[near] for text, near in like.items()}}


def _of_several(cells: pd.Series, codes: Mapping[str, str]) -> dict[str, str]:
    """Return the cells that hold nothing but known codes, each with the codes it stands for, in the order declared."""
    order = {code: place for place, code in enumerate(dict.fromkeys(codes.values()))}
    found = {}
    for cell in cells.dropna().unique():
        parts = [part.strip() for part in cell.split(SEPARATOR)]
        if all(part in codes for part in parts):
            found[cell] = SEPARATOR.join(sorted({codes[part] for part in parts}, key=order.__getitem__))
    return found


def check_country(
    frame: pd.DataFrame,
    source: Source,
    names: RegionNames,
    failures: Failures,
    of: np.ndarray,
    files: Sequence[str],
    region: str | None = "region",
) -> dict[int, WrongCountry]:
    """Refuse rows of another country; return the error of each file, by its number, most of whose rows are.

    of: (n_rows,) number of the file that a row is of.  files: their names.  region: the column of regions, if any.
    """
    places = frame[region] if region else frame["country"].where(np.zeros(len(frame), dtype=bool))
    owner_of = {text: (names.find(text) or (None,))[0] for text in places.dropna().unique()}
    owners = places.map(owner_of)
    told = frame["country"].fillna(owners)
    foreign = ((told != source.country) | (owners.notna() & (owners != source.country))).to_numpy(dtype=bool)
    rows, strangers = (np.bincount(of[mask], minlength=len(files)) for mask in (np.full(len(of), True), foreign))
    wrong = {}
    for number in np.flatnonzero(strangers > LARGEST_SHARE_OF_ANOTHER_COUNTRY * rows).tolist():
        mine = foreign & (of == number)
        seen = owners.where(owners.notna(), frame["country"])[mine].value_counts()
        shown = seen.index[0] if len(seen) else "no country that is known"
        wrong[number] = WrongCountry(
            f"{strangers[number]:,} of its {rows[number]:,} rows belong to {shown}.",
            file=files[number],
            expected=f"interviews of {source.country}, as the source declares",
            next_step="Check that two deliveries were not swapped; nothing of this file was landed.",
            facts={"strangers": int(strangers[number]), "rows": int(rows[number]), "of": shown},
        )
    message = f"the row is not of {source.country}"
    failures.add("country", "country", frame["country"], pd.Series(foreign, index=frame.index), message)
    return wrong


def required_region(instrument: Instrument) -> bool:
    """Tell whether a record without a region is not valid."""
    return not instrument.record_schema().columns["region"].nullable


def code_regions(
    frame: pd.DataFrame, source: Source, names: RegionNames, failures: Failures, required: bool = True
) -> pd.DataFrame:
    """Replace region spellings by codes; a spelling that is no alias refuses the row and names the nearest one."""
    spellings = frame["region"]
    found = {text: names.find(text) for text in spellings.dropna().unique()}
    unknown = [text for text, hit in found.items() if hit is None]
    for text in unknown[:MOST_UNKNOWN]:
        hint, step = names.suggestion(text, source.country), names.step(text, source.country)
        message = f'"{{value}}" is no known spelling of a region; {hint}. If it is right: {step}'
        failures.add("region_unknown", "region", spellings, spellings == text, message)
    if rest := unknown[MOST_UNKNOWN:]:
        message = '"{value}" is no known spelling of a region, as many others of this file: is it the right column?'
        failures.add("region_unknown", "region", spellings, spellings.isin(rest), message)
    if required:
        failures.add("region_missing", "region", spellings, spellings.isna(), "no region is given")
    codes = spellings.map({text: hit[1] for text, hit in found.items() if hit and hit[0] == source.country})
    return frame.assign(region=codes.astype("str"))


def whole_numbers(frame: pd.DataFrame, columns: Sequence[str], decimal: str, failures: Failures) -> pd.DataFrame:
    """Turn text into whole numbers; "13,0" is 13 where the comma is declared, "12,5" and "many" refuse the row."""
    numbers = {}
    for column in columns:
        texts = _Texts(frame[column], decimal, _WHOLE_NUMBER)
        texts.refuse(f"{column}_integer", '"{value}" is not a whole number', failures)
        values = pd.array([int(match[1]) if match else None for match in texts.found], dtype="Int64")
        numbers[column] = values.take(texts.codes, allow_fill=True)
    return frame.assign(**numbers)


def numbers(frame: pd.DataFrame, columns: Sequence[str], decimal: str, failures: Failures) -> pd.DataFrame:
    """Turn text into numbers; anything that is none refuses the row, and so does one that can be read in two ways."""
    out = {}
    for column in columns:
        texts = _Texts(frame[column], decimal, _NUMBER)
        texts.refuse(f"{column}_number", '"{value}" is not a number', failures)
        plain = pd.Series([match[0] if match else None for match in texts.found] + [None], dtype="str")
        out[column] = pd.to_numeric(plain).astype("float64").to_numpy()[texts.codes]  # code -1 takes the last, missing
    return frame.assign(**out)


class _Texts:
    """The distinct texts of a column, each with its match if it is a number, and which of them may be thousands."""

    def __init__(self, column: pd.Series, decimal: str, pattern: re.Pattern[str]) -> None:
        self._column = column
        self.codes, distinct = pd.factorize(column)
        texts = distinct.to_numpy(object).tolist()
        doubtful = [may_be_thousands(text, decimal) for text in texts]
        self.found = [
            None if doubt else pattern.fullmatch(text.replace(decimal, "."))
            for text, doubt in zip(texts, doubtful, strict=True)
        ]
        wrong = [match is None and not doubt for match, doubt in zip(self.found, doubtful, strict=True)]
        # the last is for a missing cell
        self._wrong, self._doubtful = (np.array([*rows, False])[self.codes] for rows in (wrong, doubtful))

    def refuse(self, rule: str, message: str, failures: Failures) -> None:
        """Refuse the rows that hold no number, and those that hold one of two readings."""
        for rows, told in ((self._wrong, message), (self._doubtful, _MAY_BE_THOUSANDS)):
            failures.add(rule, str(self._column.name), self._column, pd.Series(rows, index=self._column.index), told)


def dates(frame: pd.DataFrame, columns: Sequence[str], date_format: str, failures: Failures) -> pd.DataFrame:
    """Turn text into days; anything that is not in the declared format refuses the row."""
    out = frame.copy()
    for column in columns:
        text = out[column]
        day = pd.to_datetime(text, format=date_format, errors="coerce")
        if is_glued(date_format):
            day = day.where(day.dt.strftime(date_format) == text)  # 2009105 is no day: which digit is missing?
        bad = day.isna() & text.notna()
        failures.add(f"{column}_format", column, text, bad, f'"{{value}}" is not a date like {date_format}')
        out[column] = day
    return out


def canonical(
    raw: pd.DataFrame,
    source: Source,
    instrument: Instrument,
    names: RegionNames,
    failures: Failures,
    of: np.ndarray,
    files: Sequence[str],
    cells: Factors | None = None,
) -> tuple[pd.DataFrame, dict[int, WrongCountry]]:
    """Return the typed canonical record of every row, refused or not, with source_row; failures are recorded beside it.

    raw: the rows of files whose columns were checked.  of, files: as in `check_country`, whose errors are returned too.
    cells: factors of its columns by header, where they are known.
    """
    known = {name: cells[header] for name, header in source.headers.items() if header in cells} if cells else None
    frame = blank_missing(rename(raw, source, instrument.PARADATA), source.missing, known)
    frame = decode(frame, source, failures, instrument.SEVERAL)
    decimal = str(source.reader.get("decimal", "."))
    wrong = check_country(frame, source, names, failures, of, files, instrument.REGION)
    if instrument.REGION:
        frame = code_regions(frame, source, names, failures, required_region(instrument))
    frame = registry.code(frame, instrument.REGISTERED, failures)
    frame = whole_numbers(frame, instrument.WHOLE_NUMBERS, decimal, failures)
    frame = numbers(frame, instrument.NUMBERS, decimal, failures)
    frame = dates(frame, instrument.DATES, source.date_format, failures)
    return frame[[*instrument.COLUMNS, "source_row"]], wrong
