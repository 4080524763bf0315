"""Step 3: map columns and codes, coerce types, run the pandera model, edit, split: raw = accepted + quarantined."""

from __future__ import annotations

import os
from types import ModuleType
from typing import TYPE_CHECKING

import pandas as pd
import pandera.errors

from schemas import coding, corrections, editing, instrument, waivers
from schemas.batch import Batch, PulledFile
from schemas.declaration import Declaration
from schemas.errors import TooManyBadRows
from schemas.failures import Failures
from schemas.region_names import RegionNames
from tasks.environment import check_validation

if TYPE_CHECKING:
    from sources.reader import RawTable

_MESSAGES = {
    "not_nullable": "the answer is missing",
    "greater_than_or_equal_to": "{value} is below the smallest value that is possible",
    "less_than_or_equal_to": "{value} is above the largest value that is possible",
    "isin": '"{value}" is not in the code list',
    "str_length": "the answer is empty",
}


def validate(
    table: RawTable, file: PulledFile, declaration: Declaration, known_elsewhere: frozenset[str] = frozenset()
) -> Batch:
    """Validate one file. known_elsewhere: questionnaire numbers of its country that other files have already brought.

    Corrections come before everything else, on the text as delivered; waivers come last, on what the rules found.
    Raises MissingColumn, UnknownColumn, WrongCountry, TooManyBadRows or CorrectionStale: structural damage stops the
    file, not the run.
    """
    check_input(table, file)
    kind = instrument.find(declaration.instrument)
    source = declaration.sources[file.source]
    raw = table.frame.reset_index(drop=True)
    failures = Failures()
    corrected, made = corrections.apply(raw, file.corrections, source.columns, kind.KEY, file.name, failures)
    frame = coding.canonical(corrected, source, kind, RegionNames(declaration.regions), failures, file.name)
    coded = failures.positions()
    run_model(frame, kind, failures, skip=coded)
    invalid = failures.positions()
    rules = declaration.editing.of(file.country)
    clean = frame.loc[~frame.index.isin(list(invalid))]
    editing.drop(clean, rules, kind, failures)
    for rule, column, failing, message in kind.rules(clean):
        failures.add(rule, column, clean[column], failing, message)
    refuse_duplicates(clean, kind.KEY, known_elsewhere, failures)
    refuse_outside_fieldwork(clean, declaration, failures)
    waived = waivers.apply(failures, frame, file.waivers, kind.KEY)
    check_share(failures, table, file, declaration.acceptance.largest_invalid_share)
    accepted, edits = editing.apply(frame.loc[~frame.index.isin(list(failures.positions()))], rules, kind)
    acts = pd.concat([log for log in (made, waived, edits) if len(log)] or [edits], ignore_index=True)
    quarantined = with_damaged_rows(failures.quarantine(raw, frame[kind.KEY]), table)
    return check_output(Batch(file, len(raw) + len(table.damaged), accepted, quarantined, acts, raw))


def check_input(table: RawTable, file: PulledFile) -> None:
    """Refuse to work with validation switched off, or on a file without a single row."""
    check_validation(os.environ)
    if len(table.frame) + len(table.damaged) == 0:
        raise TooManyBadRows("the file has a header and no interview.", file=file.name, expected="one row or more")


def run_model(frame: pd.DataFrame, kind: ModuleType, failures: Failures, skip: set[int]) -> None:
    """Run the instrument's pandera model lazily over the rows that could be coded, and record every failure by row."""
    typed = frame.loc[~frame.index.isin(list(skip))].drop(columns="source_row")
    try:
        kind.Interview.validate(typed, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        structural = cases[cases["index"].isna()]
        if len(structural):
            raise error
        for (column, check), part in cases.groupby(["column", "check"], sort=True):
            failing = pd.Series(typed.index.isin(part["index"].astype(int)), index=typed.index)
            name = str(check).split("(", maxsplit=1)[0]
            failures.add(f"{column}_{name}", str(column), typed[column], failing, _MESSAGES[name])


def refuse_duplicates(frame: pd.DataFrame, key: str, known_elsewhere: frozenset[str], failures: Failures) -> None:
    """Refuse the second and later rows of a questionnaire number, and numbers that another file has brought."""
    numbers = frame[key]
    failures.add(
        "duplicate_questionnaire",
        key,
        numbers,
        numbers.duplicated(),
        'questionnaire "{value}" stands in this file twice',
    )
    failures.add(
        "duplicate_questionnaire",
        key,
        numbers,
        numbers.isin(list(known_elsewhere)),
        'questionnaire "{value}" has already come with another file of this country',
    )


def refuse_outside_fieldwork(frame: pd.DataFrame, declaration: Declaration, failures: Failures) -> None:
    """Refuse interviews dated before the first or after the last day of fieldwork."""
    first, last = pd.Timestamp(declaration.fieldwork.first_day), pd.Timestamp(declaration.fieldwork.last_day)
    day = frame["interview_date"]
    message = f"{{value}} is outside fieldwork ({first:%Y-%m-%d} to {last:%Y-%m-%d})"
    failures.add("outside_fieldwork", "interview_date", day, (day < first) | (day > last), message)


def check_share(failures: Failures, table: RawTable, file: PulledFile, largest: float) -> None:
    """Stop a file in which more than the declared share of rows is invalid. Raises TooManyBadRows."""
    read = len(table.frame) + len(table.damaged)
    bad = len(failures.positions()) + len(table.damaged)
    if bad > largest * read:
        counts = failures.table().drop_duplicates("position")["rule"].value_counts()
        shown = ", ".join(f"{rule} {count:,}" for rule, count in counts.head(3).items())
        first = failures.table().iloc[0] if len(failures.table()) else None
        raise TooManyBadRows(
            f"{bad:,} of its {read:,} rows do not pass ({shown}).",
            file=file.name,
            row=int(table.frame["source_row"].iloc[int(first["position"])]) if first is not None else None,
            column=str(first["column_name"]) if first is not None else None,
            expected=f"at most {largest:.0%} of the rows; more means that the file or its declaration is wrong",
            next_step="Nothing of this file was landed. Correct the file, or the source in survey.yaml, and run again.",
        )


def with_damaged_rows(quarantined: pd.DataFrame, table: RawTable) -> pd.DataFrame:
    """Add the rows that the reader could not cut into cells, as delivered."""
    if not table.damaged:
        return quarantined
    damaged = pd.DataFrame(
        {
            "rule": "row_damaged",
            "column_name": "",
            "value": "",
            "message": [row.reason for row in table.damaged],
            "source_row": [row.source_row for row in table.damaged],
            "also": "",
            "raw_row": [row.text for row in table.damaged],
            "questionnaire_id": "",
        }
    )
    return pd.concat([quarantined, damaged], ignore_index=True)


def check_output(batch: Batch) -> Batch:
    """Assert the accounting identity: no row is lost, none is counted twice."""
    accepted, quarantined = set(batch.accepted["source_row"]), set(batch.quarantined["source_row"])
    together = len(batch.accepted) + len(batch.quarantined)
    if together != batch.rows_read or accepted & quarantined or len(accepted) + len(quarantined) != batch.rows_read:
        raise AssertionError(
            f"{batch.file.name}: {batch.rows_read:,} rows read, {len(batch.accepted):,} accepted and "
            f"{len(batch.quarantined):,} quarantined do not add up"
        )
    return batch
