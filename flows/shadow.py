"""A backfill of one survey: a plan is carried out in a shadow of the build warehouse and ends as a candidate.

Knows no Prefect; the command line hands it plain steps, the flow `backfill` the same steps as tasks.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flows.intake import take_in
from flows.night import Outcome, check_methods, fingerprint, publish
from flows.steps import Say, Steps
from schemas import declaration as declarations
from schemas import instrument
from schemas.backfill import Plan, Request
from schemas.declaration import Declaration
from schemas.errors import BackfillStale, DeliveryError, GateRefused, KinscaleError, PeriodFrozen
from schemas.reason import Reason
from tasks import backfill_plan, environment
from warehouse import build, loads, lock, proposals, run_log, shadow
from warehouse import release as folders
from warehouse.build import Warehouse
from warehouse.home import Home
from warehouse.shadow import Shadow

MakeSteps = Callable[[Plan], Steps]


def steps(plan: Plan) -> Steps:
    """Import the steps of a night, the last of which leaves a candidate instead of a release."""
    from flows import direct
    from tasks import propose

    return replace(direct.steps(), release=propose.for_plan(plan))


def run(request: Request, home: Home, say: Say, make: MakeSteps = steps) -> list[tuple[Plan, Outcome]]:
    """Plan, and carry out the plan of each survey; what stops one is its outcome, so that the next has its turn.

    make: makes the steps of a plan when they are needed.
    Raises SelectionUnknown or PeriodFrozen before anything is done.
    """
    planned = backfill_plan.plans(request, home)
    for plan in planned:
        refuse_frozen(plan)
    return [(plan, one(plan, home, say, make)) for plan in planned]


def refuse_frozen(plan: Plan) -> None:
    """Raise PeriodFrozen when the numbers are final and no reason was given."""
    if plan.needs_reason and not plan.unchanged:
        raise PeriodFrozen(
            f"numbers of {plan.survey_id} ({plan.reference_period}) are final since {plan.final_since}.",
            expected="a reason, which is stored and shown with every number that changes",
            next_step='Say why: ./kinscale backfill run ... --reason "..."',
        )


def one(plan: Plan, home: Home, say: Say, make: MakeSteps = steps) -> Outcome:
    """Carry out one plan: begin anew, or go on where a run of the same plan was killed.

    The release of the outcome is the candidate or, when no cell changes, the release in force. Neither `releases/` nor
    the build warehouse is touched.
    """
    try:
        return _done_before(plan, home) or _carry_out(plan, home, say, make)
    except KinscaleError as error:
        return Outcome(plan.survey_id, news=True, errors=(error,))


def _carry_out(plan: Plan, home: Home, say: Say, make: MakeSteps) -> Outcome:
    declaration = declarations.load(plan.survey_id)
    if plan.unchanged:
        base = folders.standing(folders.published(home, plan.survey_id))[-1]
        return Outcome(plan.survey_id, news=False, notice=declaration.notice, release=base)
    if declaration.fingerprint != plan.declaration_sha256:
        raise BackfillStale("the declaration changed after the plan was made.", next_step="Run the backfill again.")
    environment.check(home, declaration.id)
    check_methods(declaration)
    own = shadow.of(home, plan.plan_id)
    _prepare(plan, declaration, home, own, say)
    todo = make(plan)
    environment.check_validation(os.environ)
    with build.write(own, instrument.find(declaration.instrument)) as warehouse:
        outcome = _build(plan, declaration, own, warehouse, todo, say)
    if not outcome.is_new_release:
        shadow.remove(own)  # nothing is left that an approval could carry over
    return outcome


def _done_before(plan: Plan, home: Home) -> Outcome | None:
    """Return what an earlier run of the same plan came to, if it reached its end. Raises what stands against it."""
    found, own = proposals.of_plan(home, plan.plan_id), shadow.of(home, plan.plan_id)
    if found is None:
        return None
    if found.rejection:
        raise KinscaleError(
            f"{found.rejection['by']} rejected this backfill on {found.rejection['rejected_at']}: "
            f"{found.rejection['reason']}",
            file=str(found.candidate.folder),
            next_step="Change what it was rejected for, or remove that folder to build the same again.",
        )
    if found.status == "refused":
        raise GateRefused(
            "the gate refused this backfill before, and nothing has changed since: "
            + "; ".join(found.candidate.manifest["refused"]),
            file=str(found.candidate.folder),
            next_step="Read report/index.html there and correct the cause, or remove that folder to build it again.",
        )
    if own.built is None:
        return None  # killed after the candidate got its name: it is built again
    return Outcome(plan.survey_id, news=False, release=found.candidate, is_new_release=True)


def _prepare(plan: Plan, declaration: Declaration, home: Home, own: Shadow, say: Say) -> None:
    """Make the shadow unless there is one; the lock of the build warehouse is held while it is copied, no longer."""
    from tasks.manifest import keep_declaration

    with lock.hold(home):
        in_force = {
            r.release_id for s in folders.surveys(home) for r in folders.standing(folders.published(home, s))[-1:]
        }
        for other in shadow.every(home):
            if (other.plan or {}).get("base_release") not in in_force and not shadow.is_held(other):
                shadow.remove(other)  # what it was built on stands no more, so it can never be approved
        keep_declaration(declaration, home)
        if own.plan is not None:
            say(f"going on with backfill {plan.plan_id}")
            return
        say(f"copying the build warehouse ({home.warehouse.stat().st_size:,} bytes)")
        again = [file.load_id for file in plan.files]  # a named file may have its load already
        shadow.make(own, plan.as_record(), instrument.find(declaration.instrument), again)


def _build(plan: Plan, declaration: Declaration, own: Shadow, warehouse: Warehouse, todo: Steps, say: Say) -> Outcome:
    """Read the files of the plan, unless they are read, estimate its parts, and leave a candidate."""
    left = proposals.of_plan(own, plan.plan_id)
    if left is not None:
        shutil.rmtree(left.candidate.folder)  # its run was killed before it could write down what it came to
    files = backfill_plan.stored_files(warehouse, declaration)
    wanted = {file.uri for file in plan.files}
    run_id = run_log.begin(warehouse, declaration.id, "")
    landed, errors = take_in(files, declaration, own, warehouse, todo, say, only=wanted)
    mark = "" if plan.is_narrowed else fingerprint(declaration, files, own)  # what is left is for the next night
    in_force = tuple(load for load in loads.current(warehouse, declaration.id).values() if load.status == "landed")
    outcome = Outcome(
        declaration.id, True, declaration.notice, declaration.countries, tuple(landed), in_force, errors=tuple(errors)
    )
    if any(not isinstance(error, DeliveryError) for error in errors):
        return outcome  # the raw store is damaged: without the file's rows there is nothing to compare
    why = Reason(plan.request.reason) if plan.request.reason else None
    try:
        found, is_new = publish(declaration, own, warehouse, todo, in_force, say, why, plan.selection)
    except GateRefused as error:
        run_log.end(warehouse, run_id, "refused", mark, None, str(error))
        return replace(outcome, errors=(*errors, error))
    run_log.end(warehouse, run_id, "succeeded", mark, found.release_id, f"backfill {plan.plan_id}")
    if is_new:
        built = {"candidate": found.folder.name, "manifest_sha256": found.manifest_sha256, "fingerprint": mark}
        shadow.record(own, {**built, "standing": shadow.standing(warehouse, declaration.id)})
    return replace(outcome, release=found, is_new_release=is_new)


def told(plan: Plan, outcome: Outcome, home: Home) -> dict[str, Any]:
    """Lay out what a plan came to, for programs and pages: candidate, cells that change, files read, errors."""
    from flows import release_history
    from reports import diff_page

    candidate = outcome.release.folder.name if outcome.release and outcome.is_new_release else None
    counts = diff_page.counts(release_history.proposed(home, candidate)[2]) if candidate else {}
    return {
        "plan_id": plan.plan_id,
        "survey_id": plan.survey_id,
        "candidate": candidate,
        "counts": counts,
        "read": len(outcome.landed),
        "errors": [str(error) for error in outcome.errors],
    }
