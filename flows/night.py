"""One night of one survey: which step follows which, and what happens when there is nothing new or a file is refused.

Written once; `direct` runs it with plain functions, `nightly` with Prefect tasks.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from flows.intake import standing_refusal, take_in
from flows.steps import Say, Step, Steps
from schemas import instrument
from schemas.batch import Load, PulledFile
from schemas.counted import counted
from schemas.declaration import Declaration
from schemas.delivery_record import Delivered
from schemas.errors import DeclarationError, DeliveryError, GateRefused, KinscaleError
from schemas.night_record import LooksPersonalIn
from schemas.reason import Reason
from sources import confined
from tasks import environment
from tasks import pull as pulling
from tasks.unplaced import unknown_files, unplaced
from warehouse import (
    accounting,
    build,
    code_version,
    delivery_records,
    interview_parts,
    loads,
    looks_personal,
    run_log,
    shapes,
)
from warehouse import release as folders
from warehouse.home import Home
from warehouse.release import Published

if TYPE_CHECKING:
    from schemas.drift import Seen
    from schemas.selection import Selection
    from warehouse.build import Warehouse

MOST_ERRORS = 100
"""Errors that the run log and Prefect keep of one night: a wrong declaration may refuse thousands of files."""


@dataclass(frozen=True)
class Outcome:
    """How a night ended: the files in force, what was new, the release, and what went wrong on the way.

    deliveries: what the files of this night are beside those before them.
    """

    survey_id: str
    news: bool
    notice: str = ""
    countries: Mapping[str, str] = field(default_factory=dict)
    landed: tuple[Load, ...] = ()
    loads: tuple[Load, ...] = ()
    release: Published | None = None
    is_new_release: bool = False
    errors: tuple[KinscaleError, ...] = field(default=())
    run_id: str = ""
    drift: tuple[Seen, ...] = ()
    """How the files of this night differ from what is declared, and from what came before."""
    deliveries: tuple[Delivered, ...] = ()
    looks_personal: tuple[LooksPersonalIn, ...] = ()
    instrument: str = ""
    """Name of the survey's instrument; empty where nothing was looked at."""

    @property
    def exit_code(self) -> int:
        """0 when all went well, 3 when a gate refused, else 1."""
        return max((error.exit_code for error in self.errors), default=0)


def told(errors: Sequence[KinscaleError]) -> str:
    """Put errors into one message; of very many the first ones and the last, which is the gate's if it refused."""
    shown = [str(error) for error in errors]
    if len(shown) > MOST_ERRORS:
        shown = [*shown[: MOST_ERRORS - 1], f"(and {len(shown) - MOST_ERRORS:,} more)", shown[-1]]
    return "\n".join(shown)


