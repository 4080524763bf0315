"""Step 7c of records: hide the counts of too few units, and others with them, in every table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from disclosure import count_tables
from schemas.declaration import Declaration
from schemas.definitions import COUNTS as OF_DEFINITIONS
from schemas.indicator import DIMENSIONS
from schemas.result_tables import conform
from tasks.count_cells import CELL, PRINTED, count_cells
from tasks.gates.check import Check
from tasks.scenarios import as_shown
from tasks.tabulate import Tabulated, declared
from warehouse import results
from warehouse.release import Published

NUMBERS = ["estimate", "std_error", "cv", "ci_low", "ci_high", "n_cases", "n_respondents"]
EVERYWHERE = "all indicators"
NOBODY = "none"
GROUP, NATIONAL = "group", "national"
COUNT = ["question", "code", "region"]
WITHHELD = "the number is hidden in this release"


def hide_records(
    made: Tabulated, declaration: Declaration, release_id: str, published: Sequence[Published] = ()
) -> tuple[dict[str, pd.DataFrame], list[Check]]:
    """Return the tables as they may be published, and what the audit of what is hidden found, for the gate.

    published: earlier releases, oldest first.
    """
    rules = declaration.disclosure
    whole = made.tables
    if not rules.enabled or rules.protect == NOBODY:
        said = "switched off by the survey's declaration"
        return whole, [Check("confidentiality", "disclosure_control_is_on", EVERYWHERE, 0, None, "noted", said)]
    shown = count_cells(made, declared(declaration), rules.exempt_published)
    before = results.read(published[-1].database, "estimates") if published else None
    planned = planned_counts(shown, told_before(shown, made.tables["estimates"], before), rules.min_units)
    out = _without_hidden(whole, of_cells(shown, planned))
    if len(out["definitions"]):
        out["definitions"] = without_few(out["definitions"], rules.min_units)
    out = as_shown(out, declared(declaration), rules.min_units)
    return out, checks(planned, made.tables["estimates"], out["estimates"])


def told_before(shown: pd.DataFrame, now: pd.DataFrame, before: pd.DataFrame | None) -> np.ndarray:
    """Tell which rows show a count that an earlier release shows with the numbers it has now, (n_rows,) bool.

    shown: rows of count_cells. now: `estimates` with nothing hidden; before: those of earlier releases, or None.
    """
    if before is None:
        return np.zeros(len(shown), bool)
    same = [*CELL, "estimate", "n_cases", "n_respondents"]
    free = before.loc[(before["conf_status"] == "F") & before["n_respondents"].notna(), same].drop_duplicates()
    texts = dict.fromkeys(CELL, "str")  # a column of nothing but missing regions is no text by itself
    told = now[same].astype(texts).merge(free.astype(texts), on=same)[CELL].drop_duplicates()
    by_cell = shown[CELL].astype(texts).merge(told, on=CELL, how="left", indicator="_told")["_told"] == "both"
    by_count = by_cell.groupby([shown[name].to_numpy() for name in COUNT], dropna=False).transform("any")
    found: np.ndarray = by_count.to_numpy(bool)
    return found


def planned_counts(shown: pd.DataFrame, told: np.ndarray, min_units: int) -> pd.DataFrame:
    """Decide on each count once: as if nothing had been released, and again where an earlier release tells otherwise.

    told: (n_rows,) of shown. A count that was told cannot be taken back: it is known to whoever looks, and protects no
    other. Returns each count with `conf_status`, in which what is known is F, and `withheld`: sensitive counts that
    were told, which are hidden from now on all the same.
    """
    counts = shown.assign(told=told).drop_duplicates(COUNT, ignore_index=True)
    alone = count_tables.hide(counts, min_units)
    known = alone["told"] & (alone["conf_status"] != "F")
    if not known.any():
        return alone.assign(withheld=False)
    again = count_tables.hide(counts.assign(exempt=counts["exempt"] | counts["told"]), min_units)
    return again.assign(withheld=known & (alone["conf_status"] == "C"))


def of_cells(shown: pd.DataFrame, planned: pd.DataFrame) -> pd.DataFrame:
    """Return the status of every cell: C if one of the counts it shows is hidden, F otherwise.

    All that is hidden is marked alike. A mark of its own for counts that are hidden only to protect others would tell
    that they are large, and that those beside them are small. shown: as count_cells lays them out. planned: each count.
    """
    hidden = (planned["conf_status"] != "F") | planned["withheld"]
    both = shown.merge(planned[COUNT].assign(_hidden=hidden), on=COUNT, how="left", validate="many_to_one")
    found = both.groupby(CELL, dropna=False)[["_hidden", "exempt"]].any().reset_index()
    gone = found["_hidden"] | (all_together(found) & ~found["exempt"])
    status = found[CELL].assign(_status=gone.map({True: "C", False: "F"}))
    return status.astype(dict.fromkeys(CELL, "str"))


def all_together(cells: pd.DataFrame) -> pd.Series:
    """Tell which rows are of all countries together while the same of a country is hidden: less the others it is that.

    cells: CELL, and `_hidden`.
    """
    same = ["indicator", *DIMENSIONS]
    nations = cells.loc[(cells["level"] == NATIONAL) & cells["_hidden"], same].drop_duplicates()
    told = cells[same].merge(nations, on=same, how="left", indicator="_found")["_found"] == "both"
    return pd.Series(told.to_numpy() & (cells["level"] == GROUP).to_numpy(), index=cells.index)


def without_few(table: pd.DataFrame, min_units: int) -> pd.DataFrame:
    """Return the table `definitions` without the rows that count too few records, or all of them as one."""
    key = ["definition", "practice", "border", "counted_by"]
    long = table.melt([*key, "n"], ["certain", "possible", "excluded"], "code", "count").rename(columns={"n": "base"})
    cells = long.assign(question=long[key].agg("|".join, axis=1), region=None, level=None, additive=True, exempt=False)
    planned = count_tables.hide(cells, min_units)
    gone = set(planned.loc[planned["conf_status"] != "F", "question"])
    hidden = table[key].agg("|".join, axis=1).isin(gone)
    out = table.copy()
    out.loc[hidden, list(OF_DEFINITIONS)] = None
    return conform("definitions", out)


def _without_hidden(whole: Mapping[str, pd.DataFrame], status: pd.DataFrame) -> dict[str, pd.DataFrame]:
    estimates = whole["estimates"].merge(status, on=CELL, how="left", validate="many_to_one")
    hidden = estimates["_status"].isin(["C", "D"])
    estimates.loc[hidden, NUMBERS] = None
    estimates["conf_status"] = estimates["_status"].where(hidden, estimates["conf_status"])
    estimates["obs_status"] = estimates["obs_status"].mask(hidden, "M")
    out = {**whole, "estimates": conform("estimates", estimates.drop(columns="_status"))}
    names = set(estimates.loc[hidden & (estimates["level"] != "regional"), "indicator"])
    about = whole["indicators"].copy()
    about.loc[about["indicator"].isin(names), ["numerator", "base", "missing"]] = None
    printed = whole["reproduction"].copy()
    withheld = estimates.loc[hidden, PRINTED].drop_duplicates()
    gone = (printed[PRINTED].merge(withheld, how="left", indicator="_found")["_found"] == "both").to_numpy()
    printed.loc[gone, ["computed", "difference"]] = np.nan
    printed.loc[gone, "verdict"], printed.loc[gone, "reason"] = "not_reproducible", WITHHELD
    return {**out, "indicators": conform("indicators", about), "reproduction": conform("reproduction", printed)}


def checks(planned: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> list[Check]:
    """Say how much was hidden, and refuse what an attacker could compute."""
    primary, others = int((planned["conf_status"] == "C").sum()), int((planned["conf_status"] == "D").sum())
    lost = int(before["estimate"].notna().sum() - after["estimate"].notna().sum())
    said = f"{primary:,} counts of too few, {others:,} others with them, of {len(planned):,}; {lost:,} numbers"
    told = int(planned["withheld"].sum())
    again = "hidden from now on, and not protected: an earlier release shows the same number"
    found = list(count_tables.audit(planned))
    exposed = f"{len(found):,} hidden counts could be computed" + "".join(f"; {one}" for one in found[:5])
    return [
        Check("confidentiality", "counts_shown_in_earlier_release", EVERYWHERE, told, None, "noted", again),
        Check("confidentiality", "counts_hidden", EVERYWHERE, primary + others, None, "noted", said),
        Check(
            "confidentiality", "no_hidden_count_can_be_computed", EVERYWHERE, len(found), 0,
            "refused" if found else "passed", exposed,
        ),
    ]  # fmt: skip
