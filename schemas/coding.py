"""From a file's own columns and codes to the canonical record: names, codes, numbers, dates. Nothing is repaired."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from schemas.declaration import Source
from schemas.errors import DeclarationError, MissingColumn, UnknownColumn, WrongCountry
from schemas.failures import Failures
from schemas.region_names import RegionNames

_WHOLE_NUMBER = re.compile(r"([+-]?[0-9]{1,9})(?:\.0+)?")
LARGEST_SHARE_OF_ANOTHER_COUNTRY = 0.5
"""A file in which most rows name another country is a swapped delivery, not a file with slips."""


def check_columns(columns: Sequence[str], source: Source, record: Sequence[str], file: str) -> None:
    """Refuse a file whose headers are not those that its source declares.

    columns: headers of the file.  record: the instrument's columns.
    Raises DeclarationError when the source maps too few of them, UnknownColumn for a column the declaration does not
    name, MissingColumn for one it names in vain.
    """
    absent = [column for column in record if column not in source.columns]
    if absent:
        raise DeclarationError(
            f"the source of {source.country} does not map {', '.join(absent)}.",
            file=file,
            expected="every column of the instrument under `columns:`",
            next_step="Name the header that holds it, even where the column is always empty.",
        )
    wanted = {header: name for name, header in source.columns.items()}
    missing = [header for header in wanted if header not in columns]
    unknown = [column for column in columns if column not in wanted and column not in source.ignore]
    if missing:
        near = difflib.get_close_matches(missing[0], unknown, n=1, cutoff=0.5)
        hint = f'the file has "{near[0]}" instead' if near else "nothing in the file looks like it"
        raise MissingColumn(
            f'there is no column "{missing[0]}" ({wanted[missing[0]]}); {hint}.'
            + (f" {len(missing) - 1} more are missing." if len(missing) > 1 else ""),
            file=file,
            column=missing[0],
            expected="the columns named under `columns:` of this source in survey.yaml",
            next_step="Ask for the file again, or change the header under `columns:`.",
        )
    if unknown:
        raise UnknownColumn(
            f"the declaration does not name {len(unknown)} of its columns: " + ", ".join(f'"{c}"' for c in unknown[:5]),
            file=file,
            column=unknown[0],
            expected="every column under `columns:` or `ignore:` of this source in survey.yaml",
            next_step=f'If it carries nothing that is counted, add it: ignore: ["{unknown[0]}"]',
        )


def rename(raw: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Rename the file's columns to canonical ones and leave out those declared as ignored."""
    wanted = {header: name for name, header in source.columns.items()}
    return raw[[*wanted, "source_row"]].rename(columns=wanted)


def blank_missing(frame: pd.DataFrame, missing: Sequence[str]) -> pd.DataFrame:
    """Strip the cells and make those that mean "no answer" missing."""
    blank = {"", *missing}
    columns: dict[str, Any] = {}
    for column in frame.columns.drop("source_row"):
        codes, distinct = pd.factorize(frame[column])
        texts = distinct.to_numpy(object).tolist()
        stripped = [text.strip() for text in texts]
        if stripped == texts and blank.isdisjoint(texts):
            columns[column] = frame[column].array  # as it was: to build a column anew costs more than to look at it
            continue
        plain = pd.array([None if text in blank else text for text in stripped], dtype="str")
        columns[column] = plain.take(codes, allow_fill=True)
    return pd.DataFrame({**columns, "source_row": frame["source_row"].array}, index=frame.index)


def decode(frame: pd.DataFrame, source: Source, failures: Failures) -> pd.DataFrame:
    """Replace the file's codes by the canonical ones; an unknown code refuses the row, an empty cell stays empty."""
    out = frame.copy()
    for column, codes in source.values.items():
        mapped = out[column].map(dict(codes))
        unknown = mapped.isna() & out[column].notna()
        expected = ", ".join(f'"{code}"' for code in codes)
        failures.add(f"{column}_code", column, out[column], unknown, f'"{{value}}" is not one of {expected}')
        out[column] = mapped.astype("str")
    return out


