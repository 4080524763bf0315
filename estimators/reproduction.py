"""Numbers somebody printed, beside the same numbers computed here, with a verdict from arithmetic.

Lives here: the comparison. What a printed number is a number of is declared by the survey (`quantity` in
published.csv) and computed in published_quantities. Printed numbers are never an input of a computed one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from estimators.domain_totals import COUNT_COLUMNS, survey_totals
from estimators.published_quantities import QUANTITIES, Cell, Evidence

COLUMNS = [
    "survey_id", "source", "source_table", "source_cell", "country", "region", "indicator", "exploitation",
    "location", "sex", "period", "unit", "printed", "computed", "difference", "verdict", "reason",
]  # fmt: skip
ASKED = [*COLUMNS[2:11], "quantity"]
PUBLISHED_METHOD = "pennington"
UNEXPLAINED = "not_reproducible"
TOLERANCE = 1e-9  # of binary fractions: 0.05 is half a unit of one decimal


def reproduce(
    published: pd.DataFrame,
    psu_totals: pd.DataFrame,
    estimates: pd.DataFrame,
    population: pd.DataFrame,
    loads: Mapping[str, tuple[int, int, int]] | None = None,
) -> pd.DataFrame:
    """Compare every published number with ours and say whether they are equal at the printed precision.

    published: the survey's published.csv, as text or typed: source, source_table, source_cell, the cell's
    key, unit, printed (the text), value (as a number), decimals, quantity (a name, with an argument in
    brackets), verdict, reason, explains (the computed number the reason speaks of: a reason never covers
    another one). estimates: rows of `estimates` before anything is hidden. loads: country -> questionnaires
    read, accepted, set aside. Verdict: `match` if |computed - printed| is at most half a unit of the last
    printed digit, whatever was declared; else the declared verdict and reason; else `not_reproducible`, with
    both numbers. Returns the columns of the result table `reproduction`, sorted by its key. Raises ValueError
    for an unknown quantity.
    """
    evidence = gather(psu_totals, estimates, population, loads)
    table = published.copy()
    for column in ("value", "decimals"):
        table[column] = pd.to_numeric(table[column])
    table["survey_id"] = psu_totals["survey_id"].iloc[0]
    table["printed_text"] = table["printed"]
    table["printed"] = table["value"].astype(float)
    asked = table[ASKED].astype("str").fillna("").to_dict("records")
    table["computed"] = [computed(evidence, row) for row in asked]
    table["difference"] = table["computed"] - table["printed"]
    judged = [judge(row) for row in table.to_dict("records")]
    table["verdict"] = [verdict for verdict, _ in judged]
    table["reason"] = pd.Series([reason for _, reason in judged], dtype="str", index=table.index)
    return table[COLUMNS].sort_values(COLUMNS[:4], ignore_index=True)


def gather(
    psu_totals: pd.DataFrame,
    estimates: pd.DataFrame,
    population: pd.DataFrame,
    loads: Mapping[str, tuple[int, int, int]] | None,
) -> Evidence:
    """Collect what quantities are computed from: sums, estimates by the publication's method, populations."""
    domains = survey_totals(psu_totals, population).domains
    sums = domains[["country", "region", *COUNT_COLUMNS]].fillna({"country": "", "region": ""}).to_dict("records")
    key = ["country", "region", "indicator", "exploitation", "location", "sex"]
    wanted = estimates["method"] == PUBLISHED_METHOD
    rows = estimates.loc[wanted, [*key, "estimate", "ci_low", "ci_high"]].fillna({"country": "", "region": ""})
    keys = zip(*(rows[name].to_numpy(object) for name in key), strict=True)
    numbers = zip(*(rows[name].to_numpy(float) for name in ("estimate", "ci_low", "ci_high")), strict=True)
    places = zip(population["country"], population["region"].fillna(""), strict=True)
    return Evidence(
        sums={(row.pop("country"), row.pop("region")): row for row in sums},
        cells=dict(zip(keys, numbers, strict=True)),
        population=dict(zip(places, population["population_thousands"].astype(float), strict=True)),
        loads=loads,
    )


def computed(evidence: Evidence, row: Mapping[str, str]) -> float:
    """Compute the quantity one published row names; null if it names none or the survey cannot give it."""
    if not row["quantity"]:
        return np.nan
    name, argument = re.fullmatch(r"(\w+)(?:\((.*)\))?", row["quantity"]).groups(default="")  # type: ignore[union-attr]
    if name not in QUANTITIES:
        raise ValueError(
            f'{row["source_table"]} {row["source_cell"]}: quantity "{name}" is not known; '
            f"known are {', '.join(sorted(QUANTITIES))}"
        )
    regions = tuple(filter(None, row["region"].split(";")))
    key = {part: row[part] for part in ("country", "indicator", "exploitation", "location", "sex", "period")}
    return float(QUANTITIES[name](evidence, Cell(regions=regions, argument=argument, **key)))


def judge(row: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the verdict and the reason of one row with printed, computed, decimals and what was declared."""
    printed, ours, text = row["printed"], row["computed"], row["printed_text"]
    half_unit = 0.5 * 10.0 ** -row["decimals"]
    if abs(ours - printed) <= half_unit + TOLERANCE:
        plain = re.fullmatch(r"[\d.,]+", str(text))
        return "match", None if plain else f'printed "{text}", compared as {printed:g} within {half_unit:g}'
    if pd.isna(row["verdict"]):
        if np.isnan(ours):
            return UNEXPLAINED, "the files of this survey do not give this number; no reason is declared"
        return UNEXPLAINED, f"computed {ours:.10g}, printed {text}; no reason is declared"
    if pd.notna(row["explains"]):
        explained = str(row["explains"])
        places = len(explained.partition(".")[2])
        if not abs(ours - float(explained)) <= 0.5 * 10.0**-places + TOLERANCE:
            return (
                UNEXPLAINED,
                f"computed {ours:.10g}, printed {text}; the declared reason explains {explained}",
            )
    return row["verdict"], row["reason"]
