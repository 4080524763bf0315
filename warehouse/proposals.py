"""Proposals: candidates of backfills, which wait until somebody approves or rejects them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.errors import KinscaleError, ReleaseDamaged
from warehouse import integrity, shadow
from warehouse import release as folders
from warehouse.home import Home
from warehouse.release import APPROVAL, MANIFEST, Published, read_json
from warehouse.shadow import Shadow

KEY = "backfill"
"""What the manifest of a proposal says of its plan, and keeps saying once it is a release."""
REJECTED = "rejected.json"


@dataclass(frozen=True)
class Proposal:
    """A candidate of a backfill, on disk."""

    name: str
    candidate: Published
    rejection: Mapping[str, Any] | None

    @property
    def about(self) -> dict[str, Any]:
        """What its manifest says of the backfill: plan, request, release in force then and its hash."""
        said: dict[str, Any] = self.candidate.manifest[KEY]
        return said

    @property
    def status(self) -> str:
        """Say where it stands: `waits`, `refused` by a gate, or `rejected` by a person."""
        if self.rejection:
            return "rejected"
        return "refused" if "refused" in self.candidate.manifest else "waits"


def name(release_id: str, plan_id: str) -> str:
    """Name the candidate of a plan."""
    return f"{release_id}-{KEY}-{plan_id}"


def every(home: Home) -> list[Proposal]:
    """List the candidates of backfills, by name."""
    found = []
    for path in sorted(home.candidates.glob(f"*-{KEY}-*/{MANIFEST}")):
        manifest, folder = read_json(path), path.parent
        if KEY in manifest:
            rejection = read_json(folder / REJECTED) if (folder / REJECTED).exists() else None
            found.append(Proposal(folder.name, Published(manifest["release_id"], folder, manifest), rejection))
    return found


def of_plan(home: Home, plan_id: str) -> Proposal | None:
    """Return the candidate of a plan, or None."""
    return next((one for one in every(home) if one.about["plan_id"] == plan_id), None)


def find(home: Home, wanted: str | None) -> Proposal:
    """Return the candidate of a name, or of a plan's id; without one, the only one that waits.

    Raises KinscaleError, with those there are, when there is none or more.
    """
    known = every(home)
    if wanted is None:
        found = [one for one in known if one.status == "waits"]
        what = f"{len(found)} candidates wait; name one of them." if found else "no candidate waits."
    else:
        found = [one for one in known if wanted in (one.name, one.about["plan_id"])]
        what = f'there is no candidate "{wanted}".'
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.name for one in (found or known))
    raise KinscaleError(
        what,
        file=str(home.candidates),
        expected=f"one of: {names}" if names else None,
        next_step="See them: ./kinscale backfill list    Make one: ./kinscale backfill run",
    )


def published_as(home: Home, wanted: str) -> Published | None:
    """Return the release that a candidate of this name, or of this plan, has become, or None."""
    for survey in folders.surveys(home):
        for release in folders.published(home, survey):
            about = release.manifest.get(KEY)
            if about and wanted in (name(release.release_id, about["plan_id"]), about["plan_id"]):
                return release
    return None


def refuse_damaged(proposal: Proposal, own: Shadow) -> None:
    """Raise ReleaseDamaged unless every byte of a candidate is the one that was validated."""
    built = own.built
    if built is None:
        raise ReleaseDamaged(
            "nothing is left to compare it with: its shadow is gone.",
            file=str(proposal.candidate.folder),
            next_step="Remove this folder, and run the backfill again.",
        )
    faults = []
    if proposal.candidate.manifest_sha256 != built["manifest_sha256"]:
        faults.append(f"{MANIFEST}: it is not the manifest that was written")
    faults += [str(f) for f in integrity.files(proposal.candidate.folder, proposal.candidate.manifest, (APPROVAL,))]
    if faults:
        raise ReleaseDamaged(
            "the candidate is not the one that was validated. " + "; ".join(faults),
            file=str(proposal.candidate.folder),
            next_step="Remove this folder, and run the backfill again.",
        )


def shadow_of(home: Home, proposal: Proposal) -> Shadow:
    """Name the shadow in which a candidate was built."""
    return shadow.of(home, proposal.about["plan_id"])
