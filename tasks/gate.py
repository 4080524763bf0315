"""Step 7b: what must hold before a release: accounting, coherence, completeness, plausibility."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from schemas.batch import Load
from schemas.declaration import Declaration
from schemas.result_tables import conform

TOLERANCE = 1e-9
"""Relative: sums of the published numbers may differ in their twelfth digit, which is where they are rounded."""
CELL = ["level", "country", "region", "indicator", "exploitation", "location", "sex", "period", "method"]
SPLITS = {
    "women_and_men_make_all": ("sex", ("women", "men"), "all"),
    "inside_and_abroad_make_both": ("location", ("inside", "abroad"), "both"),
    "labour_and_sexual_make_all": ("exploitation", ("labour", "sexual"), "all"),
}
ADDITIVE = ("victims", "victims_per_1000_families", "victims_per_1000_population")


@dataclass(frozen=True)
class Check:
    """One thing the gate looked at, and its verdict: passed, noted (published as a known gap) or refused."""

    dimension: str
    check_id: str
    scope: str
    value: float
    threshold: float | None
    verdict: str
    detail: str


def gate(
    tables: Mapping[str, pd.DataFrame],
    declaration: Declaration,
    loads: Sequence[Load],
    previous: pd.DataFrame | None,
    release_id: str,
) -> pd.DataFrame:
    """Return the table `quality`. previous: `estimates` of the survey's last release, or None for the first."""
    estimates = tables["estimates"]
    checks = [
        *accounting(loads),
        *splits_add_up(estimates),
        *countries_add_up(estimates),
        *regional_gap(estimates),
        *region_set(estimates, declaration),
        *completeness(estimates),
        *national_totals(estimates),
        *coverage(estimates, previous),
        *reproduction(tables["reproduction"]),
    ]
    frame = pd.DataFrame([vars(check) for check in checks]).assign(release_id=release_id)
    return conform("quality", frame)


def refused(quality: pd.DataFrame) -> list[str]:
    """Name the checks that stop the release, each with what was compared."""
    rows = quality[quality["verdict"] == "refused"]
    return [f"{row.check_id} ({row.scope}): {row.detail}" for row in rows.itertuples()]


def _verdict(value: float, threshold: float) -> str:
    return "passed" if value <= threshold else "refused"


def accounting(loads: Sequence[Load]) -> Iterator[Check]:
    """Every row that was read is accepted or quarantined."""
    for load in loads:
        lost = load.rows_read - load.rows_accepted - load.rows_quarantined
        detail = f"{load.rows_read:,} read = {load.rows_accepted:,} accepted + {load.rows_quarantined:,} quarantined"
        yield Check("accounting", "rows_read_are_accounted_for", load.file, lost, 0, _verdict(abs(lost), 0), detail)


def splits_add_up(estimates: pd.DataFrame) -> Iterator[Check]:
    """Women and men, inside and abroad, labour and sexual add up in every domain and method."""
    additive = estimates.loc[estimates["indicator"].isin(ADDITIVE), [*CELL, "estimate"]].dropna(subset="estimate")
    code = {name: pd.factorize(additive[name])[0] + 1 for name in CELL}  # 0 is a null: the nation has no region
    for name, (column, parts, whole) in SPLITS.items():
        others = np.ravel_multi_index(
            [code[c] for c in CELL if c != column], [code[c].max() + 1 for c in CELL if c != column]
        )
        kinds = additive[column].to_numpy(object)
        by_kind = [pd.Series(additive["estimate"].to_numpy()[kinds == k], others[kinds == k]) for k in (*parts, whole)]
        # A part that is not there at all is the concern of coverage.
        wide = pd.concat(by_kind, axis=1, join="inner", keys=[*parts, whole])
        gap = (wide[list(parts)].sum(axis=1) - wide[whole]).abs() / wide[whole].abs().clip(lower=1)
        worst = float(gap.max()) if len(gap) else 0.0
        detail = f"largest relative gap over {len(gap):,} cells"
        yield Check("coherence", name, "all methods", worst, TOLERANCE, _verdict(worst, TOLERANCE), detail)


def countries_add_up(estimates: pd.DataFrame) -> Iterator[Check]:
    """The countries' totals add up to the group's."""
    totals = estimates[estimates["indicator"] == "victims"]
    cell = ["exploitation", "location", "sex", "period", "method"]
    nations = totals[totals["level"] == "national"].groupby(cell)["estimate"].sum()
    group = totals[totals["level"] == "group"].set_index(cell)["estimate"]
    gap = ((nations - group).abs() / group.abs().clip(lower=1)).dropna()
    worst = float(gap.max()) if len(gap) else 0.0
    detail = f"largest relative gap over {len(gap):,} totals"
    yield Check(
        "coherence",
        "countries_add_up_to_the_group",
        "all methods",
        worst,
        TOLERANCE,
        _verdict(worst, TOLERANCE),
        detail,
    )


