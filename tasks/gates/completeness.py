"""No published number without its uncertainty or outside its limits, none in a hidden cell; no nation without one."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from disclosure.hiding import WITHHELD
from tasks.gates.check import Check, verdict

WITHOUT_LIMITS = ("tally",)
"""Methods that say what records hold: nothing was sampled, and the table `indicators` says so beside the number."""
OF_RECORDS = ("wilson", "poisson_ratio")
"""Methods of records, whose verdict is not that of the rates rule."""
LIMITS = ["std_error", "ci_low", "ci_high", "confidence"]
UNCERTAINTY = ["std_error", "cv", "ci_low", "ci_high", "confidence", "reliability"]
HIDDEN = ["estimate", "std_error", "cv", "ci_low", "ci_high"]
EVERYWHERE = "all methods"


def completeness(published: pd.DataFrame) -> Iterator[Check]:
    """Look at the numbers as they are published: cells hidden to protect somebody, or withheld, must show none.

    published: `estimates` after disclosure control.
    """
    free = published["conf_status"] == "F"
    numbers = free & published["estimate"].notna() & ~published["method"].isin(WITHOUT_LIMITS)
    shown = published.loc[numbers, ["estimate", "method", *UNCERTAINTY]]
    of_records = shown["method"].isin(OF_RECORDS)
    lacking = shown[UNCERTAINTY].isna()
    bare = int((lacking[LIMITS].any(axis=1) | (lacking.any(axis=1) & ~of_records)).sum())
    detail = f"{len(shown):,} numbers, {bare:,} of them without error, limits or verdict"
    yield _check("no_number_without_uncertainty", bare, detail)
    outside = int(((shown["estimate"] < shown["ci_low"]) | (shown["estimate"] > shown["ci_high"])).sum())
    yield _check("limits_hold_their_estimate", outside, f"{outside:,} numbers outside their own limits")
    told = int(published.loc[~free, HIDDEN].notna().any(axis=1).sum())
    detail = f"{int((~free).sum()):,} hidden cells, {told:,} of them with a number"
    yield _check("hidden_cells_show_no_number", told, detail)
    withheld = int((published["conf_status"] == WITHHELD).sum())
    detail = f"{withheld:,} estimates without a degree of freedom, whose error nobody can tell"
    yield Check("completeness", "numbers_without_error_are_withheld", EVERYWHERE, withheld, None, "noted", detail)


def national_totals(cells: pd.DataFrame) -> Iterator[Check]:
    """Every nation that was surveyed has a number of families; without a population it would have none."""
    rows = cells[(cells["level"] == "national") & (cells["indicator"] == "families")]
    without = sorted(rows.loc[rows["estimate"].isna(), "country"].unique())
    detail = f"{len(without)} nations without a population" + (f": {', '.join(without)}" if without else "")
    yield _check("every_nation_has_totals", len(without), detail)


def _check(check_id: str, value: int, detail: str) -> Check:
    return Check("completeness", check_id, EVERYWHERE, value, 0, verdict(value, 0), detail)