class NightIncomplete(Exception):  # noqa: N818 - it tells a state, and carries the outcome
    """Surveys whose night ended with errors; everything that could be done was done."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        """Keep the outcomes; the message is that of their errors."""
        super().__init__("\n".join(told(outcome.errors) for outcome in outcomes if outcome.errors))
        self.outcomes = tuple(outcomes)


def night(
    declaration: Declaration,
    home: Home,
    steps: Callable[[], Steps],
    say: Say,
    first: Step = pulling.look,
    reason: Reason | None = None,
) -> Outcome:
    """Take in what is new, estimate, and publish. Does nothing, and writes nothing, when nothing is new.

    steps: makes the steps when they are needed, so that a night without news loads no heavy library.
    first: the step that lists the sources.  reason: what a person says about the change that this night brings.
    """
    environment.check(home, declaration.id)
    say(f"{declaration.id}: listing {counted(len(declaration.sources), 'source')}")
    listing = first(declaration)
    quiet = nothing_new(declaration, home, listing, reason)
    if quiet is not None:
        return quiet
    confined.begin(source.reader.get("format") for source in declaration.sources)
    todo = steps()
    environment.check_validation(os.environ)  # again: pandera is loaded only now, and holds what it was told
    with build.write(home, instrument.find(declaration.instrument)) as warehouse:
        run_id = run_log.begin(warehouse, declaration.id, "")
        outcome, mark = _work(declaration, home, warehouse, todo, listing, say, reason)
        status = "refused" if outcome.exit_code == GateRefused.exit_code else "succeeded"
        release_id = outcome.release.release_id if outcome.release else None
        run_log.end(warehouse, run_id, status, mark, release_id, told(outcome.errors) or "complete")
        found = delivery_records.of_run(warehouse, declaration.id, run_id)
    return replace(outcome, run_id=run_id, deliveries=found)


def at_rest(declaration: Declaration, home: Home, reason: Reason | None = None) -> Outcome | None:
    """Look whether a night would find anything new: return the standing outcome if not, else None. Writes nothing."""
    environment.check(home, declaration.id)
    return nothing_new(declaration, home, pulling.look(declaration), reason)


def nothing_new(
    declaration: Declaration, home: Home, listing: pulling.Listing, reason: Reason | None = None
) -> Outcome | None:
    """Return the standing outcome when files, declaration and code are those of the last complete run, else None.

    A refusal does not stand against a reason: the gate is asked again.
    """
    if listing.errors:
        return None
    with build.read(home) as warehouse:
        if warehouse is None:
            return None
        files = pulling.unchanged(listing, pulling.known_hashes(warehouse, declaration.id), declaration)
        last = run_log.last_complete(warehouse, declaration.id)
        if files is None or last != fingerprint(declaration, files, home):
            return None
        standing = loads.current(warehouse, declaration.id)
        by_gate = run_log.standing_refusal(warehouse, declaration.id)
        if interview_parts.is_elsewhere(warehouse, declaration.id):
            return None  # taking in will say so
    standing_releases = folders.standing(folders.published(home, declaration.id))
    if not standing_releases or not home.latest.exists() or (by_gate and reason):
        return None
    refused = tuple(standing_refusal(load) for load in standing.values() if load.status == "refused")
    refused += tuple(pulling.vanished(listing, standing.values(), declaration))
    if by_gate:  # it holds the messages of refused files as well
        refused = (GateRefused("the last run was refused, and nothing has changed since.", next_step=by_gate),)
    in_force = tuple(load for load in standing.values() if load.status == "landed")
    newest = standing_releases[-1]
    return Outcome(
        declaration.id, news=False, notice=declaration.notice, loads=in_force, release=newest, errors=refused
    )


def fingerprint(declaration: Declaration, files: Sequence[PulledFile], home: Home) -> str:
    """Name a run by all it stands on: loads, declaration, code, its locked libraries, and what was withdrawn."""
    parts = [
        *sorted(file.load_id for file in files),
        declaration.fingerprint,
        code_version.fingerprint(code_version.RESULTS),
        *(r.release_id for r in folders.published(home, declaration.id) if r.tombstone),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _work(
    declaration: Declaration,
    home: Home,
    warehouse: Warehouse,
    todo: Steps,
    listing: pulling.Listing,
    say: Say,
    reason: Reason | None,
) -> tuple[Outcome, str]:
    check_methods(declaration)
    files, errors = todo.pull(listing, declaration, warehouse, home)
    errors = [*listing.errors, *errors]
    loads.forget_refusals(warehouse, declaration.id, [file.load_id for file in files])
    before = loads.current(warehouse, declaration.id)
    gone = {**pulling.taken_out(listing, before.values(), declaration), **declaration.removed}
    for load in before.values():
        if load.uri in gone and load.status == "landed":
            say(f"taking out {load.file}: {gone[load.uri]}")
            loads.remove(warehouse, load, gone[load.uri])
    errors += pulling.vanished(listing, before.values(), declaration)
    landed, refusals = take_in(files, declaration, home, warehouse, todo, say)
    errors += refusals
    # told each night, for no file carries them
    stale = [*unplaced(declaration, files, warehouse), *unknown_files(declaration, files, warehouse)]
    errors += stale
    lasting = not stale and all(isinstance(error, DeliveryError) for error in errors)
    mark = fingerprint(declaration, files, home) if lasting else ""  # what may heal by itself is tried again next time
    standing = loads.current(warehouse, declaration.id)
    in_force = tuple(load for load in standing.values() if load.status == "landed")
    seen = looks_personal.standing(warehouse, declaration.id, [file.uri for file in files])
    outcome = Outcome(
        declaration.id,
        True,
        declaration.notice,
        declaration.countries,
        tuple(landed),
        in_force,
        errors=tuple(errors),
        looks_personal=tuple(seen),
        instrument=declaration.instrument,
    )
    for column in seen:
        say(f"looks personal: {column}")
    drift = shapes.differences(warehouse, declaration.id, [load.load_id for load in landed])
    outcome = replace(outcome, drift=tuple(drift))
    if not in_force:
        return outcome, mark
    try:
        published, is_new = publish(declaration, home, warehouse, todo, in_force, say, reason)
    except GateRefused as error:
        return replace(outcome, errors=(*errors, error)), mark
    return replace(outcome, release=published, is_new_release=is_new), mark


def publish(
    declaration: Declaration,
    home: Home,
    warehouse: Warehouse,
    todo: Steps,
    in_force: Sequence[Load],
    say: Say,
    reason: Reason | None = None,
    selection: Selection | None = None,
) -> tuple[Published, bool]:
    """Aggregate, estimate, assemble, gate and release. Raises GateRefused after leaving a candidate.

    todo.release: the last step; it publishes, or leaves a candidate that waits.  selection: what is estimated again.
    """
    from tasks import revise

    release_id = folders.next_id(home, declaration.id, declaration.reference_period)
    earlier = folders.published(home, declaration.id)
    if instrument.find(declaration.instrument).ANALYSIS == instrument.RECORDS:
        made = _of_records(declaration, warehouse, todo, in_force, say, release_id, earlier)
    else:
        made = _of_families(declaration, warehouse, todo, in_force, say, release_id, earlier, selection)
    tables, cells, confidentiality = made
    say("holding the tables to what is expected of them")
    validations = todo.expect(tables, declaration, warehouse)
    before, why = revise.last_estimates(earlier), reason.text if reason else None
    faults = accounting.faults(warehouse, declaration.id)
    quality = todo.gate(
        tables, cells, declaration, in_force, before, release_id, confidentiality, validations, why, faults
    )
    say("writing the release")
    published, is_new = todo.release(
        {**tables, "quality": quality}, declaration, in_force, release_id, home, validations, reason
    )
    return published, is_new


def _of_families(
    declaration: Declaration,
    warehouse: Warehouse,
    todo: Steps,
    in_force: Sequence[Load],
    say: Say,
    release_id: str,
    earlier: Sequence[Published],
    selection: Selection | None,
) -> tuple[Any, Any, Any]:
    """Return tables as they may be published, the cells behind them, and what the audit of hidden ones found."""
    say("reducing interviews to PSU totals")
    totals = todo.aggregate(declaration, warehouse)
    say("looking at how the interviews were held")
    held = todo.fieldwork(totals, declaration, warehouse, release_id)
    cells = todo.estimate(totals, declaration, warehouse, selection, say)
    say("assembling and checking the tables")
    tables = todo.assemble(cells, totals, declaration, in_force, release_id)
    say("varying what the totals depend on")
    tables |= held | todo.explain(cells, totals, declaration, warehouse, release_id)
    say("hiding what would show too few families")
    tables, confidentiality = todo.disclose(tables, totals, declaration, warehouse, earlier, release_id)
    return tables, cells, confidentiality


def _of_records(
    declaration: Declaration,
    warehouse: Warehouse,
    todo: Steps,
    in_force: Sequence[Load],
    say: Say,
    release_id: str,
    earlier: Sequence[Published],
) -> tuple[Any, Any, Any]:
    """Return the same of an instrument that declares its indicators."""
    records = todo.gather(declaration, warehouse)
    say("computing the declared indicators")
    made = todo.tabulate(records, declaration, in_force, release_id)
    say("hiding what would show too few")
    tables, confidentiality = todo.hide_records(made, declaration, release_id, earlier)
    return tables, made.tables["estimates"], confidentiality


def check_methods(declaration: Declaration) -> None:
    """Refuse to begin with a method that no estimator has. Raises DeclarationError."""
    from estimators import find_method

    for name in declaration.methods:
        try:
            find_method(name)
        except ValueError as error:
            raise DeclarationError(str(error), file=str(declaration.folder / "survey.yaml")) from error