def check_country(
    frame: pd.DataFrame, source: Source, names: RegionNames, failures: Failures, of: np.ndarray, files: Sequence[str]
) -> dict[int, WrongCountry]:
    """Refuse rows of another country; return the error of each file, by its number, most of whose rows are.

    of: (n_rows,) number of the file that a row is of.  files: their names.
    """
    owner_of = {text: (names.find(text) or (None,))[0] for text in frame["region"].dropna().unique()}
    owners = frame["region"].map(owner_of)
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


def code_regions(frame: pd.DataFrame, source: Source, names: RegionNames, failures: Failures) -> pd.DataFrame:
    """Replace region spellings by codes; a spelling that is no alias refuses the row and names the nearest one."""
    spellings = frame["region"]
    found = {text: names.find(text) for text in spellings.dropna().unique()}
    for text, hit in found.items():
        if hit is None:
            hint = names.suggestion(text, source.country)
            advice = "Add it to `aliases` in regions.csv if it is right"
            message = f'"{{value}}" is no known spelling of a region; {hint}. {advice}'
            failures.add("region_unknown", "region", spellings, spellings == text, message)
    failures.add("region_missing", "region", spellings, spellings.isna(), "no region is given")
    codes = spellings.map({text: hit[1] for text, hit in found.items() if hit and hit[0] == source.country})
    return frame.assign(region=codes.astype("str"))


def whole_numbers(frame: pd.DataFrame, columns: Sequence[str], decimal: str, failures: Failures) -> pd.DataFrame:
    """Turn text into whole numbers; "13,0" is 13 where the comma is declared, "12,5" and "many" refuse the row."""
    numbers = {}
    for column in columns:
        codes, distinct = pd.factorize(frame[column])
        found = [_WHOLE_NUMBER.fullmatch(text.replace(decimal, ".")) for text in distinct.to_numpy(object)]
        wrong = np.array([match is None for match in found] + [False])[codes]  # the last is for a missing cell
        failing = pd.Series(wrong, index=frame.index)
        failures.add(f"{column}_integer", column, frame[column], failing, '"{value}" is not a whole number')
        values = pd.array([int(match[1]) if match else None for match in found], dtype="Int64")
        numbers[column] = values.take(codes, allow_fill=True)
    return frame.assign(**numbers)


def dates(frame: pd.DataFrame, columns: Sequence[str], date_format: str, failures: Failures) -> pd.DataFrame:
    """Turn text into days; anything that is not in the declared format refuses the row."""
    out = frame.copy()
    for column in columns:
        text = out[column]
        day = pd.to_datetime(text, format=date_format, errors="coerce")
        bad = day.isna() & text.notna()
        failures.add(f"{column}_format", column, text, bad, f'"{{value}}" is not a date like {date_format}')
        out[column] = day
    return out


def canonical(
    raw: pd.DataFrame,
    source: Source,
    instrument: ModuleType,
    names: RegionNames,
    failures: Failures,
    of: np.ndarray,
    files: Sequence[str],
) -> tuple[pd.DataFrame, dict[int, WrongCountry]]:
    """Return the typed canonical record of every row, refused or not, with source_row; failures are recorded beside it.

    raw: the rows of files whose columns were checked.  of, files: as in `check_country`, whose errors are returned too.
    """
    frame = blank_missing(rename(raw, source), source.missing)
    frame = decode(frame, source, failures)
    wrong = check_country(frame, source, names, failures, of, files)
    frame = code_regions(frame, source, names, failures)
    frame = whole_numbers(frame, instrument.WHOLE_NUMBERS, str(source.reader.get("decimal", ".")), failures)
    frame = dates(frame, instrument.DATES, source.date_format, failures)
    return frame[[*instrument.COLUMNS, "source_row"]], wrong
