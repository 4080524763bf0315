"""The page of a release: its numbers with their limits, what was printed before, and what was checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from reports.five_countries import comparison, leading, rank, victims
from reports.pages import environment
from schemas.additivity import additivity

PLACES = ["inside", "abroad", "both"]
ALL = {"exploitation": "all", "sex": "all"}
NO_NUMBER = {"C": "hidden", "D": "hidden", "N": "no limits"}
"""What stands in the place of a cell's reliability, by its confidentiality status."""


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
    return (
        environment()
        .get_template("release.html.j2")
        .render(
            title=title,
            notice=notice,
            publication=publication,
            release=release.to_dict(),
            history=history(releases),
            method=leading(estimates),
            names=names,
            comparison=comparison(tables["reproduction"], estimates, list(names)),
            national=national(estimates, list(names)),
            regional=regional(estimates, tables["regions"]),
            without_limits=bool((estimates["conf_status"] == "N").any()),
            regions_add_up=leading(estimates) in additivity().region_methods,
            verdicts=verdicts(tables["reproduction"]),
            differing=tables["reproduction"].query("verdict == 'publication_error'").to_dict("records"),
            quality=tables["quality"].query("dimension != 'accounting'").to_dict("records"),
            files=files,
            regions_without_grade_a=int((tables["regions"].query("surveyed == 'yes'")["grade"] != "A").sum()),
        )
    )


def history(releases: pd.DataFrame) -> list[dict[str, Any]]:
    """Lay out the releases, the newest first; missing words are None."""
    ordered = releases.sort_values("published_at", ascending=False, kind="stable")
    records: list[dict[str, Any]] = ordered.astype(object).where(ordered.notna(), None).to_dict("records")
    return records


def national(estimates: pd.DataFrame, order: Sequence[str]) -> list[dict[str, Any]]:
    """Lay out the nations' and the group's totals by the leading method, inside, abroad and both, one row each."""
    rows = victims(estimates, leading(estimates))
    rows = rows.assign(place=rows["location"].map(PLACES.index), rank=rows["country"].map(rank(order)))
    rows = rows.sort_values(["level", "rank", "place"], ascending=[False, True, True])
    records: list[dict[str, Any]] = rows.to_dict("records")
    return records


def regional(estimates: pd.DataFrame, regions: pd.DataFrame) -> list[dict[str, Any]]:
    """Lay out the regions by the leading method, one row each: rates inside and abroad with limits, total, interviews.

    A region in which a cell has no row keeps its own, without that number; of a hidden cell, or of one whose number is
    withheld because it has no limits, it says so.
    """
    chosen = _select(estimates, {**ALL, "level": "regional", "method": leading(estimates)})
    chosen = chosen.set_index(["country", "region"])
    chosen["reliability"] = chosen["conf_status"].map(NO_NUMBER).fillna(chosen["reliability"])
    rates, totals = (chosen[chosen["indicator"] == name] for name in ("victims_per_1000_families", "victims"))
    both = totals.loc[totals["location"] == "both", ["estimate", "ci_low", "ci_high"]]
    counts = chosen.groupby(level=[0, 1])[["n_respondents", "n_psu"]].max()
    columns = ["estimate", "ci_low", "ci_high", "reliability"]
    inside, abroad = (rates.loc[rates["location"] == place, columns].add_suffix(f"_{place}") for place in PLACES[:2])
    wide = counts.join([inside, abroad, both], how="left").reset_index()
    wide = wide.merge(regions[["country", "region", "name_en", "grade"]], on=["country", "region"], how="left")
    records: list[dict[str, Any]] = wide.sort_values(["country", "name_en"]).to_dict("records")
    return records


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
