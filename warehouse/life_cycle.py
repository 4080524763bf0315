"""What becomes of refused rows when the next version of their file lands: closed with the reason, or refused again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from schemas import corrections, waivers
from schemas.batch import Batch, Load
from warehouse.build import Warehouse
from warehouse.same_row import Accepted, Refused
from warehouse.succession import Succession

if TYPE_CHECKING:
    import pandas as pd

OPEN, DROPPED = "open", "dropped"
LIVE = (OPEN, DROPPED)
SUPERSEDED, FIXED, CORRECTED, WAIVED = "superseded", "fixed_at_source", "corrected", "waived"
RULES_CHANGED, WITHDRAWN = "rules_changed", "withdrawn_at_source"
STATUSES = {
    OPEN: "refused, and nobody has decided about it",
    DROPPED: "left out on purpose, by an entry of corrections.yaml",
    SUPERSEDED: "refused again in the next version of its file, where it goes on",
    FIXED: "delivered again with other cells, and accepted",
    CORRECTED: "accepted, or left out, by an entry of corrections.yaml",
    WAIVED: "accepted by an entry of waivers.yaml",
    RULES_CHANGED: "accepted with the same cells: the declaration or the code changed, or a decision was taken back",
    WITHDRAWN: "not in the file any more: a family that is not counted",
}
"""Every status of a refused row, and what it means."""


@dataclass(frozen=True)
class Ending:
    """How a row of an earlier load ended."""

    load_id: str
    source_row: int
    status: str
    how: str


def as_opened(quarantined: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Return refused rows with their status and since when they are refused, as if none had been refused before."""
    status = [DROPPED if rule == corrections.DROPPED else OPEN for rule in quarantined["rule"]]
    return quarantined.assign(status=status, opened_at=now)


def succeed(
    warehouse: Warehouse, load: Load, succession: Succession, before: Sequence[str]
) -> tuple[dict[int, datetime], list[Ending]]:
    """Return since when rows of this version are refused, by source_row, and how the rows of the version before ended.

    succession: what of this version may be a row that was refused before.  before: the loads that this one replaces,
    whose interviews are still there. Nothing is written.
    """
    if not succession.earlier:
        return {}, []
    batch = succession.together()
    quarantined = batch.quarantined
    places = quarantined["source_row"].tolist()
    refused, since = Refused(quarantined), {}
    endings: list[Ending] = []
    left: list[dict[str, Any]] = []
    for row in succession.earlier:
        position, live = refused.find(row), row["status"] in LIVE
        if position is not None:
            since[places[position]] = row["opened_at"]
        if live and position is not None:
            endings.append(_refused_again(row, str(quarantined["rule"].iloc[position]), batch))
        elif live:
            left.append(row)
    if left:
        endings += _accepted_or_gone(left, batch, _numbers(warehouse, before, batch.accepted["questionnaire_id"]))
    return since, endings


def close(warehouse: Warehouse, endings: Sequence[Ending], load_id: str, now: datetime) -> None:
    """Write how rows ended. load_id: the load that ended them."""
    if not endings:
        return
    import pandas as pd

    frame = pd.DataFrame([vars(ending) for ending in endings])
    with warehouse.registered("endings", frame):
        warehouse.execute(
            """UPDATE quarantine SET status = e.status, how = e.how, closed_at = $now, closed_by = $load
               FROM endings AS e WHERE quarantine.load_id = e.load_id AND quarantine.source_row = e.source_row""",
            now=now,
            load=load_id,
        )


def keep_age(warehouse: Warehouse, since: Mapping[int, datetime], load_id: str) -> None:
    """Write since when rows of a load are refused that an earlier version had refused. since: by source_row."""
    if not since:
        return
    import pandas as pd

    frame = pd.DataFrame({"source_row": list(since), "since": list(since.values())})
    with warehouse.registered("ages", frame):
        warehouse.execute(
            """UPDATE quarantine SET opened_at = ages.since
               FROM ages WHERE quarantine.load_id = $load AND quarantine.source_row = ages.source_row""",
            load=load_id,
        )


