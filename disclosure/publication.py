"""Cells that somebody has made public: by a printed number that is ours, or in an earlier release.

Lives here: which cells a printed or released number shows. Not here: what follows from them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from disclosure.cells import KEYS
from disclosure.hiding import POOLED_METHODS, of_estimate, own_cells
from disclosure.plan import Places

SHOWS = (
    "victims_reported", "victims_per_1000_families", "victims", "share_of_victims", "share_women", "share_last_3_years",
)  # fmt: skip
"""Printed quantities that fix the count of their cell, a share beside the printed total to the last digit or so."""
EQUAL = ("match", "rounding")
SAME = 1e-9
KEY = ["level", "country", "region", "indicator", "exploitation", "location", "sex", "period", "method"]


def printed(reproduction: pd.DataFrame, domain: np.ndarray, places: Places) -> np.ndarray:
    """Return the cells that a publication printed and that are the same here, (n_domains, n_keys) bool.

    domain: (n_rows,) position of each printed number's domain, -1 for several regions together.
    """
    known = np.zeros((places.n, len(KEYS)), bool)
    columns = ["indicator", "exploitation", "location", "sex", "period", "verdict"]
    rows = reproduction[columns].fillna("").itertuples(index=False, name=None)
    for place, (indicator, exploitation, location, sex, period, verdict) in zip(domain, rows, strict=True):
        if place >= 0 and verdict in EQUAL and indicator in SHOWS:
            known[place, own_cells(exploitation, location, sex, period)] = True
    return known


def released(now: pd.DataFrame, before: pd.DataFrame, domain: np.ndarray, places: Places) -> list[np.ndarray]:
    """Return the cells that each earlier release shows with the number they have now, (n_domains, n_keys) bool.

    now: `estimates` with nothing hidden; domain: (n_rows,) of its rows. before: `estimates` of earlier releases.
    Releases that show no more than another are left out.
    """
    free = before[(before["conf_status"] == "F") & before["n_cases"].notna() & before["estimate"].notna()]
    left = now[[*KEY, "estimate", "n_cases"]].assign(domain=domain)
    both = left.merge(free[["release_id", *KEY, "estimate", "n_cases"]], on=KEY, suffixes=("", "_before"))
    same = _equal(both["n_cases"], both["n_cases_before"])
    same &= ~both["indicator"].str.startswith("share_") | _equal(both["estimate"], both["estimate_before"])
    names = ["domain", "indicator", "exploitation", "location", "sex", "period", "method"]
    found: list[np.ndarray] = []
    for _, rows in both[same].groupby("release_id"):
        known = np.zeros((places.n, len(KEYS)), bool)
        for place, *cell in rows[names].drop_duplicates().itertuples(index=False, name=None):
            cells = of_estimate(*cell)
            known[place, cells] = True
            if cell[-1] not in POOLED_METHODS:
                known[places.by_design(np.array(place)), cells] = True
        if not any((known <= other).all() for other in found):
            found = [other for other in found if not (other <= known).all()] + [known]
    return found


def hidden_before(before: pd.DataFrame, domain: np.ndarray, places: Places) -> np.ndarray:
    """Return the cells whose own rows a release hides, (n_domains, n_keys) bool; domain: (n_rows,), -1 if gone."""
    hidden = np.zeros((places.n, len(KEYS)), bool)
    names = ["indicator", "exploitation", "location", "sex", "period", "method"]
    rows = before.assign(domain=domain)[before["conf_status"].isin(["C", "D"]).to_numpy() & (domain >= 0)]
    for place, *cell in rows[["domain", *names]].drop_duplicates().itertuples(index=False, name=None):
        hidden[place, of_estimate(*cell)[:1]] = True
    return hidden


def _equal(a: pd.Series, b: pd.Series) -> pd.Series:
    return (a - b).abs() <= SAME * np.maximum(b.abs(), 1)
