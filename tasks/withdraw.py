"""Withdraw a release: a tombstone beside it says so and points to what replaces it; nothing is deleted."""

from __future__ import annotations

from typing import Any

from schemas.errors import KinscaleError
from warehouse import chain, lock, release_names
from warehouse import release as folders
from warehouse.home import Home


def withdraw(home: Home, name: str, reason: str, force: bool = False) -> dict[str, Any]:
    """Write the tombstone of a release, enter it in the chain, move `latest` to the replacement; return the tombstone.

    force: withdraw also the only release in force; then `latest` is taken away until a new one is published.
    Raises KinscaleError when there is no such release, it is withdrawn already, or it is the only one.
    """
    release_id = release_names.find(home, name).release_id
    with lock.hold(home):
        release = release_names.find(home, release_id)
        survey_id = str(release.manifest["survey_id"])
        chain.settle(home, survey_id)
        if release.tombstone:
            raise KinscaleError(
                f"{release_id} was withdrawn on {release.tombstone['withdrawn_at']}: {release.tombstone['reason']}",
                next_step=f"./kinscale show {release_id}",
            )
        others = [r for r in folders.standing(folders.published(home, survey_id)) if r.release_id != release_id]
        if not others and not force:
            raise KinscaleError(
                f"{release_id} is the only release in force; nothing could replace it.",
                expected="another release to point to",
                next_step="Publish a better one first, or add --force: there is no latest release then until the next.",
            )
        tombstone = {
            "release_id": release_id,
            "survey_id": survey_id,
            "withdrawn_at": folders.stamp(folders.now_after([release])),
            "reason": reason,
            "replacement": others[-1].release_id if others else None,
            "manifest_sha256": release.manifest_sha256,
        }
        folders.write_once(folders.tombstone_of(home, release_id), folders.as_text(tombstone))
        chain.settle(home, survey_id)
    return tombstone