def end(warehouse: Warehouse, load_id: str, status: str, how: str, now: datetime) -> None:
    """Close the rows of a load that goes out of force without one that brings rows in its place."""
    warehouse.execute(
        """UPDATE quarantine SET status = $status, how = $how, closed_at = $now
           WHERE load_id = $load AND list_contains($live, status)""",
        status=status,
        how=how,
        now=now,
        load=load_id,
        live=list(LIVE),
    )


def earlier(warehouse: Warehouse, load: Load, before: Sequence[str]) -> list[dict[str, Any]]:
    """Return refused rows of a file that may go on: live ones, then those a decision had closed."""
    if not before:
        return []
    return warehouse.rows(
        """SELECT quarantine.* FROM quarantine JOIN loads USING (load_id)
           WHERE loads.survey_id = $survey AND loads.uri = $uri AND (
               (quarantine.status IN ('open', 'dropped') AND list_contains($before, quarantine.load_id))
               OR quarantine.status IN ('waived', 'corrected')
           )
           ORDER BY quarantine.status IN ('open', 'dropped') DESC, closed_at DESC, source_row""",
        survey=load.survey_id,
        uri=load.uri,
        before=list(before),
    )


def _numbers(warehouse: Warehouse, before: Sequence[str], asked: pd.Series) -> frozenset[str]:
    """Return which of some questionnaire numbers the version before had accepted."""
    with warehouse.registered("numbers_asked", asked.astype("str").to_frame("questionnaire_id")):
        rows = warehouse.rows(
            """SELECT DISTINCT questionnaire_id FROM interviews WHERE list_contains($before, load_id)
               AND questionnaire_id IN (SELECT questionnaire_id FROM numbers_asked)""",
            before=list(before),
        )
    return frozenset(row["questionnaire_id"] for row in rows)


def _refused_again(row: Mapping[str, Any], rule: str, batch: Batch) -> Ending:
    if rule == corrections.DROPPED and row["status"] == OPEN:
        return Ending(row["load_id"], row["source_row"], CORRECTED, _told(row, batch.file.corrections))
    return Ending(row["load_id"], row["source_row"], SUPERSEDED, f"refused again, rule {rule}")


def _accepted_or_gone(rows: Sequence[Mapping[str, Any]], batch: Batch, known: frozenset[str]) -> Iterator[Ending]:
    """known: questionnaire numbers that the version before had accepted."""
    accepted = Accepted(batch, known)
    decided = {
        rule: set(batch.edits.loc[batch.edits["rule"] == rule, "source_row"])
        for rule in (waivers.RULE, corrections.RULE)
    }
    for row in rows:
        found = accepted.find(row)
        if found is None:
            status, how = WITHDRAWN, "no row of the next version is this one"
        elif found in decided[waivers.RULE]:
            status, how = WAIVED, _told(row, batch.file.waivers)
        elif found in decided[corrections.RULE]:
            status, how = CORRECTED, _told(row, batch.file.corrections)
        elif accepted.cells.get(found) == row["raw_row"]:
            status, how = RULES_CHANGED, "the same cells are accepted now"
        else:
            status, how = FIXED, f"delivered again with other cells, row {found:,}"
        yield Ending(row["load_id"], row["source_row"], status, how)


def _told(row: Mapping[str, Any], entries: Sequence[corrections.Correction] | Sequence[waivers.Waiver]) -> str:
    """Say who decided what, from the entries that name a row; an entry may name it by number or by place."""
    number, place = row.get("questionnaire_id") or "", row["source_row"]
    mine = [e for e in entries if (e.questionnaire == number if e.questionnaire else e.source_row == place)]
    return "; ".join(entry.told for entry in mine) or "by an entry that names another row number"
