"""Regions make their nation in every method that promises it; elsewhere the gap is told. No region is missing."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from schemas.additivity import Additivity
from schemas.declaration import Declaration
from tasks.gates import sums
from tasks.gates.check import CELL, Check, verdict
from warehouse.canonical import SIGNIFICANT_DIGITS

KEY = ["country", "indicator", "exploitation", "location", "sex", "period"]
HEADLINE = {"indicator": "victims", "exploitation": "all", "location": "both", "sex": "all"}
NAME = "regions_add_up_to_the_nation"


def regions_add_up(cells: pd.DataFrame, declaration: Declaration, promises: Additivity) -> Iterator[Check]:
    """For each method that promises it: the regions' totals are the nation's, in every form, place and sex.

    cells: the estimates before rounding and disclosure control.
    """
    lacking: dict[str, int] = {}
    compared = 0
    for method, totals in regional_sums(cells, declaration, promises):
        exempt = pooled(method, declaration)
        held = totals[~totals["country"].isin(exempt)]
        worst = sums.largest((held["regions"] - held["nation"]).abs() / held["nation"].abs().clip(lower=1))
        detail = f"largest relative gap over {len(held):,} totals of {held['country'].nunique()} countries"
        detail += f"; pooled, so not promised: {', '.join(sorted(exempt))}" if exempt else ""
        yield sums.gap(NAME, method, worst, promises.tolerance, detail)
        lacking[method] = int((held["missing"] & held["nation"].notna()).sum())
        compared += len(held)
    short = [method for method, number in lacking.items() if number]
    detail = f"{sum(lacking.values()):,} of {compared:,} sums lack a region"
    detail += f" ({', '.join(short)})" if short else ""
    yield sums.missing(NAME, sum(lacking.values()), detail)


def regions_add_up_as_rounded(
    published: pd.DataFrame, declaration: Declaration, promises: Additivity
) -> Iterator[Check]:
    """The same of published numbers, where all of them are shown: within the digits they are rounded to."""
    shown = published[[*CELL, "estimate"]].assign(estimate=published["estimate"].where(published["conf_status"] == "F"))
    beyond = compared = 0
    for method, totals in regional_sums(shown, declaration, promises):
        whole = ~totals["country"].isin(pooled(method, declaration)) & ~totals["missing"] & totals["nation"].notna()
        held = totals[whole]
        allowed = held["rounding"] + _half_unit(held["nation"]) + 1e-15 * held["nation"].abs()
        beyond += int(((held["regions"] - held["nation"]).abs() > allowed).sum())
        compared += len(held)
    detail = f"{beyond:,} of {compared:,} totals differ by more than the rounding to {SIGNIFICANT_DIGITS} digits allows"
    told = verdict(beyond, 0)
    yield Check("coherence", "regions_add_up_as_rounded", "all methods", beyond, 0, told, detail)


def regional_sums(
    cells: pd.DataFrame, declaration: Declaration, promises: Additivity
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Set nation and sum of regions side by side, one row per total, for each promising method that has regions.

    Columns: KEY, nation, regions, rounding (half a unit of the last digit, summed), missing (a surveyed region
    has no number).
    """
    surveyed = declaration.regions.query("surveyed == 'yes'").groupby("country")["region"].nunique()
    totals = cells[cells["indicator"].isin(promises.region_indicators) & cells["method"].isin(promises.region_methods)]
    for method, rows in totals.groupby("method", sort=True):
        regional = rows[rows["level"] == "regional"]
        if regional.empty:
            continue  # a method told to publish nations only
        regional = regional.assign(rounding=_half_unit(regional["estimate"]))
        parts = regional.groupby(KEY).agg(
            regions=("estimate", "sum"), rounding=("rounding", "sum"), there=("estimate", "count")
        )
        nation = rows[rows["level"] == "national"].set_index(KEY)["estimate"].rename("nation")
        both = pd.concat([nation, parts], axis=1).reset_index()
        yield str(method), both.assign(missing=~(both["there"] >= both["country"].map(surveyed)))


def pooled(method: str, declaration: Declaration) -> set[str]:
    """Return the countries whose nation a method pools: all by option, or those with a region of unknown population."""
    if (declaration.methods.get(method) or {}).get("combination") == "pooled":
        return set(declaration.countries)
    surveyed = declaration.regions.query("surveyed == 'yes'")[["country", "region"]]
    known = declaration.population.dropna(subset=["region", "population_thousands"])[["country", "region"]]
    both = surveyed.merge(known, how="left", indicator=True)
    return set(both.loc[both["_merge"] == "left_only", "country"])


def regional_gap(
    cells: pd.DataFrame, published: pd.DataFrame, declaration: Declaration, promises: Additivity
) -> Iterator[Check]:
    """Regions less nation, for the total of all victims: the known gap where no sum is promised.

    Where a region is hidden the gap is not told: with the other regions it would give the hidden number away.
    """
    hidden = published[_headline(published) & (published["level"] == "regional") & (published["conf_status"] != "F")]
    untold = set(zip(hidden["country"], hidden["method"], strict=True))
    totals = cells[_headline(cells)]
    key = ["country", "method"]
    nations = totals[totals["level"] == "national"].set_index(key)["estimate"]
    regional = totals[totals["level"] == "regional"].groupby(key)["estimate"].sum()
    for (country, method), nation in nations.items():
        promised = method in promises.region_methods and country not in pooled(method, declaration)
        if promised or (country, method) not in regional:
            continue  # checked above, or a method that publishes no regions
        gap = float(regional[country, method] - nation)
        why = promises.no_promise.get(method, "no sum is promised")
        detail = f"regions add up to {nation + gap:,.0f}, the nation is {nation:,.0f}: {why}"
        if (country, method) in untold:
            gap, detail = math.nan, f"not told, because a region is hidden: {why}"
        yield Check("coherence", "regions_less_nation", f"{country} {method}", gap, None, "noted", detail)


def region_set(cells: pd.DataFrame, declaration: Declaration) -> Iterator[Check]:
    """Every surveyed region of every country has its cells."""
    surveyed = declaration.regions[declaration.regions["surveyed"] == "yes"]
    regional = cells[cells["level"] == "regional"]
    for country, rows in surveyed.groupby("country"):
        present = set(regional.loc[regional["country"] == country, "region"])
        missing = sorted(set(rows["region"]) - present)
        detail = f"{len(rows) - len(missing)} of {len(rows)} regions"
        detail += f"; missing {', '.join(missing)}" if missing else ""
        told = verdict(len(missing), 0)
        yield Check("coherence", "region_set_is_complete", str(country), len(missing), 0, told, detail)


def _headline(cells: pd.DataFrame) -> pd.Series:
    chosen: pd.Series = (cells[list(HEADLINE)] == list(HEADLINE.values())).all(axis=1)
    return chosen


def _half_unit(values: pd.Series) -> pd.Series:
    """Half a unit of the last digit that a published number is rounded to."""
    size = np.abs(values.to_numpy(dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = 10.0 ** (np.floor(np.log10(size)) - (SIGNIFICANT_DIGITS - 1))
    return pd.Series(np.where(size > 0, unit / 2, 0.0), index=values.index)
