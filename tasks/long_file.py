"""A file that comes in parts: what is known of the whole of it, and the verdict when its last part was seen.

Parts are validated as files are (`tasks.validate`). Not here: what a row must be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from schemas import corrections
from schemas.batch import Batch, PulledFile
from schemas.coding import LARGEST_SHARE_OF_ANOTHER_COUNTRY
from schemas.declaration import Declaration
from schemas.drift import Form
from schemas.errors import TooManyBadRows, WrongCountry
from schemas.shape import LastAccepted, Shape
from tasks import drift
from tasks.duplicates import HELD, Held

if TYPE_CHECKING:
    import pandas as pd

    from schemas.failures import Failures
    from sources.table import DamagedRow
    from warehouse.numbers_taken import NumbersTaken


DAMAGED = "row_damaged"
"""The rule of a row that could not be cut into cells."""


class SoFar:
    """The parts of one file that were validated: rows, bad rows by rule, and the numbers they hold."""

    def __init__(self, file: PulledFile, taken: NumbersTaken) -> None:
        """Begin before the first part."""
        self.file = file
        self.taken = taken
        self.rows_found: Counter[int] = Counter()
        self._rows = self._damaged = self._strangers = self._last_row = 0
        self._rules: Counter[str] = Counter()
        self._first: tuple[int, str] | None = None
        self._wrong: WrongCountry | None = None
        self._held: Held | None = None
        self._shape: Shape | None = None

    def note(
        self,
        raw: pd.DataFrame,
        damaged: Sequence[DamagedRow],
        failures: Failures,
        wrong: WrongCountry | None,
        seen: Shape,
        held: Held | None,
    ) -> None:
        """Take note of a part. wrong: what would be wrong with it if it were the whole file.  seen: its shape.

        held: the first number of it that another file holds.
        """
        self._held = self._held or held
        self._shape = seen if self._shape is None else self._shape + seen
        table = failures.table()
        self._rows += len(raw)
        self._damaged += len(damaged)
        self._strangers += int((table["rule"] == "country").sum())
        self._rules.update(table.drop_duplicates("position")["rule"].value_counts().to_dict())
        if self._first is None and damaged and not len(table):
            self._first = (damaged[0].source_row, "")
        if self._first is None and len(table):
            first = table.iloc[0]
            self._first = (int(raw["source_row"].iloc[first["position"]]), str(first["column_name"]))
        self._wrong = self._wrong or wrong

    def in_order(self, batch: Batch) -> Batch:
        """Assert that a part lies behind all earlier ones: no row is counted in two of them."""
        places = [rows["source_row"] for rows in (batch.accepted, batch.quarantined) if len(rows)]
        if places and min(rows.min() for rows in places) <= self._last_row:
            raise AssertionError(f"{self.file.name}: a part goes back behind row {self._last_row:,}")
        self._last_row = int(max((rows.max() for rows in places), default=self._last_row))
        return batch

    def check(self, declaration: Declaration, before: LastAccepted) -> Form:
        """Judge the whole file, and return its form.

        Raises CorrectionStale, DeliveryDrifted, WrongCountry or TooManyBadRows.
        """
        largest = declaration.acceptance.largest_invalid_share
        corrections.check_found(self.file.corrections, self.rows_found, self.file.name)
        if self._shape is None:
            raise no_interview(self.file.name)
        form = drift.form(self._shape, self.file, declaration, before)
        for refusal in drift.refusals([form], [self.file], declaration.sources[self.file.source], before).values():
            raise refusal
        if self._wrong is not None and self._strangers > LARGEST_SHARE_OF_ANOTHER_COUNTRY * self._rows:
            raise WrongCountry(
                f"{self._strangers:,} of its {self._rows:,} rows belong to {self._wrong.facts['of']}.",
                file=self.file.name,
                expected=self._wrong.expected,
                next_step=self._wrong.next_step,
            )
        if self._rows + self._damaged == 0:
            raise no_interview(self.file.name)
        read = self._rows + self._damaged
        if self._rules.total() + self._damaged > largest * read:
            error = too_many_bad_rows(
                self.file.name, self._rules, self._damaged, read, self._first, largest, self._held
            )
            raise drift.explained(error, form, before.of(self.file.uri))
        return form


def no_interview(file: str) -> TooManyBadRows:
    """Return the error of a file that brings no row."""
    return TooManyBadRows("the file has a header and no interview.", file=file, expected="one row or more")


def too_many_bad_rows(
    file: str,
    rules: Counter[str],
    damaged: int,
    read: int,
    first: tuple[int, str] | None,
    largest: float,
    held: Held | None = None,
) -> TooManyBadRows:
    """Say how many rows of a file do not pass, and why.

    rules: how many rows each was the first to refuse.  damaged: rows that could not be cut into cells, beside those.
    first: row and column, the latter empty for a row that is damaged.  held: a number that another file holds;
    `duplicates.named` says which file.
    """
    counts = rules + Counter({DAMAGED: damaged})
    shown = ", ".join(f"{rule} {count:,}" for rule, count in counts.most_common(3))
    return TooManyBadRows(
        f"{counts.total():,} of its {read:,} rows do not pass ({shown}).",
        file=file,
        row=first[0] if first else None,
        column=(first[1] or None) if first else None,
        expected=f"at most {largest:.0%} of the rows; more means that the file or its declaration is wrong",
        next_step="Nothing of this file was landed. Correct the file, or the source in survey.yaml, and run again.",
        facts={HELD: held} if held else None,
    )
