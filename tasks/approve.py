"""Approve or reject a candidate of a backfill: the bytes that were validated get a release's name, or none."""

from __future__ import annotations

from typing import Any

from schemas import declaration as declarations
from schemas import instrument
from schemas.errors import BackfillStale, GateRefused, KinscaleError, PeriodFrozen
from tasks import environment
from warehouse import build, chain, lock, proposals, run_log, shadow
from warehouse import release as folders
from warehouse.build import Warehouse
from warehouse.home import Home
from warehouse.proposals import Proposal
from warehouse.release import Published
from warehouse.shadow import Shadow


def approve(home: Home, wanted: str | None, by: str, reason: str) -> tuple[Published, bool]:
    """Publish a candidate as it is; return the release, and whether this call published it.

    wanted: name of the candidate or of its plan; None for the only one that waits.  by, reason: who approves, and why.
    Nothing is built again: the folder is renamed and `latest` moves to it; then the shadow's rows take the place of the
    survey's rows in the build warehouse. Killed at any point, the same call completes it.
    Raises BackfillStale when a release or a load came in between, ReleaseDamaged when a byte is not the one that was
    validated, GateRefused for a candidate that a gate refused, PeriodFrozen for final numbers without a reason.
    """
    before = proposals.published_as(home, wanted) if wanted else None
    survey_id = str((before or proposals.find(home, wanted).candidate).manifest["survey_id"])
    environment.check(home, survey_id)
    kind = instrument.find(declarations.load(survey_id).instrument)
    with build.write(home, kind) as warehouse:
        chain.settle(home, survey_id)
        if before is not None:
            _complete(home, warehouse, before)
            return before, False
        proposal = proposals.find(home, wanted)
        own = proposals.shadow_of(home, proposal)
        refuse_unfit(home, proposal, own, warehouse)
        with lock.hold(own):
            run_id = run_log.begin(warehouse, survey_id, "")
            release = _publish(home, proposal, by, reason)
            shadow.carry(warehouse, own, survey_id, run_id, release.release_id)
        shadow.remove(own)
    return release, True


def reject(home: Home, wanted: str | None, by: str, reason: str) -> dict[str, Any]:
    """Record that a candidate is not wanted, and remove its shadow; the candidate stays, to be looked at."""
    with lock.hold(home):
        proposal = proposals.find(home, wanted)
        if proposal.rejection:
            raise KinscaleError(
                f"{proposal.name} was rejected on {proposal.rejection['rejected_at']} by {proposal.rejection['by']}: "
                f"{proposal.rejection['reason']}"
            )
        said = {"candidate": proposal.name, "rejected_at": folders.stamp(folders.now()), "by": by, "reason": reason}
        folders.write_once(proposal.candidate.folder / proposals.REJECTED, folders.as_text(said))
        shadow.remove(proposals.shadow_of(home, proposal))
    return said


def refuse_unfit(home: Home, proposal: Proposal, own: Shadow, warehouse: Warehouse) -> None:
    """Raise what stands against publishing a candidate now."""
    about, survey_id = proposal.about, str(proposal.candidate.manifest["survey_id"])
    if proposal.rejection:
        raise KinscaleError(
            f"{proposal.name} was rejected by {proposal.rejection['by']}: {proposal.rejection['reason']}",
            next_step="Run the backfill again, after what it was rejected for has changed.",
        )
    if proposal.status == "refused":
        raise GateRefused(
            f"the gate refused {proposal.name}: " + "; ".join(proposal.candidate.manifest["refused"]),
            file=str(proposal.candidate.folder),
            next_step="Correct the cause and run the backfill again.",
        )
    _refuse_stale(home, proposal, survey_id)
    declaration = declarations.load(survey_id)
    if declaration.is_final(folders.now().date()) and not (about["final_since"] and about["request"]["reason"]):
        raise PeriodFrozen(
            f"numbers of {survey_id} are final since {declaration.freeze_date}; the backfill was built before, or was "
            "given no reason.",
            next_step='Run it again: ./kinscale backfill run ... --reason "..."',
        )
    proposals.refuse_damaged(proposal, own)
    if not shadow.is_current(warehouse, own, survey_id):
        raise BackfillStale(
            f"the build warehouse has taken in a file of {survey_id} since {proposal.name} was planned.",
            expected="the files that the backfill was built on",
            next_step="Run the backfill again, with the same options; then reject this one.",
        )


def _refuse_stale(home: Home, proposal: Proposal, survey_id: str) -> None:
    about, published = proposal.about, folders.published(home, survey_id)
    standing = folders.standing(published)
    base = standing[-1] if standing else None
    taken = proposal.candidate.release_id in {release.release_id for release in published}
    if base is None or taken or base.manifest_sha256 != about["base_manifest_sha256"]:
        in_force = base.release_id if base else "none"
        raise BackfillStale(
            f"{proposal.name} was built on {about['base_release']}, and {in_force} is in force now.",
            expected="the release that the backfill was compared with",
            next_step="Run the backfill again, with the same options; then reject this one.",
        )


def _publish(home: Home, proposal: Proposal, by: str, reason: str) -> Published:
    """Write down who approves, give the folder its name with that in it, enter both in the chain, move `latest`."""
    release_id, survey_id = proposal.candidate.release_id, str(proposal.candidate.manifest["survey_id"])
    said = {
        "release_id": release_id,
        "candidate": proposal.name,
        "approved_at": folders.stamp(folders.now()),
        "by": by,
        "reason": reason,
        "manifest_sha256": proposal.candidate.manifest_sha256,
    }
    folders.write_once(proposal.candidate.folder / folders.APPROVAL, folders.as_text(said))
    folders.give_name(proposal.candidate.folder, home.releases / release_id)
    chain.settle(home, survey_id)
    chain.point_to_standing(home, folders.published(home, survey_id))
    return folders.published(home, survey_id)[-1]


def _complete(home: Home, warehouse: Warehouse, release: Published) -> None:
    """Do what an approval that was killed left undone: `latest`, and the rows of the build warehouse.

    Where a night came in between and took in other files, its rows are the newer ones, and stay.
    """
    survey_id = str(release.manifest["survey_id"])
    published = folders.published(home, survey_id)
    standing = folders.standing(published)
    own = shadow.of(home, release.manifest[proposals.KEY]["plan_id"])
    if own.plan is None or not standing:
        return
    if standing[-1].release_id == release.release_id and shadow.is_current(warehouse, own, survey_id):
        chain.point_to_standing(home, published)
        run_id = run_log.begin(warehouse, survey_id, "")
        shadow.carry(warehouse, own, survey_id, run_id, release.release_id)
    shadow.remove(own)
