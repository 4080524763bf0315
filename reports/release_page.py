"""The page of a release: its numbers with their limits, what was printed before, and what was checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from reports.five_countries import comparison, rank

TEMPLATES = Path(__file__).parent / "templates"
PLACES = ["inside", "abroad", "both"]
REGIONAL_METHODS = ("design", "pennington")
"""Regions are shown by the first that has them; the 2010 rule has to hide more of them."""
ALL_VICTIMS = {"indicator": "victims", "exploitation": "all", "sex": "all", "method": "pennington"}


def render(
    tables: Mapping[str, pd.DataFrame],
    files: Sequence[Mapping[str, Any]],
    title: str,
    names: Mapping[str, str],
    notice: str = "",
    publication: str = "",
) -> str:
    """Return the page as HTML that needs nothing but itself.

    tables: the tables of a release.  files: country, file, read, accepted, quarantined of every delivery.
    names: country code to name, in the order in which countries are shown.
    """
    releases = tables["releases"]
    release = releases[releases["superseded_by"].isna()].iloc[-1]
    estimates = tables["estimates"]
    estimates = estimates[estimates["release_id"] == release["release_id"]]
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True)
    environment.filters.update(whole=whole, rate=rate, share=share, verdict=verdict)
    return environment.get_template("release.html.j2").render(
        title=title,
        notice=notice,
        publication=publication,
        release=release.to_dict(),
        names=names,
        comparison=comparison(tables["reproduction"], estimates, list(names)),
        national=national(estimates, list(names)),
        regional=regional(estimates, tables["regions"]),
        regional_method=regional_method(estimates),
        verdicts=verdicts(tables["reproduction"]),
        differing=tables["reproduction"].query("verdict == 'publication_error'").to_dict("records"),
        quality=tables["quality"].query("dimension != 'accounting'").to_dict("records"),
        files=files,
        regions_without_grade_a=int((tables["regions"].query("surveyed == 'yes'")["grade"] != "A").sum()),
    )


def national(estimates: pd.DataFrame, order: Sequence[str]) -> list[dict[str, Any]]:
    """Lay out the nations' and the group's totals, inside, abroad and both, one row each."""
    rows = _select(estimates, ALL_VICTIMS)
    rows = rows[rows["level"].isin(["national", "group"])]
    rows = rows.assign(place=rows["location"].map(PLACES.index), rank=rows["country"].map(rank(order)))
    rows = rows.sort_values(["level", "rank", "place"], ascending=[False, True, True])
    records: list[dict[str, Any]] = rows.to_dict("records")
    return records


def regional(estimates: pd.DataFrame, regions: pd.DataFrame) -> list[dict[str, Any]]:
    """Lay out the regions, one row each: rates inside and abroad with limits, total, interviews, settlements."""
    victims = {**ALL_VICTIMS, "method": regional_method(estimates), "level": "regional"}
    rates = _select(estimates, {**victims, "indicator": "victims_per_1000_families"})
    totals = _select(estimates, {**victims, "location": "both"})
    wide = rates[rates["location"] == "inside"].merge(
        rates[rates["location"] == "abroad"], on=["country", "region"], suffixes=("_inside", "_abroad")
    )
    wide = wide.merge(totals[["country", "region", "estimate", "ci_low", "ci_high"]], on=["country", "region"])
    wide = wide.merge(regions[["country", "region", "name_en", "grade"]], on=["country", "region"], how="left")
    records: list[dict[str, Any]] = wide.sort_values(["country", "name_en"]).to_dict("records")
    return records


def regional_method(estimates: pd.DataFrame) -> str:
    """Name the method that regions are shown by."""
    regions = estimates[estimates["level"] == "regional"].groupby("method")["region"].nunique()
    return max(REGIONAL_METHODS, key=lambda method: int(regions.get(method, 0)))


def verdicts(reproduction: pd.DataFrame) -> list[dict[str, Any]]:
    """Count the printed numbers by where they stand and by verdict."""
    counted = (
        reproduction.rename(columns={"source_table": "place"})
        .groupby(["place", "verdict"])
        .size()
        .unstack(fill_value=0)
    )
    records: list[dict[str, Any]] = counted.reset_index().to_dict("records")
    return records


def _select(estimates: pd.DataFrame, cell: Mapping[str, str]) -> pd.DataFrame:
    chosen = pd.Series(True, index=estimates.index)
    for column, value in cell.items():
        chosen &= estimates[column] == value
    return estimates[chosen]


def whole(value: float | None) -> str:
    """Write persons: 132,486; a missing number is a dash."""
    return "–" if value is None or pd.isna(value) else f"{value:,.0f}"


def rate(value: float | None) -> str:
    """Write a rate per 1,000: 71.9."""
    return "–" if value is None or pd.isna(value) else f"{value:,.1f}"


def share(value: float | None) -> str:
    """Write a share in per cent: 31.5 %."""
    return "–" if value is None or pd.isna(value) else f"{value:.1%}"


def verdict(value: str | None) -> str:
    """Write a reliability; a hidden cell has none."""
    return "hidden" if value is None or pd.isna(value) else value
