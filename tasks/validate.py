"""Step 3: map columns and codes, coerce types, run the pandera model, edit, split: raw = accepted + quarantined."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pandera.errors

from schemas import coding, corrections, editing, instrument, paradata, waivers
from schemas.batch import Batch, LongBatch, Lot, PulledFile
from schemas.declaration import Declaration
from schemas.drift import Form
from schemas.errors import CorrectionStale, DeliveryError, KinscaleError, TooManyBadRows
from schemas.failures import Failures
from schemas.instrument import Instrument
from schemas.shape import LastAccepted
from sources.table import LongTable, RawTable
from tasks import drift as drifting
from tasks.ahead import ahead
from tasks.duplicates import Held, Holders, also_held, nobody, refuse_duplicates
from tasks.environment import check_validation
from tasks.long_file import DAMAGED, SoFar, no_interview, too_many_bad_rows
from warehouse.numbers_taken import NumbersTaken

OUTSIDE = "outside_fieldwork"
_MESSAGES = {
    "not_nullable": "the answer is missing",
    "greater_than_or_equal_to": "{value} is below the smallest value that is possible",
    "less_than_or_equal_to": "{value} is above the largest value that is possible",
    "isin": '"{value}" is not in the code list',
    "str_length": "the answer is empty",
    "isin_each": '"{value}" holds a code that is not in the code list',
}


def validate(
    lot: Lot,
    tables: Sequence[RawTable | LongTable | KinscaleError],
    declaration: Declaration,
    held: Holders = nobody,
    before: LastAccepted = drifting.NOTHING,
    taken: Callable[[], NumbersTaken] = NumbersTaken,
) -> list[Batch | LongBatch | KinscaleError]:
    """Validate the files of a lot at once; each is judged by itself, as if it had come alone.

    Corrections come before everything else, on the text as delivered; waivers come last, on what the rules found.
    tables: what was read of each file, or why it could not be; a long one is alone in its lot, and is validated while
    the batch that is returned for it is gone through.  held: see `Holders`.  before: what was accepted last, for
    messages only.  taken: makes a store of its numbers.
    Returns a batch for each file, or why it is refused as a whole: what the reader said, MissingColumn, UnknownColumn,
    DeliveryDrifted, WrongCountry, TooManyBadRows or CorrectionStale. Structural damage stops a file, not the lot.
    """
    check_validation(os.environ)
    if len(tables) == 1 and isinstance(tables[0], LongTable):
        return [_validate_long(lot, tables[0], declaration, held, before, taken)]
    checked = [check_input(table, file, declaration, before) for file, table in zip(lot.files, tables, strict=True)]
    out: list[Batch | LongBatch | KinscaleError] = []
    accepted: list[tuple[int, pd.Series]] = []
    for group, numbers in itertools.groupby(range(len(checked)), key=lambda n: _group(n, checked[n], lot.files[n])):
        chosen = list(numbers)
        if group is None:
            out += [error for number in chosen if isinstance(error := checked[number], KinscaleError)]
            continue
        same = lot.of(chosen)
        read = [table for number in chosen if isinstance(table := checked[number], RawTable)]
        validated = validate_rows(Rows.of_tables(same, read), declaration, also_held(held, accepted), before)
        key = instrument.find(declaration.instrument).KEY
        landing = zip(same.positions, validated, strict=True)
        accepted += [(place, batch.accepted[key]) for place, batch in landing if isinstance(batch, Batch)]
        out += validated
    return out


def _validate_long(
    lot: Lot,
    table: LongTable,
    declaration: Declaration,
    held: Holders,
    before: LastAccepted,
    taken: Callable[[], NumbersTaken],
) -> LongBatch | KinscaleError:
    (file,) = lot.files
    wrong = _columns_error(table.head, file, declaration, before)
    return wrong or LongBatch(file, validate_parts(lot, table, declaration, held, before, taken))


def validate_parts(
    lot: Lot,
    table: LongTable,
    declaration: Declaration,
    held: Holders,
    before: LastAccepted,
    taken: Callable[[], NumbersTaken],
) -> Iterator[Batch]:
    """Validate a long file part by part, while the next one is read. Raises what refuses the file as a whole."""
    (file,) = lot.files
    numbers = taken()
    so_far = SoFar(file, numbers)
    try:
        for part in ahead(table.parts):
            if len(part.frame) + len(part.damaged) == 0:
                continue
            (outcome,) = validate_rows(Rows.of_tables(lot, [part]), declaration, held, before, so_far)
            if isinstance(outcome, KinscaleError):
                raise outcome
            del part  # while the next one is read and this one lands, nobody else holds it
            empty = outcome.without_rows()
            yield so_far.in_order(outcome)
            del outcome
        form = so_far.check(declaration, before)
        yield replace(empty, form=form)  # what is known of the whole file comes behind its last row
    finally:
        numbers.close()


def check_input(
    table: RawTable | LongTable | KinscaleError, file: PulledFile, declaration: Declaration, before: LastAccepted
) -> RawTable | KinscaleError:
    """Return the table, or why it cannot be validated: it was not read, has no row, or not the declared columns."""
    if isinstance(table, KinscaleError):
        return table
    if isinstance(table, LongTable):
        raise AssertionError(f"{file.name} is a long file and not alone in its lot")
    if len(table.frame) + len(table.damaged) == 0:
        return no_interview(file.name)
    return _columns_error(table, file, declaration, before) or table


def _columns_error(
    table: RawTable, file: PulledFile, declaration: Declaration, before: LastAccepted
) -> DeliveryError | None:
    kind, source = instrument.find(declaration.instrument), declaration.sources[file.source]
    try:
        drifting.check_columns(table, source, kind, file.name, before.of(file.uri))
    except DeliveryError as error:
        return error
    return None


def _group(number: int, table: RawTable | KinscaleError, file: PulledFile) -> tuple[object, ...] | None:
    """Name what files share that are validated as one table: their header; one with entries of its own stays alone."""
    if not isinstance(table, RawTable):
        return None
    return (table.columns, number if file.corrections or file.waivers else None)


@dataclass(frozen=True)
class Rows:
    """The rows of files that have one source and one header, as one table; one with corrections or waivers is alone.

    raw: as read, indexed from 0, the files one after another.  of: (n_rows,) number of each row's file in the lot.
    """

    lot: Lot
    tables: Sequence[RawTable]
    raw: pd.DataFrame
    of: np.ndarray

    @classmethod
    def of_tables(cls, lot: Lot, tables: Sequence[RawTable]) -> Rows:
        """Put the tables of a lot below each other."""
        of = np.repeat(np.arange(len(tables)), [len(table.frame) for table in tables])
        return cls(lot, tables, pd.concat([table.frame for table in tables], ignore_index=True), of)

    def read(self, file: int) -> int:
        """Return how many rows a file has brought, those that could not be cut into cells among them."""
        return len(self.tables[file].frame) + len(self.tables[file].damaged)

    def bounds(self, index: pd.Index) -> np.ndarray:
        """Return where the rows of each file begin in a frame that is ordered by row, and the end of the last."""
        return np.searchsorted(self.of[index], np.arange(len(self.tables) + 1))


def validate_rows(
    rows: Rows, declaration: Declaration, held: Holders, before: LastAccepted, so_far: SoFar | None = None
) -> list[Batch | KinscaleError]:
    """Code, check and edit the rows, and split them by file.

    so_far: of the file of which the rows are a part; it takes note of them, and no part is refused for its own share
    of bad rows, or for its own form.
    """
    kind = instrument.find(declaration.instrument)
    source = declaration.sources[rows.lot.files[0].source]
    names = [file.name for file in rows.lot.files]
    file = rows.lot.files[0]
    failures = Failures()
    try:
        named = so_far.rows_found if so_far else None
        corrected, made = corrections.apply(
            rows.raw, file.corrections, source.headers, kind.KEY, file.name, failures, named
        )
    except CorrectionStale as error:
        return [error]
    cells = drifting.cells(corrected, source)
    seen = drifting.seen(cells, rows.of, rows.lot.files, rows.tables[0].columns, declaration)
    forms = [] if so_far else drifting.forms(seen, rows.lot.files, declaration, before)
    refused = {} if so_far else drifting.refusals(forms, rows.lot.files, source, before)
    frame, wrong = coding.canonical(corrected, source, kind, declaration.region_names, failures, rows.of, names, cells)
    refused.update({} if so_far else wrong)
    drifting.refuse_rows(corrected, source, failures)
    frame, odd = check_cells(frame, kind, failures, coding.absent(corrected, source))
    rules = declaration.editing.of(source.country) if declaration.editing else None
    clean = frame.loc[~frame.index.isin(list(failures.positions()))]
    if rules:
        editing.drop(clean, rules, instrument.form(kind.NAME), failures)
    for rule, column, failing, message in kind.rules(clean):
        failures.add(rule, column, clean[column], failing, message)
    largest = 1.0 if so_far else declaration.acceptance.largest_invalid_share
    waived = [waivers.take_out(failures, frame, file.waivers, kind.KEY)]  # a waived row holds its number
    bad = failures.mask(len(frame))
    not_held = frame.index.isin(list(waivers.named(OUTSIDE, frame, file.waivers, kind.KEY)))
    bad[clean.index] |= outside_fieldwork(clean, declaration, kind.DAY) & ~not_held[clean.index]
    held_by = refuse_duplicates(
        clean[kind.KEY],
        rows.of,
        rows.lot.positions,
        held,
        bad,
        lambda file, number: file in refused or too_many(rows, file, number, largest),
        failures,
        so_far.taken if so_far else None,
    )
    refuse_outside_fieldwork(clean, declaration, kind.DAY, failures)
    waived.append(waivers.take_out(failures, frame, file.waivers, kind.KEY))
    over = {n: e for n, e in check_shares(failures, rows, largest, held_by).items() if n not in refused}
    refused.update({n: drifting.explained(e, forms[n], before.of(rows.lot.files[n].uri)) for n, e in over.items()})
    if so_far:
        so_far.note(rows.raw, rows.tables[0].damaged, failures, wrong.get(0), seen[0], held_by.get(0))
    kept = ~failures.mask(len(frame)) & ~np.isin(rows.of, list(refused))
    accepted, edits = frame.loc[kept], editing.none(frame)
    if rules:
        accepted, edits = editing.apply(accepted, rules, instrument.form(kind.NAME))
    passed = waivers.log(pd.concat(waived), failures, frame, kind.KEY)
    logs = (made, paradata.log(odd, failures, frame), passed, edits)
    quarantined = failures.quarantine(rows.raw, frame[kind.KEY])
    return split(rows, accepted, quarantined, pd.concat([log for log in logs if len(log)] or [edits]), refused, forms)


def split(
    rows: Rows,
    accepted: pd.DataFrame,
    quarantined: pd.DataFrame,
    edits: pd.DataFrame,
    refused: Mapping[int, KinscaleError],
    forms: Sequence[Form],
) -> list[Batch | KinscaleError]:
    """Return the batch of each file, or why it was refused. All frames are indexed by row."""
    edits = edits.iloc[np.argsort(rows.of[edits.index], kind="stable")]
    parts = [(frame, rows.bounds(frame.index)) for frame in (accepted, quarantined, edits, rows.raw)]
    out: list[Batch | KinscaleError] = []
    for number, file in enumerate(rows.lot.files):
        if number in refused:
            out.append(refused[number])
            continue
        good, bad, acts, delivered = (frame.iloc[bounds[number] : bounds[number + 1]] for frame, bounds in parts)
        bad = with_damaged_rows(bad, rows.tables[number])
        out.append(
            check_output(Batch(file, rows.read(number), good, bad, acts, delivered, forms[number] if forms else None))
        )
    return out


def check_cells(
    frame: pd.DataFrame, kind: Instrument, failures: Failures, absent: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run the model, and return the records with odd paradata emptied, and the failures that were no failure so.

    failures: those of reading; what the model finds is added, and what is of paradata taken out of both.
    """
    unread = paradata.take_out(failures, kind.PARADATA)
    run_model(frame, kind, failures, failures.positions(), absent)
    odd = pd.concat([unread, paradata.take_out(failures, kind.PARADATA)], ignore_index=True)
    return paradata.emptied(frame, odd), odd


