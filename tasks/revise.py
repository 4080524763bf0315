"""Step 7c: put the release beside the ones before it: vintages, what changed, and the list of releases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from schemas.declaration import Declaration
from schemas.result_tables import conform, tables
from warehouse import results
from warehouse.release import Published

KEY = [name for name in tables()["estimates"].key if name != "release_id"]


def last_estimates(previous: Sequence[Published]) -> pd.DataFrame | None:
    """Read the cells of the survey's newest release, or None when this is the first."""
    if not previous:
        return None
    frame = results.read(previous[-1].database, "estimates")
    return frame[frame["release_id"] == previous[-1].release_id].reset_index(drop=True)


def with_vintages(estimates: pd.DataFrame, previous: Sequence[Published]) -> pd.DataFrame:
    """Put the cells of every earlier release beside the new ones."""
    if not previous:
        return estimates
    earlier = results.read(previous[-1].database, "estimates")
    return conform("estimates", pd.concat([earlier, estimates], ignore_index=True))


def revisions(
    estimates: pd.DataFrame, previous: Sequence[Published], release_id: str, same_inputs: bool
) -> pd.DataFrame:
    """List every cell whose number changed since the last release, after those of earlier releases."""
    columns = tables()["revisions"].names
    before = last_estimates(previous)
    if before is None:
        return conform("revisions", pd.DataFrame(columns=columns))
    both = before[[*KEY, "estimate"]].merge(
        estimates[[*KEY, "estimate"]], on=KEY, how="outer", suffixes=("_before", "")
    )
    old, new = both["estimate_before"], both["estimate"]
    changed = both[(old != new) & ~(old.isna() & new.isna())]
    rows = changed.rename(columns={"estimate_before": "previous_estimate"}).assign(
        previous_release_id=previous[-1].release_id,
        release_id=release_id,
        relative_change=lambda f: (f["estimate"] / f["previous_estimate"].where(f["previous_estimate"] != 0)) - 1,
        reason_code="method" if same_inputs else "new_data",
        reason=None,
    )
    earlier = results.read(previous[-1].database, "revisions")
    together = [part for part in (earlier, rows[columns]) if len(part)]
    return conform("revisions", pd.concat(together, ignore_index=True) if together else rows[columns])


def releases(
    declaration: Declaration,
    previous: Sequence[Published],
    release_id: str,
    content: str,
    commit: str | None,
    now: datetime,
) -> pd.DataFrame:
    """List the releases of the survey, this one last."""
    chain = [*previous, None]
    rows = []
    for position, release in enumerate(chain):
        manifest = release.manifest if release else {}
        rows.append(
            {
                "release_id": release.release_id if release else release_id,
                "survey_id": declaration.id,
                "reference_period": declaration.reference_period,
                "published_at": pd.Timestamp(manifest["created_at"]).tz_localize(None)
                if release
                else pd.Timestamp(now),
                "status": "provisional",
                "supersedes": previous[position - 1].release_id if position else None,
                "superseded_by": _successor(chain, position, release_id),
                "content_sha256": manifest.get("content_sha256", content),
                "code_commit": manifest.get("code_commit", commit),
                "reason": None,
            }
        )
    return conform("releases", pd.DataFrame(rows))


def _successor(chain: Sequence[Published | None], position: int, release_id: str) -> str | None:
    if position == len(chain) - 1:
        return None
    following = chain[position + 1]
    return following.release_id if following else release_id
