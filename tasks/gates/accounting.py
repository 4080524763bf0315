"""Every row that was read is accepted or quarantined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.batch import Load
from tasks.gates.check import Check, verdict


def accounting(loads: Sequence[Load]) -> Iterator[Check]:
    """Compare the rows of each file with what became of them."""
    for load in loads:
        lost = load.rows_read - load.rows_accepted - load.rows_quarantined
        detail = f"{load.rows_read:,} read = {load.rows_accepted:,} accepted + {load.rows_quarantined:,} quarantined"
        yield Check("accounting", "rows_read_are_accounted_for", load.file, lost, 0, verdict(abs(lost), 0), detail)
