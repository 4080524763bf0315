"""Every row that was read is accepted or quarantined, tonight and in every load that ever landed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from schemas.batch import Load
from schemas.deliveries import MOST_LINES, by_country
from tasks.gates.check import Check, verdict
from warehouse.accounting import Fault

SHOWN = 5


def accounting(loads: Sequence[Load], faults: Sequence[Fault]) -> Iterator[Check]:
    """Compare the rows of each file with what became of them, and tell what was found of loads before.

    Of many files, those of each country are compared, and each that lost a row. Files of one name go by their places.
    faults: what does not add up in any load that ever landed.
    """
    times = Counter(load.file for load in loads)
    scopes = {load.load_id: load.uri if times[load.file] > 1 else load.file for load in loads}
    if len(loads) <= MOST_LINES:
        yield from (_check(scopes[load.load_id], [load]) for load in loads)
    else:
        for country, mine in by_country(loads).items():
            yield _check(country, mine)
            yield from (_check(scopes[load.load_id], [load]) for load in mine if _lost(load))
    yield _for_ever(faults)


def _check(scope: str, loads: Sequence[Load]) -> Check:
    """Add the rows up. What one file has lost and another has too many does not cancel."""
    lost = _lost(loads[0]) if len(loads) == 1 else sum(abs(_lost(load)) for load in loads)
    read, accepted, quarantined = (
        sum(getattr(load, f"rows_{kind}") for load in loads) for kind in ("read", "accepted", "quarantined")
    )
    detail = f"{read:,} read = {accepted:,} accepted + {quarantined:,} quarantined"
    detail += f", in {len(loads):,} files" if len(loads) > 1 else ""
    return Check("accounting", "rows_read_are_accounted_for", scope, lost, 0, verdict(abs(lost), 0), detail)


def _lost(load: Load) -> int:
    return load.rows_read - load.rows_accepted - load.rows_quarantined


def _for_ever(faults: Sequence[Fault]) -> Check:
    told = [f"{fault.file or fault.load_id} ({fault.load_id}): {fault.what}" for fault in faults[:SHOWN]]
    more = [f"{len(faults) - SHOWN:,} more"] if len(faults) > SHOWN else []
    detail = "; ".join([*told, *more]) or "rows of every load that ever landed are stored as they were counted"
    wrong = len(faults)
    return Check("accounting", "every_load_is_accounted_for", "all loads", wrong, 0, verdict(wrong, 0), detail)
