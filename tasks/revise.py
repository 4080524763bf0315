"""Step 8a: put the release beside the ones before it: vintages, what changed and why, and the list of releases."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.reason import Reason, ReasonCode
from schemas.result_tables import conform, tables
from tasks.changes import HIDDEN, KEY, SHOWN, changes
from warehouse import release as folders
from warehouse import results
from warehouse.release import Published

NUMBERS = [f"previous_{name}" for name in SHOWN] + SHOWN + ["relative_change"]


@dataclass(frozen=True)
class NewRelease:
    """What is known of a release before it is written."""

    release_id: str
    content_sha256: str
    code_commit: str | None
    now: datetime
    reason: str | None
    reason_code: ReasonCode | None


def last_estimates(previous: Sequence[Published]) -> pd.DataFrame | None:
    """Read the cells of the survey's newest release that was not withdrawn, or None when there is none."""
    standing = folders.standing(previous)
    if not standing:
        return None
    frame = results.read(standing[-1].database, "estimates", release_id=standing[-1].release_id)
    return frame.reset_index(drop=True)


def changed_cells(estimates: pd.DataFrame, previous: Sequence[Published]) -> pd.DataFrame | None:
    """Return what differs from the release in force, or None when there is none."""
    before = last_estimates(previous)
    return None if before is None else changes(before, estimates)


def reason_code(
    reason: Reason | None, previous: Sequence[Published], declaration: Declaration, loads: Sequence[Load]
) -> ReasonCode | None:
    """Return the code that was given, else the one that follows from what differs from the release in force."""
    standing = folders.standing(previous)
    if not standing:
        return None
    if reason and reason.code:
        return reason.code
    manifest = standing[-1].manifest
    if _hashes(manifest["inputs"]) != {(load.uri, load.sha256) for load in loads}:
        return ReasonCode.NEW_DATA
    if manifest.get("amendments_sha256", declaration.amendments) != declaration.amendments:
        return ReasonCode.CORRECTION
    reclassified = manifest.get("classification_sha256", declaration.classification) != declaration.classification
    return ReasonCode.RECLASSIFICATION if reclassified else ReasonCode.METHOD


def _hashes(inputs: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {(item["uri"], item["sha256"]) for item in inputs}


def with_status(estimates: pd.DataFrame, changed: pd.DataFrame | None, final: bool) -> pd.DataFrame:
    """Set `obs_status`: P while provisional; once final R where the estimate was revised, else A; M stays."""
    ordinary = estimates["obs_status"] == "A"
    if not final:
        return estimates.assign(obs_status=estimates["obs_status"].mask(ordinary, "P"))
    if changed is None:
        return estimates
    revised = changed.loc[changed["change"] == "revised", KEY].assign(revised=True)
    found = estimates[KEY].merge(revised, on=KEY, how="left")["revised"].notna().to_numpy()
    return estimates.assign(obs_status=estimates["obs_status"].mask(ordinary & found, "R"))


def with_vintages(estimates: pd.DataFrame, previous: Sequence[Published]) -> pd.DataFrame:
    """Put the cells of every earlier release beside the new ones, the vintages of a cell together.

    So most columns repeat from row to row, and a further vintage of the bundled survey takes a sixth of the space.
    """
    if not previous:
        return estimates
    earlier = results.read(previous[-1].database, "estimates").reindex(columns=tables()["estimates"].names)
    together = conform("estimates", pd.concat([earlier, estimates], ignore_index=True))
    return together.sort_values([*KEY, "release_id"], na_position="first", kind="stable", ignore_index=True)


def revisions(
    changed: pd.DataFrame | None, estimates: pd.DataFrame, previous: Sequence[Published], new: NewRelease
) -> pd.DataFrame:
    """List the changed cells after those of earlier releases; numbers of cells hidden now are taken out of all rows."""
    columns = tables()["revisions"].names
    parts = []
    if previous:
        earlier = results.read(previous[-1].database, "revisions").reindex(columns=columns)
        parts.append(earlier.assign(change=earlier["change"].fillna("revised")))
    if changed is not None:
        marks = {"previous_release_id": folders.standing(previous)[-1].release_id, "release_id": new.release_id}
        parts.append(changed.assign(**marks, reason_code=new.reason_code, reason=new.reason)[columns])
    together = [part for part in parts if len(part)]
    if not together:
        return conform("revisions", pd.DataFrame(columns=columns))
    rows = pd.concat(together, ignore_index=True)
    hidden = estimates.loc[estimates["conf_status"].isin(HIDDEN), KEY].assign(hidden=True)
    unseen = rows[KEY].merge(hidden, on=KEY, how="left")["hidden"].notna().to_numpy()
    rows.loc[unseen, NUMBERS] = None
    return conform("revisions", rows)


def releases(declaration: Declaration, previous: Sequence[Published], new: NewRelease) -> pd.DataFrame:
    """List the releases of the survey, this one last."""
    rows = [
        _release(release, declaration, following, new)
        for release, following in itertools.zip_longest(previous, previous[1:])
    ]
    own = {"release_id": new.release_id, "published_at": new.now, "content_sha256": new.content_sha256}
    about = {"code_commit": new.code_commit, "reason": new.reason, "status": status(declaration.freeze_date, new.now)}
    rows.append({**own, **about})
    for row, before in zip(rows[1:], rows, strict=False):
        row["supersedes"] = before["release_id"]
    fixed = {"survey_id": declaration.id, "reference_period": declaration.reference_period}
    freeze = declaration.freeze_date.isoformat() if declaration.freeze_date else None
    frame = pd.DataFrame(rows).reindex(columns=tables()["releases"].names)
    return conform("releases", frame.assign(**fixed, final_from=freeze))


def status(freeze_date: date | None, until: datetime, withdrawn: bool = False) -> str:
    """Return the status of a release that is, or was, in force until a moment."""
    if withdrawn:
        return "withdrawn"
    return "final" if freeze_date is not None and until.date() >= freeze_date else "provisional"


def _release(
    release: Published, declaration: Declaration, following: Published | None, new: NewRelease
) -> dict[str, Any]:
    """Describe one earlier release; instead of a withdrawn one the new release is used, which is in force now."""
    until = following.published_at if following else new.now
    row: dict[str, Any] = {
        "release_id": release.release_id,
        "published_at": release.published_at,
        "status": status(declaration.freeze_date, until, withdrawn=release.tombstone is not None),
        "superseded_by": following.release_id if following else new.release_id,
        "content_sha256": release.manifest["content_sha256"],
        "code_commit": release.manifest["code_commit"],
        "reason": release.manifest.get("reason"),
    }
    if release.tombstone:
        row |= {"withdrawn_at": release.withdrawn_at, "withdrawal_reason": release.tombstone["reason"]}
        row |= {"replaced_by": new.release_id}
    return row