def run_model(
    frame: pd.DataFrame, kind: Instrument, failures: Failures, skip: set[int], absent: Sequence[str] = ()
) -> None:
    """Run the instrument's pandera model lazily over the rows that could be coded, and record every failure by row.

    absent: columns that no row can fill, so that no row fails for them.
    """
    typed = frame.loc[~frame.index.isin(list(skip))].drop(columns="source_row")
    typed = typed.assign(
        **{
            name: pd.array([""], dtype="str").repeat(len(typed))
            for name in absent
            if name != "country" and not kind.record_schema().columns[name].nullable
        }
    )
    try:
        kind.record_schema().validate(typed, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        structural = cases[cases["index"].isna()]
        if len(structural):
            raise error
        for (column, check), part in cases.groupby(["column", "check"], sort=True):
            failing = pd.Series(typed.index.isin(part["index"].astype(int)), index=typed.index)
            name = str(check).split("(", maxsplit=1)[0]
            failures.add(f"{column}_{name}", str(column), typed[column], failing, _MESSAGES[name])


def outside_fieldwork(frame: pd.DataFrame, declaration: Declaration, day_column: str | None) -> np.ndarray:
    """Tell which records are dated before the first or after the last day of fieldwork; none without a day."""
    if day_column is None:
        return np.zeros(len(frame), dtype=bool)
    first, last = pd.Timestamp(declaration.fieldwork.first_day), pd.Timestamp(declaration.fieldwork.last_day)
    day = frame[day_column]
    return ((day < first) | (day > last)).to_numpy(dtype=bool)


def refuse_outside_fieldwork(
    frame: pd.DataFrame, declaration: Declaration, day_column: str | None, failures: Failures
) -> None:
    """Refuse records that are not of the time of fieldwork."""
    if day_column is None:
        return
    day, held = frame[day_column], declaration.fieldwork
    message = f"{{value}} is outside fieldwork ({held.first_day:%Y-%m-%d} to {held.last_day:%Y-%m-%d})"
    outside = pd.Series(outside_fieldwork(frame, declaration, day_column), index=frame.index)
    failures.add(OUTSIDE, day_column, day, outside, message)


def too_many(rows: Rows, file: int, failed: int, largest: float) -> bool:
    """Tell whether more than the declared share of a file's rows is invalid."""
    return failed + len(rows.tables[file].damaged) > largest * rows.read(file)


def check_shares(
    failures: Failures, rows: Rows, largest: float, held_by: Mapping[int, Held]
) -> dict[int, TooManyBadRows]:
    """Return the error of each file, by its number, in which more than the declared share of rows is invalid.

    held_by: of each file, the first number that another one holds.
    """
    failed = np.bincount(rows.of[failures.mask(len(rows.of))], minlength=len(rows.tables))
    over = [n for n in range(len(rows.tables)) if too_many(rows, n, int(failed[n]), largest)]
    table = failures.table()
    return {
        n: _too_many_bad_rows(table[rows.of[table["position"]] == n], rows, n, largest, held_by.get(n)) for n in over
    }


def _too_many_bad_rows(
    table: pd.DataFrame, rows: Rows, number: int, largest: float, held: Held | None
) -> TooManyBadRows:
    """Say how many rows of a file do not pass, and why. table: its failures, in the order of the checks."""
    counts = Counter(table.drop_duplicates("position")["rule"].value_counts().to_dict())
    damaged = rows.tables[number].damaged
    place: tuple[int, str] | None = (damaged[0].source_row, "") if damaged else None
    if len(table):
        first = table.iloc[0]
        place = (int(rows.raw["source_row"].iloc[first["position"]]), str(first["column_name"]))
    name = rows.lot.files[number].name
    return too_many_bad_rows(name, counts, len(damaged), rows.read(number), place, largest, held)


def with_damaged_rows(quarantined: pd.DataFrame, table: RawTable) -> pd.DataFrame:
    """Add the rows that the reader could not cut into cells, as delivered."""
    if not table.damaged:
        return quarantined
    damaged = pd.DataFrame(
        {
            "rule": DAMAGED,
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
