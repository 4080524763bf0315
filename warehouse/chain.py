"""The chain: one line per release, approval and withdrawal, each with the hash of the line before.

A manifest holds the hash of the manifest before it; the chain holds that of the newest one as well.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from schemas.errors import ReleaseDamaged
from warehouse import release as folders
from warehouse.home import Home
from warehouse.release import Published

RELEASED, APPROVED, WITHDRAWN = "released", "approved", "withdrawn"
NAME = "chain.jsonl"


def path(home: Home) -> Path:
    """Where the chain of a data folder is."""
    return home.releases / NAME


def entries(home: Home) -> list[dict[str, Any]]:
    """Return the lines of the chain, oldest first: event, survey_id, release_id, sha256, previous, entry."""
    file = path(home)
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def as_text(known: list[dict[str, Any]]) -> str:
    """Write the lines of the chain as its file holds them."""
    return "".join(json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n" for entry in known)


def entry_sha256(entry: dict[str, Any]) -> str:
    """Hash everything an entry says, the hash of the entry before included."""
    said = {key: value for key, value in entry.items() if key != "entry"}
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def settle(home: Home, survey_id: str) -> None:
    """Add a survey's releases, approvals and withdrawals that are on disk and not in the chain, and mend the pointer.

    A night that was killed between naming a release and entering it is made good so. Call under the warehouse lock.
    Raises ReleaseDamaged when a manifest, an approval or a tombstone is not as it was: nothing is built on it.
    """
    releases = folders.published(home, survey_id)
    known = entries(home)
    entered = {(entry["event"], entry["release_id"]): entry["sha256"] for entry in known}
    said = [line for r in releases for line in (_released(r), *_approved(r))]
    said += [_withdrawn(home, r) for r in releases if r.tombstone]
    for one in said:
        if entered.get((one["event"], one["release_id"]), one["sha256"]) != one["sha256"]:
            raise _damaged(home, one["release_id"], "it is not the one that the chain names")
    missing = [one for one in said if (one["event"], one["release_id"]) not in entered]
    _check_links(home, releases, missing)
    for one in missing:
        one["previous"] = known[-1]["entry"] if known else None
        known.append({**one, "entry": entry_sha256(one)})
    if missing:
        folders.write_once(path(home), as_text(known))
    withdrawn = {r.release_id for r in releases if r.tombstone}
    if missing or any(leads_to(link) in (None, *withdrawn) for link in (home.latest, home.latest_of(survey_id))):
        point_to_standing(home, releases)


def leads_to(link: Path) -> str | None:
    """Name the release that a link leads to; None if it leads nowhere."""
    return link.readlink().name if link.is_symlink() and link.exists() else None


def _check_links(home: Home, releases: list[Published], missing: list[dict[str, Any]]) -> None:
    """Refuse a release that does not hold the hash of the manifest before it: it was not made here."""
    before = {r.release_id: (releases[n - 1].manifest_sha256 if n else None) for n, r in enumerate(releases)}
    manifests = {r.release_id: r.manifest for r in releases}
    for one in missing:
        name = one["release_id"]
        if one["event"] == RELEASED and manifests[name].get("previous_manifest_sha256") != before[name]:
            raise _damaged(home, name, "the manifest before it is not the one that it names")


def _damaged(home: Home, release_id: str, what: str) -> ReleaseDamaged:
    return ReleaseDamaged(
        f"the manifest, approval or tombstone of {release_id} cannot be built on: {what}.",
        file=str(home.releases / release_id / folders.MANIFEST),
        next_step="See what was changed: ./kinscale verify --chain    Then restore releases/ from a backup.",
    )


def point_to_standing(home: Home, releases: list[Published]) -> None:
    """Point `latest` to the survey's newest release that was not withdrawn; never leave it on a withdrawn one."""
    standing = folders.standing(releases)
    if standing:
        folders.point(home, standing[-1].folder)
        return
    own = {r.release_id for r in releases}
    for link in (home.latest, *(home.latest_of(r.manifest["survey_id"]) for r in releases[:1])):
        if link.is_symlink() and link.readlink().name in own:
            link.unlink()


def _released(release: Published) -> dict[str, Any]:
    said = {"event": RELEASED, "release_id": release.release_id, "survey_id": release.manifest["survey_id"]}
    return {**said, "sha256": release.manifest_sha256}


def _approved(release: Published) -> list[dict[str, Any]]:
    if not release.approval:
        return []
    said = {"event": APPROVED, "release_id": release.release_id, "survey_id": release.manifest["survey_id"]}
    return [{**said, "sha256": folders.sha256_of(release.folder / folders.APPROVAL)}]


def _withdrawn(home: Home, release: Published) -> dict[str, Any]:
    said = {"event": WITHDRAWN, "release_id": release.release_id, "survey_id": release.manifest["survey_id"]}
    return {**said, "sha256": folders.sha256_of(folders.tombstone_of(home, release.release_id))}
