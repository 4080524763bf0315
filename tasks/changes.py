"""Two vintages of `estimates`, cell by cell: what changed between them, and what moved beyond its own limits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from schemas.result_tables import tables

KEY = [name for name in tables()["estimates"].key if name != "release_id"]
SHOWN = ["estimate", "ci_low", "ci_high"]
HIDDEN = ("C", "D")
TOLERANCE = 1e-10
"""Relative. Numbers are published at twelve digits; a sum of the same parts may still end in another twelfth one."""


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """List the cells of which something published differs, in key order.

    before, after: rows of one release each. Returns KEY, `change` (as the table `revisions` describes it), the estimate
    and limits of both (`previous_` before), `relative_change`, and `beyond_limits`: whether the new estimate lies
    outside the limits of the old one. Cells that are hidden now have no number, not even their old one.
    """
    both = before.merge(after, on=KEY, how="outer", suffixes=("_before", "_after"), indicator="found")
    kind = _kinds(both)
    listed = both[kind != ""].assign(change=kind[kind != ""])
    old, new = (listed[[f"{name}_{when}" for name in SHOWN]].set_axis(SHOWN, axis=1) for when in ("before", "after"))
    unseen = listed["conf_status_after"].isin(HIDDEN)
    old.loc[unseen] = np.nan
    new.loc[unseen] = np.nan
    outside = (new["estimate"] < old["ci_low"]) | (new["estimate"] > old["ci_high"])
    return pd.concat([listed[[*KEY, "change"]], old.add_prefix("previous_"), new], axis=1).assign(
        relative_change=new["estimate"] / old["estimate"].where(old["estimate"] != 0) - 1, beyond_limits=outside
    )


def _kinds(both: pd.DataFrame) -> pd.Series:
    """Name what became of each cell; empty where nothing did."""
    was_hidden, is_hidden = (both[f"conf_status_{when}"].isin(HIDDEN) for when in ("before", "after"))
    had, has = (both[f"estimate_{when}"].notna() for when in ("before", "after"))
    in_both = both["found"] == "both"
    rest = pd.Series(False, index=both.index)
    for column in tables()["estimates"].columns:
        if not column.key and column.name not in ("estimate", "obs_status", "conf_status"):
            rest |= _differ(both[f"{column.name}_before"], both[f"{column.name}_after"])
    cases = {
        "": was_hidden & is_hidden,
        "hidden": is_hidden,
        "shown": was_hidden & has,
        "added": ~had & has,
        "removed": (had & ~has) | (was_hidden & (both["found"] == "left_only")),
        "revised": _differ(both["estimate_before"], both["estimate_after"]),
        "uncertainty": rest & in_both,
    }
    return pd.Series(np.select(list(cases.values()), list(cases), default=""), index=both.index)


def _differ(old: pd.Series, new: pd.Series) -> pd.Series:
    """Compare two columns: numbers with the tolerance, text exactly, missing equal to missing."""
    if pd.api.types.is_numeric_dtype(old) and pd.api.types.is_numeric_dtype(new):
        a, b = old.astype("float64"), new.astype("float64")
        apart = (a - b).abs() > TOLERANCE * np.maximum(a.abs(), b.abs())
        return apart | (a.isna() != b.isna())
    return (old.isna() != new.isna()) | (old.notna() & new.notna() & (old != new))
