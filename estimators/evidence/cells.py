"""What the tables of evidence compute, in the columns of `estimates`: limits of shares, and numbers made of figures."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from estimators.estimate_table import COLUMNS
from estimators.evidence.register import HUNDRED

PLAIN = {"exploitation": "all", "location": "all", "sex": "all", "period": "survey"}
REGISTERED, WILSON, ARITHMETIC = "registered", "wilson", "arithmetic"
COUNTED = ("A",)
"""Grades of figures that the document itself holds: they are estimates of nothing but themselves."""


def as_cells(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what the tables of `evidence` compute in the columns of `estimates`, to set printed numbers against.

    An indicator is the id of a figure, of a derivation, or of a comparison of ages and what of it is meant.
    """
    figures, derived = tables["evidence"], tables["evidence_derived"]
    rows = [*_shares(figures), *_registered(figures), *_derived(derived), *_ages(tables["evidence_age_bases"])]
    frame = pd.DataFrame(rows).reindex(columns=COLUMNS)
    return frame.astype(dict.fromkeys(["std_error", "cv", "ci_low", "ci_high", "confidence"], "float64"))


def _shares(figures: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in _rows(figures[figures["share"].notna()]):
        yield _cell(row, row["figure"], row["share"] / HUNDRED, "share", WILSON) | {
            "ci_low": row["ci_low"] / HUNDRED,
            "ci_high": row["ci_high"] / HUNDRED,
            "confidence": row["confidence"],
            "n_respondents": int(row["base"]),
        }


def _registered(figures: pd.DataFrame) -> Iterator[dict[str, Any]]:
    chosen = figures["grade"].isin(COUNTED) & figures["value"].notna() & figures["share"].isna()
    for row in _rows(figures[chosen]):
        yield _cell(row, row["figure"], row["value"], row["unit"], REGISTERED)


def _derived(derived: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in _rows(derived[derived["verdict"] == "computed"]):
        if pd.notna(row["estimate"]):
            yield _cell(row, row["derivation"], row["estimate"], row["unit"], ARITHMETIC)
            continue
        for end in ("low", "high"):
            yield _cell(row, f"{row['derivation']}.{end}", row[end], row["unit"], ARITHMETIC)


def _ages(ages: pd.DataFrame) -> Iterator[dict[str, Any]]:
    units = {"ratio": "ratio", "points": "percent", "n_recruitment": "persons", "n_identification": "persons",
             "n_grown_up": "persons"}  # fmt: skip
    for row in _rows(ages[ages["verdict"] != "refused"]):
        for name, unit in units.items():
            if pd.notna(row[name]):
                yield _cell(row, f"{row['comparison']}.{name}", row[name], unit, ARITHMETIC)


def _rows(frame: pd.DataFrame) -> list[dict[Hashable, Any]]:
    return frame.to_dict("records")


def _cell(row: dict[Hashable, Any], indicator: Any, estimate: float, unit: Any, method: str) -> dict[str, Any]:
    region = row.get("region")
    regional = isinstance(region, str)
    return {
        "level": "regional" if regional else "national",
        "country": row.get("country", "") or None,
        "region": region if regional else None,
        "indicator": indicator,
        **PLAIN,
        "method": method,
        "estimate": float(estimate),
        "unit": unit,
        "obs_status": "A",
        "conf_status": "F",
    }
