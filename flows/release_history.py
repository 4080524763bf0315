"""What the commands about published releases tell, as plain data: the list, one release, two against each other."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from schemas import declaration as declarations
from schemas import vocabulary
from schemas.errors import KinscaleError
from warehouse import proposals, release_names
from warehouse import release as folders
from warehouse.home import Home
from warehouse.release import Published

if TYPE_CHECKING:
    import pandas as pd

HEADLINE = {"indicator": "victims", "exploitation": "all", "location": "both", "sex": "all"}


def listed(home: Home) -> list[dict[str, Any]]:
    """Describe every release, each survey's oldest first."""
    return [describe(home, release) for release in release_names.every(home)]


def describe(home: Home, release: Published) -> dict[str, Any]:
    """Describe one release as it stands now: status, what came before and after, why it was made or withdrawn."""
    from tasks.revise import status

    siblings = folders.published(home, str(release.manifest["survey_id"]))
    standing = folders.standing(siblings)
    place = [r.release_id for r in siblings].index(release.release_id)
    following = siblings[place + 1] if place + 1 < len(siblings) else None
    until = following.published_at if following else folders.now()
    stone, approval = release.tombstone or {}, release.approval or {}
    return {
        "release_id": release.release_id,
        "survey_id": release.manifest["survey_id"],
        "published_at": folders.stamp(release.published_at),
        "status": status(_freeze_date(release), until, withdrawn=release.tombstone is not None),
        "in_force": bool(standing) and standing[-1].release_id == release.release_id,
        "supersedes": siblings[place - 1].release_id if place else None,
        "superseded_by": following.release_id if following else None,
        "reason": release.manifest.get("reason"),
        "reason_code": release.manifest.get("reason_code"),
        "approved_by": approval.get("by"),
        "approval_reason": approval.get("reason"),
        "withdrawn_at": stone.get("withdrawn_at"),
        "withdrawal_reason": stone.get("reason"),
        "replaced_by": standing[-1].release_id if release.tombstone and standing else None,
        "content_sha256": release.manifest["content_sha256"],
        "folder": str(release.folder),
    }


def _freeze_date(release: Published) -> date | None:
    """Take the freeze date that is declared now, else, for a survey that is declared no more, the manifest's."""
    survey = str(release.manifest["survey_id"])
    if survey in declarations.names():
        return declarations.load(survey).freeze_date
    text = release.manifest.get("freeze_date")
    return date.fromisoformat(text) if text else None


def shown(home: Home, name: str) -> dict[str, Any]:
    """Describe one release with what it was made from and what it revised."""
    from warehouse import results

    release = release_names.find(home, name)
    revisions = results.read(release.database, "revisions", release_id=release.release_id)
    keys = (
        "inputs",
        "declaration_files",
        "code_commit",
        "code_sha256",
        "lock_sha256",
        "declaration_sha256",
        "packages",
    )
    made = {key: release.manifest.get(key) for key in (*keys, "settings", "seeds", "previous_manifest_sha256")}
    return {
        **describe(home, release),
        "manifest_sha256": release.manifest_sha256,
        "revised": {str(kind): int(n) for kind, n in revisions["change"].value_counts().items()},
        "files": len(release.manifest["files"]),
        **made,
    }


def compared(home: Home, before: str, after: str) -> tuple[Published, Published, pd.DataFrame]:
    """Return two releases of a survey and the cells that differ. Raises KinscaleError for two surveys."""
    one, other = release_names.find(home, before), release_names.find(home, after)
    if one.manifest["survey_id"] != other.manifest["survey_id"]:
        raise KinscaleError(
            f"{one.release_id} and {other.release_id} are of two surveys.", expected="two releases of one survey"
        )
    return one, other, differing(one, other)


def proposed(home: Home, name: str | None) -> tuple[Published, Published, pd.DataFrame]:
    """Return the release in force, the candidate of a backfill, and the cells that would change."""
    candidate = proposals.find(home, name).candidate
    standing = folders.standing(folders.published(home, str(candidate.manifest["survey_id"])))
    if not standing:
        raise KinscaleError("no release is in force to compare the candidate with.", file=str(home.releases))
    return standing[-1], candidate, differing(standing[-1], candidate)


def differing(one: Published, other: Published) -> pd.DataFrame:
    """List the cells of which something published differs between two releases."""
    from tasks.changes import changes
    from warehouse import results

    frames = [results.read(r.database, "estimates", release_id=r.release_id) for r in (one, other)]
    return changes(*frames)


def rows_by_file(one: Published, other: Published) -> list[dict[str, Any]]:
    """Put the rows of each file side by side: read, accepted and quarantined, before and after."""
    counts = ("rows_read", "rows_accepted", "rows_quarantined")
    inputs = [{item["uri"]: item for item in release.manifest["inputs"]} for release in (one, other)]
    return [
        {
            "uri": uri,
            **{f"{when}_{name}": of.get(uri, {}).get(name) for when, of in zip(("before", "after"), inputs, strict=True)
               for name in counts},
        }
        for uri in sorted(inputs[0].keys() | inputs[1].keys())
    ]  # fmt: skip


def as_of(home: Home, at: datetime) -> list[dict[str, Any]]:
    """Describe, for each survey, the release that was in force at a moment (UTC), with its national totals then."""
    from warehouse import results

    found = []
    for survey in folders.surveys(home):
        release = folders.in_force(folders.published(home, survey), at)
        if release is None:
            continue
        rows = results.read(release.database, "estimates", release_id=release.release_id, **HEADLINE)
        method = vocabulary.leading(sorted(rows["method"].unique()))
        rows = rows[(rows["method"] == method) & rows["level"].isin(["national", "group"])]
        columns = ["level", "country", "method", "estimate", "ci_low", "ci_high", "unit", "reliability"]
        totals = rows.sort_values("country", na_position="last")[columns]
        national = totals.astype(object).where(totals.notna(), None).to_dict("records")
        found.append({**describe(home, release), "national": national})
    return found
