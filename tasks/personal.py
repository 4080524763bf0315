"""Between reading and everything else: columns that say who somebody is leave a table, or become pseudonyms.

After `withhold` no cell of a personal column is anywhere in clear, and none of a column that the declaration does not
use: only what is counted goes on. Not here: what looks personal and is not declared (`personal_scan`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from schemas.declaration import Source
from schemas.errors import DeliveryError, HeaderMismatch, SheetMissing
from schemas.personal import FILLED, NOT_KEPT
from schemas.pseudonyms import PseudonymKey
from sources.table import DamagedRow, RawTable
from tasks import personal_scan

if TYPE_CHECKING:
    import pandas as pd

NOT_SHOWN = "(not shown)"
FEWEST_KNOWN = 0.5
"""Of the declared headers; with fewer the header row is no header, and may be the answers of a person."""
_SAFE_FACTS = ("declared", "byte_offset", "would_work", "limit", "allowed", "recognised", "key")


def withhold(table: RawTable, source: Source, survey_id: str, key: Callable[[], PseudonymKey]) -> RawTable:
    """Return a table without what must not be known of a person, and with the columns that look so undeclared.

    Cells of dropped and ignored columns become missing, of undeclared ones only whether they are filled is kept; the
    columns stay, so that they can be compared.
    key: called when a pseudonym has to be made.  Raises what it raises, and HeaderMismatch.
    """
    import pandas as pd

    check_header(table, source)
    suspects = personal_scan.scan(table, source)
    frame = table.frame.copy(deep=False)
    nothing = pd.array([None] * len(frame), dtype="str")
    kept = {*source.headers.values(), source.form_version}
    for header in table.columns:
        personal = source.personal.get(header)
        if personal is not None and personal.action == "pseudonym":
            frame[header] = pseudonyms(frame[header], replacing(header, source, survey_id, key()))
        elif personal is not None or (header in source.ignore and header not in kept):
            frame[header] = nothing
        elif header not in kept:
            frame[header] = filled(frame[header])
    labels = {header: label for header, label in table.labels.items() if header not in source.personal}
    damaged = table.damaged
    if source.personal:
        damaged = tuple(DamagedRow(row.source_row, NOT_KEPT, masked(row.reason, source)) for row in damaged)
    return replace(table, frame=frame, labels=labels, damaged=damaged, looks_personal=suspects)


def filled(cells: pd.Series) -> Any:
    """Keep of cells whether anything stands in them: what becomes of such rows is declared."""
    import pandas as pd

    blank = cells.isna() | (cells.str.strip() == "")
    return pd.Series(FILLED, index=cells.index, dtype="str").mask(blank).array


def replacing(header: str, source: Source, survey_id: str, key: PseudonymKey) -> Callable[[str], str]:
    """Return what becomes of a cell: a pseudonym; an empty one, and a text that means no answer, stay what they are.

    A mapped column has the scope of its name in the instrument, so that it links when its header changes.
    """
    named = next((column for column, mapped in source.headers.items() if mapped == header), header)
    pseudonym = key.replacing(survey_id, named, source.personal[header], source.country)
    blank = {"", *source.missing}

    def replaced(cell: str) -> str:
        text = cell.strip()
        return text if text in blank else pseudonym(text)

    return replaced


def pseudonyms(cells: pd.Series, replaced: Callable[[str], str]) -> Any:
    """Replace each different text once."""
    import pandas as pd

    codes, distinct = pd.factorize(cells)
    made = pd.array([replaced(text) for text in distinct.to_numpy(object)], dtype="str")
    return made.take(codes, allow_fill=True)


def check_header(table: RawTable, source: Source) -> None:
    """Refuse a header that hardly is one, before a message quotes it. Raises HeaderMismatch."""
    wanted = [*source.headers.values()]
    found = sum(header in table.columns for header in wanted)
    if source.personal and found < FEWEST_KNOWN * len(wanted):
        raise HeaderMismatch(
            f"of the {len(wanted)} headers under `columns:` it has {found}.",
            file=table.file,
            expected="the headers of this source; what stands there is not shown, for it may be a person's answers",
            next_step="Look into the file: was the header row left out, or is this the file of another source?",
        )


def discreet(error: DeliveryError, source: Source) -> DeliveryError:
    """Return a reader's error without any text of the file that is not declared, where personal columns are."""
    if not source.personal or isinstance(error, SheetMissing):  # which quotes names of sheets alone
        return error
    column = error.where.column
    return type(error)(
        masked(error.what, source),
        file=error.where.file,
        row=error.where.row,
        column=column if column is None or column in _declared(source) else NOT_SHOWN,
        expected=masked(error.expected or "", source) or None,
        next_step=masked(error.next_step or "", source) or None,
        facts={name: value for name, value in error.facts.items() if name in _SAFE_FACTS},
    )


def masked(text: str, source: Source) -> str:
    """Replace what stands between quotation marks, unless all of it is text of the declaration, or one single sign."""
    pieces, known = text.split('"')[1::2], _declared(source)
    sign = len(pieces) == 1 and (len(pieces[0]) <= 1 or pieces[0] == "\\t")
    if text.count('"') % 2 == 0 and (sign or all(piece in known for piece in pieces)):
        return text
    before, _, rest = text.partition('"')  # a cell may hold quotation marks of its own: nothing between is sure
    return before + NOT_SHOWN + (rest.rpartition('"')[2] if text.count('"') % 2 == 0 else "")


def _declared(source: Source) -> set[str]:
    said = {str(value) for value in source.reader.values()}
    return {*source.columns, *source.declared, *said}