def regional_gap(estimates: pd.DataFrame) -> Iterator[Check]:
    """Regions less nation, for totals: a known gap of methods that pool the sample instead of weighting regions."""
    totals = estimates[
        (estimates["indicator"] == "victims")
        & (estimates[["exploitation", "location", "sex"]] == ["all", "both", "all"]).all(axis=1)
    ]
    nations = totals[totals["level"] == "national"].set_index(["country", "method"])["estimate"]
    regional = totals[totals["level"] == "regional"].groupby(["country", "method"])["estimate"].sum()
    for (country, method), nation in nations.items():
        if (country, method) not in regional:
            continue  # a method that publishes no regions
        gap = float(regional[country, method] - nation)
        detail = f"regions add up to {nation + gap:,.0f}, the nation is {nation:,.0f}"
        if abs(gap) > TOLERANCE * max(abs(nation), 1):
            detail += ": the method does not weight regions"
        yield Check("coherence", "regions_less_nation", f"{country} {method}", gap, None, "noted", detail)


def region_set(estimates: pd.DataFrame, declaration: Declaration) -> Iterator[Check]:
    """Every surveyed region of every country has its cells."""
    surveyed = declaration.regions[declaration.regions["surveyed"] == "yes"]
    for country, rows in surveyed.groupby("country"):
        present = set(estimates.loc[(estimates["level"] == "regional") & (estimates["country"] == country), "region"])
        missing = sorted(set(rows["region"]) - present)
        detail = f"{len(rows) - len(missing)} of {len(rows)} regions" + (
            f"; missing {', '.join(missing)}" if missing else ""
        )
        yield Check(
            "coherence", "region_set_is_complete", str(country), len(missing), 0, _verdict(len(missing), 0), detail
        )


def completeness(estimates: pd.DataFrame) -> Iterator[Check]:
    """No number without its uncertainty, and none outside its own limits."""
    present = estimates[estimates["estimate"].notna()]
    bare = int(present[["ci_low", "ci_high", "confidence", "reliability"]].isna().any(axis=1).sum())
    yield Check(
        "completeness", "no_number_without_uncertainty", "all methods", bare, 0, _verdict(bare, 0),
        f"{len(present):,} numbers, {bare:,} of them without limits or verdict",
    )  # fmt: skip
    outside = int(((present["estimate"] < present["ci_low"]) | (present["estimate"] > present["ci_high"])).sum())
    yield Check(
        "completeness", "limits_hold_their_estimate", "all methods", outside, 0, _verdict(outside, 0),
        f"{outside:,} numbers outside their own limits",
    )  # fmt: skip


def national_totals(estimates: pd.DataFrame) -> Iterator[Check]:
    """Every nation that was surveyed has a number of families; without a population it would have none."""
    rows = estimates[(estimates["level"] == "national") & (estimates["indicator"] == "families")]
    without = sorted(rows.loc[rows["estimate"].isna(), "country"].unique())
    detail = f"{len(without)} nations without a population" + (f": {', '.join(without)}" if without else "")
    verdict = _verdict(len(without), 0)
    yield Check("completeness", "every_nation_has_totals", "all methods", len(without), 0, verdict, detail)


def coverage(estimates: pd.DataFrame, previous: pd.DataFrame | None) -> Iterator[Check]:
    """The release has no fewer cells with a number than the one before it."""
    if previous is None:
        return
    before = previous.loc[previous["estimate"].notna(), CELL].fillna("")
    now = estimates.loc[estimates["estimate"].notna(), CELL].fillna("")
    lost = len(before.merge(now, how="left", indicator=True).query("_merge == 'left_only'"))
    detail = f"{lost:,} of {len(before):,} numbers of the last release have none now"
    yield Check("plausibility", "coverage_did_not_shrink", "all methods", lost, 0, _verdict(lost, 0), detail)


def reproduction(table: pd.DataFrame) -> Iterator[Check]:
    """How many of the numbers printed before are met, by verdict."""
    for verdict, rows in table.groupby("verdict"):
        yield Check(
            "reproduction",
            f"printed_numbers_{verdict}",
            "earlier publication",
            len(rows),
            None,
            "noted",
            f"of {len(table):,}",
        )
