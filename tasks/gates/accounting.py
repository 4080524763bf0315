"""Every row that was read is accepted or quarantined, tonight and in every load that ever landed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.batch import Load
from tasks.gates.check import Check, verdict
from warehouse.accounting import Fault

SHOWN = 5


def accounting(loads: Sequence[Load], faults: Sequence[Fault]) -> Iterator[Check]:
    """Compare the rows of each country's files with what became of them, and tell what was found of loads before.

    faults: what does not add up in any load that ever landed.
    """
    for country in sorted({load.country for load in loads}):
        mine = [load for load in loads if load.country == country]
        read, accepted, refused = (
            sum(getattr(x, f"rows_{k}") for x in mine) for k in ("read", "accepted", "quarantined")
        )
        lost = sum(abs(load.rows_read - load.rows_accepted - load.rows_quarantined) for load in mine)
        detail = f"{read:,} read = {accepted:,} accepted + {refused:,} quarantined, in {len(mine):,} files"
        yield Check("accounting", "rows_read_are_accounted_for", country, lost, 0, verdict(lost, 0), detail)
    told = [f"{fault.file or fault.load_id} ({fault.load_id}): {fault.what}" for fault in faults[:SHOWN]]
    more = [f"{len(faults) - SHOWN:,} more"] if len(faults) > SHOWN else []
    detail = "; ".join([*told, *more]) or "rows of every load that ever landed are stored as they were counted"
    yield Check("accounting", "every_load_is_accounted_for", "", len(faults), 0, verdict(len(faults), 0), detail)
