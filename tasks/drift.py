"""How the files of a lot drift from their declaration: shapes, rows that a difference touches, files it refuses.

Part of step 3. What counts as a difference, and how it is said, is in `schemas.drift`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from schemas import coding, drift, instrument, shape
from schemas.batch import PulledFile
from schemas.declaration import Declaration, Source
from schemas.drift import Form
from schemas.drift_policy import QUARANTINE
from schemas.errors import KinscaleError, TooManyBadRows
from schemas.failures import Failures
from schemas.instrument import Instrument
from schemas.shape import Accepted, Factors, LastAccepted, Shape
from sources.table import RawTable

ADDED, VERSION = "column_added", "form_version_unknown"
"""Rules of rows that fill a column nobody declared, or name a version of the form that nobody did."""
ROWS_OF_HEAD = 1000
"""Rows by which the content of an undeclared column is told before a file is refused for it."""
NOTHING = LastAccepted()


def check_columns(table: RawTable, source: Source, kind: Instrument, file: str, last: Accepted | None) -> None:
    """Refuse a file for its headers, as `coding.check_columns` does, and say what the new columns hold."""
    unknown = [header for header in table.columns if header not in source.declared]
    seen = Shape(table.columns)
    if unknown:
        head = table.frame.head(ROWS_OF_HEAD)
        of = np.zeros(len(head), dtype=np.int64)
        (seen,) = shape.shapes(shape.factors(head, unknown), of, 1, table.columns, {}, source.missing)
    needed = [column for column in kind.COLUMNS if column not in kind.PARADATA]
    coding.check_columns(seen, source, needed, file, kind.DISPENSABLE, last)


def cells(raw: pd.DataFrame, source: Source) -> Factors:
    """Return the distinct texts of every column that is used, or that nobody declared."""
    named = (*source.headers.values(), source.form_version)
    return shape.factors(
        raw, (c for c in raw.columns if c != "source_row" and (c in named or c not in source.declared))
    )


def seen(
    found: Factors, of: np.ndarray, files: Sequence[PulledFile], columns: Sequence[str], declaration: Declaration
) -> list[Shape]:
    """Return the shape of each file of a table, or of the part of it that is there; shapes of parts can be added.

    found: see `cells`.  of: (n_rows,) number of each row's file.  columns: headers of every file.
    """
    source, kind = declaration.sources[files[0].source], instrument.find(declaration.instrument)
    texts = {name: header for name, header in source.headers.items() if name in drift.codes_of(source, kind)}
    if shape.REGION in source.headers:
        texts |= {shape.REGION: source.headers[shape.REGION]}
    texts |= {shape.FORM_VERSION: source.form_version} if source.form_version else {}
    return shape.shapes(found, of, len(files), columns, texts, source.missing)


def forms(
    shapes: Sequence[Shape], files: Sequence[PulledFile], declaration: Declaration, before: LastAccepted
) -> list[Form]:
    """Return the form of each file, by the shape of all its rows: what is kept of it, and how it differs."""
    return [form(one, file, declaration, before) for one, file in zip(shapes, files, strict=True)]


def form(seen: Shape, file: PulledFile, declaration: Declaration, before: LastAccepted) -> Form:
    """Compare the shape of a whole file with its declaration and with the last accepted delivery."""
    kind, names = instrument.find(declaration.instrument), declaration.region_names
    source, last = declaration.sources[file.source], before.of(file.uri)
    differences = drift.of_columns(seen, source, kind.DISPENSABLE, last)
    differences += drift.of_content(seen, source, kind, names, last)
    return Form(source.path, drift.to_keep(seen, source, kind, names), tuple(differences), last.told if last else "")


def refusals(
    found: Sequence[Form], files: Sequence[PulledFile], source: Source, before: LastAccepted
) -> dict[int, KinscaleError]:
    """Return why files are refused for what stands in their columns, by number of the file."""
    out: dict[int, KinscaleError] = {}
    for number, (one, file) in enumerate(zip(found, files, strict=True)):
        frozen = drift.refusing(one.differences, source)
        if frozen:
            out[number] = coding.drifted(frozen, file.name, before.of(file.uri))
    return out


def refuse_rows(raw: pd.DataFrame, source: Source, failures: Failures) -> None:
    """Refuse the rows that a difference touches, where its policy says quarantine. No cell is shown."""
    hidden = pd.Series("", index=raw.index, dtype="str")
    blank = {"", *source.missing}
    if source.drift.columns == QUARANTINE:
        for header in (c for c in raw.columns if c != "source_row" and c not in source.declared):
            filled = ~raw[header].fillna("").str.strip().isin(blank)
            message = f'the column "{header}" is not declared, and the row fills it'
            failures.add(ADDED, header, hidden, filled, message)
    if source.form_version and source.drift.form_version == QUARANTINE:
        version = raw[source.form_version].fillna("").str.strip() if source.form_version in raw else hidden
        message = '"{value}" is no version of the form under `form_versions`'
        failures.add(VERSION, source.form_version, version, ~version.isin(source.form_versions), message)


def explained(error: KinscaleError, one: Form, last: Accepted | None) -> KinscaleError:
    """Add to the error of a file with too many bad rows how its form differs, if it does."""
    told = [difference for difference in one.differences if difference.kind != drift.REORDERED]
    if not isinstance(error, TooManyBadRows) or not told:
        return error
    since = f"Accepted last was {last.told}. " if last else ""
    lines = [difference.line for difference in told if difference.line]
    declare = f" If it is right as it is, declare it:{coding.to_paste(lines)}" if lines else ""
    facts: Mapping[str, object] = {**error.facts, "drift": [vars(difference) for difference in told]}
    return TooManyBadRows(
        f"{error.what} {since}{coding.told(told)}",
        **error.where._asdict(),
        expected=error.expected,
        next_step=f"{error.next_step or ''}{declare}".strip(),
        facts=facts,
    )
