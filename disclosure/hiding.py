"""Which cells each row of a result table shows something of, and the rows with their numbers taken out.

Lives here: what is hidden together. Not here: which cells are hidden.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from disclosure.cells import KEYS, POSITION, key_of
from disclosure.plan import Places

COUNTS = ("victims", "victims_per_1000_families", "victims_per_1000_population")
STUDY_METHODS = ("pennington", "poisson", "poisson_ppf")
"""They split a region's cases of all time by its country's shares of sex and window: a row of a sex, of both places or
of all forms shows the same counts as the rows that it is made from, weighted otherwise."""
POOLED_METHODS = (*STUDY_METHODS, "design_pooled")
"""Their nations are one sample, in which no region weighs more than another."""
MODEL_METHODS = ("small_area", "small_area_fay_herriot")
FEWEST_HIDDEN = 6
"""Rows of a model are functions of all regions through its mean, spread and design effect. With the two sums of a
nation these are five numbers; a sixth hidden region keeps them from being solved."""
NUMBERS = ["estimate", "std_error", "cv", "ci_low", "ci_high", "n_cases", "df", "deff"]
VERDICTS = {"reliability": None, "obs_status": "M"}
WITHHELD = "N"
"""SDMX: not for publication. The estimate is known and nothing of its error, so the number is shown to nobody."""
NO_CASES = (
    "population", "families", "family_size", "family_size_before_editing", "family_size_after_editing",
    "migrant_families", "share_migrant_families", "mean_share_migrant_families", "respondents", "share_sample",
    "share_population", "sampling_ratio", "sampling_ratio_mean", "oblasts", "questionnaires_collected",
    "questionnaires_excluded", "questionnaires_valid",
)  # fmt: skip
"""What a publication prints that holds no count of cases."""


def of_estimate(indicator: str, exploitation: str, location: str, sex: str, period: str, method: str) -> list[int]:
    """Return the cells that a row of `estimates` shows, its own first; none if it holds no case."""
    if indicator == "share_women":
        return _found([("labour", location, who, period) for who in ("women", "men", "all")])
    if indicator == "share_last_3_years":
        return _found([(exploitation, location, "all", w) for w in ("last_3_years", "all_time", "earlier")])
    if indicator not in COUNTS:
        return []
    cells = [(exploitation, location, sex, period)]
    if method in STUDY_METHODS:
        forms = ("labour", "sexual") if exploitation == "all" else (exploitation,)
        places = ("inside", "abroad") if location == "both" else (location,)
        cells += [(f, p, "all", w) for f in forms for p in places for w in ("last_3_years", "all_time")]
    return _found(cells)


def own_cells(exploitation: str, location: str, sex: str, period: str) -> list[int]:
    """Return the cells of a printed number: a yearly one is of the last three years, and made from all time."""
    windows = ("last_3_years", "all_time") if period == "annual" else (period,)
    return _found((exploitation, location, sex, window) for window in windows)


def of_printed(indicator: str, exploitation: str, location: str, sex: str, period: str) -> list[int]:
    """Return the cells that the number computed beside a printed one may show something of."""
    if indicator in NO_CASES or not exploitation:
        return []
    windows = ("last_3_years", "all_time", "earlier") if "last_3_years" in indicator else (period,)
    forms = {exploitation} | ({"all"} if indicator in ("share_sexual", "share_labour") else set())
    who = {sex} | ({"women", "men", "all"} if indicator in ("share_women", "share_men") else set())
    places = {location} | ({"inside", "abroad"} if location == "both" else set())
    found = [own_cells(f, p, s, w) for f in sorted(forms) for p in sorted(places) for s in sorted(who) for w in windows]
    return list(dict.fromkeys(cell for cells in found for cell in cells))


def rows_status(table: pd.DataFrame, domain: np.ndarray, status: np.ndarray, places: Places) -> np.ndarray:
    """Return of each row of `estimates` whether it is free (F), confidential (C) or hidden with others (D).

    domain: (n_rows,) position of the row's domain. status: (n_domains, n_cells) of F, C, D. A nation's row of a
    method that weighs regions shows two sums: its cases as they were counted, and as they were weighed.
    """
    by_design = places.by_design(domain)
    names = ["indicator", "exploitation", "location", "sex", "period", "method"]
    code, kinds = pd.factorize(pd.MultiIndex.from_frame(table[names]))
    found = np.full(len(table), "F", dtype=object)
    for position, kind in enumerate(kinds):
        cells = of_estimate(*kind)
        if not cells:
            continue
        rows = np.flatnonzero(code == position)
        shown = status[domain[rows]][:, cells]
        if kind[-1] not in POOLED_METHODS:
            shown = np.where(shown == "F", status[by_design[rows]][:, cells], shown)
        own = shown if kind[0].startswith("share_") else shown[:, :1]
        found[rows[(shown != "F").any(axis=1)]] = "D"
        found[rows[(own == "C").any(axis=1)]] = "C"
    return found


def model_status(table: pd.DataFrame, domain: np.ndarray, status: np.ndarray, nation: np.ndarray) -> np.ndarray:
    """Tell which rows of a model's regions are shown nowhere in their country, because too few others are hidden.

    table: rows with exploitation, location and sex. nation: (n_domains,) country of a region's domain, -1 elsewhere.
    """
    keys = zip(table["exploitation"], table["location"], table["sex"], strict=True)
    cells = np.array([_first(_found([(*key, "annual")])) for key in keys], dtype=int)
    regional = nation[domain] >= 0
    hidden = np.zeros((max(int(nation.max()) + 1, 1), len(KEYS)), int)
    np.add.at(hidden, nation[nation >= 0], status[nation >= 0] != "F")
    count = np.where(regional & (cells >= 0), hidden[nation[domain], cells], 0)
    everywhere = np.bincount(nation[nation >= 0], minlength=len(hidden))[nation[domain]]
    few: np.ndarray = regional & (count > 0) & (count < np.minimum(FEWEST_HIDDEN, everywhere))
    return few


def withheld(table: pd.DataFrame, found: np.ndarray) -> np.ndarray:
    """Mark free rows whose estimate rests on no degree of freedom, and so has no limits, as not for publication.

    found: (n_rows,) F, C or D. A number without limits for another reason stays free: that is a fault, for the gate.
    """
    bare = table["estimate"].notna() & table["ci_low"].isna() & (table["df"] == 0)
    return np.where(bare.to_numpy(bool) & (found == "F"), WITHHELD, found)


def masked_estimates(table: pd.DataFrame, found: np.ndarray) -> pd.DataFrame:
    """Take the numbers out of rows that are not free; what they rest on besides cases stays."""
    out, gone = table.copy(), found != "F"
    out.loc[gone, NUMBERS] = np.nan
    for column, value in VERDICTS.items():
        out.loc[gone, column] = value
    out["conf_status"] = found
    return out


def masked(table: pd.DataFrame, gone: np.ndarray, keep: Iterable[str]) -> pd.DataFrame:
    """Take every floating number out of some rows but those of columns to keep."""
    out = table.copy()
    numbers = [name for name in table.columns if table[name].dtype == "float64" and name not in set(keep)]
    out.loc[gone, numbers] = np.nan
    return out


def masked_reproduction(table: pd.DataFrame, gone: np.ndarray) -> pd.DataFrame:
    """Leave of a hidden cell the printed number and the verdict; ours only where equal, and then as printed."""
    out = table.copy()
    equal = gone & (out["verdict"] == "match").to_numpy() & out["computed"].notna().to_numpy()
    out.loc[gone, ["computed", "difference"]] = np.nan
    out.loc[equal, "computed"] = out.loc[equal, "printed"]
    out.loc[equal, "difference"] = 0.0
    out.loc[gone & ~equal, "reason"] = "the cell is hidden, see the table disclosure"
    return out


def _found(cells: Iterable[tuple[str, str, str, str]]) -> list[int]:
    keys = [key_of(*cell) for cell in cells]
    return list(dict.fromkeys(POSITION[key] for key in keys if key is not None))


def _first(cells: list[int]) -> int:
    return cells[0] if cells else -1
