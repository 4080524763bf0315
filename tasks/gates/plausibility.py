"""A release beside the one before: without a reason no number is lost and none moves further than declared."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from schemas.declaration import Plausibility
from tasks.changes import HIDDEN
from tasks.gates.check import CELL, Check, verdict

TOTALS = ("victims", "families")
NAMED = 5
"""Cells that are named in a message; the table `revisions` holds them all."""


def plausibility(
    published: pd.DataFrame, previous: pd.DataFrame | None, bounds: Plausibility, reason: str | None
) -> Iterator[Check]:
    """Compare with the last release; the first one is compared with nothing.

    published, previous: `estimates` of both releases as they are shown. reason: why this release may lose
    numbers or move far; given, what would be refused is noted with it.
    """
    if previous is None:
        return
    yield _with_reason(coverage(published, previous), reason)
    yield _with_reason(magnitude(published, previous, bounds), reason)


def coverage(published: pd.DataFrame, previous: pd.DataFrame) -> Check:
    """Count the numbers of the last release that are gone; one that is hidden now, to protect somebody, is not gone."""
    before = previous.loc[previous["estimate"].notna(), CELL].fillna("")
    standing = published["estimate"].notna() | published["conf_status"].isin(HIDDEN)
    now = published.loc[standing, CELL].fillna("")
    lost = len(before.merge(now, how="left", indicator=True).query("_merge == 'left_only'"))
    detail = f"{lost:,} of {len(before):,} numbers of the last release have none now"
    return Check("plausibility", "coverage_did_not_shrink", "all methods", lost, 0, verdict(lost, 0), detail)


def magnitude(published: pd.DataFrame, previous: pd.DataFrame, bounds: Plausibility) -> Check:
    """Find the largest relative change among totals of nations and cells that rest on enough cases in both releases."""
    columns = [*CELL, "estimate", "n_cases"]
    keys = {"level": "str", "country": "str", "region": "str"}
    before, now = (frame[columns].astype(keys).fillna({"country": "", "region": ""}) for frame in (previous, published))
    both = before.merge(now, on=CELL, suffixes=("_before", "")).dropna(subset=["estimate", "estimate_before"])
    whole = (both[["exploitation", "sex"]] == "all").all(axis=1) & both["location"].isin(["both", "all"])
    total = both["level"].isin(["national", "group"]) & both["indicator"].isin(TOTALS) & whole
    enough = both[["n_cases", "n_cases_before"]].fillna(0).min(axis=1) >= bounds.min_cases
    both = both[(total | enough) & (both["estimate_before"] != 0)]
    change = (both["estimate"] / both["estimate_before"] - 1).abs().sort_values(ascending=False, kind="stable")
    worst = float(change.iloc[0]) if len(change) else 0.0
    far = both.loc[change.index[change > bounds.largest_change]]
    detail = f"{len(far):,} of {len(both):,} numbers moved by more than {bounds.largest_change:.0%}"
    if len(far):
        names = far.head(NAMED)[["method", "country", "region", "indicator", "exploitation", "location", "sex"]]
        detail += ", first " + "; ".join(" ".join(part for part in row if part) for row in names.to_numpy())
    told = verdict(worst, bounds.largest_change)
    return Check("plausibility", "no_number_moved_too_far", "all methods", worst, bounds.largest_change, told, detail)


def _with_reason(check: Check, reason: str | None) -> Check:
    """Note what a reason was given for, instead of refusing it."""
    if check.verdict != "refused" or not reason:
        return check
    told = f"{check.detail}. Reason given: {reason}"
    return Check(check.dimension, check.check_id, check.scope, check.value, check.threshold, "noted", told)
