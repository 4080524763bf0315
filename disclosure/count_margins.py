"""The margins of a table of counts: regions by codes, with the nation, the bases, and who is in none of the codes.

Lives here: what each count of a question is the sum of. Not here: which counts are sensitive, and which are hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from disclosure.margins import Margins

NATION, REST = "", "(no region)"
"""Names of the nation among the domains, and of the units of a nation that are in none of its regions."""
REMAINDER = "(no code)"
"""Name among the codes of the units of a base that are in none of them: who did not name a code, or said no."""


class Part(NamedTuple):
    """One count that no other makes: the units of a domain in a code."""

    domain: str
    code: str


@dataclass(frozen=True)
class CountTable:
    """One linked table. Its cells are the given counts, then who is in no code, then the bases, by domain.

    margins, base: see `disclosure.knowledge.tables`. n_counts: how many given counts. remainder, bases: position of
    those cells by domain; no reader sees a remainder, and readers see a base with any count of its domain.
    """

    margins: Margins
    base: np.ndarray
    n_counts: int
    remainder: dict[str, int]
    bases: dict[str, int]

    @property
    def value(self) -> np.ndarray:
        """Return the true count of each cell, (n_cells,)."""
        found: np.ndarray = self.margins.table @ self.base
        return found


def count_table(counts: pd.DataFrame, additive: bool) -> CountTable:
    """Link the counts of one question whose codes sum to the base (additive), or of one code of another.

    counts: columns domain (text, NATION for the nation), code, count, base (missing: no count is held against one).
    Raises ValueError if regions count more than their nation, or codes more than their base.
    """
    grid = counts.pivot(index="domain", columns="code", values="count").astype(float)
    bases = counts.groupby("domain")["base"].max().astype(float).reindex(grid.index)
    based = bool(bases.notna().all())
    given = grid.notna()
    parts = grid.fillna(0.0)
    if based:
        parts[REMAINDER] = bases - parts.sum(axis=1)
        given[REMAINDER] = True
        _refuse(parts[parts[REMAINDER] < 0].index, "its codes count more than its base")
    regions = [name for name in parts.index if name != NATION]
    if regions and NATION in parts.index:
        rest = (parts.loc[NATION] - parts.loc[regions].sum()).where(given.loc[NATION], 0.0)
        parts.loc[REST], given.loc[REST] = rest, rest != 0
        parts, given = parts.drop(index=NATION), given.drop(index=NATION)
        _refuse(parts.columns[parts.loc[REST] < 0], "the regions count more than the nation")
    if based and additive and not parts[REMAINDER].any():
        parts, given = parts.drop(columns=REMAINDER), given.drop(columns=REMAINDER)
    return _linked(counts, parts, given.to_numpy(bool), bases if based else bases.iloc[:0])


def _refuse(names: pd.Index, fault: str) -> None:
    if len(names):
        raise ValueError(f"count_tables: {names[0] or 'the nation'}: {fault}")


def _linked(counts: pd.DataFrame, parts: pd.DataFrame, given: np.ndarray, bases: pd.Series) -> CountTable:
    """Write every cell as a sum of parts."""
    own = [Part(parts.index[i], parts.columns[j]) for i, j in np.argwhere(given)]
    whole = {name for name in (NATION, *parts.index) if name not in parts.index}  # the nation, where it is a sum

    def added(domain: str, code: str | None) -> np.ndarray:
        return np.array([(domain in whole or p.domain == domain) and code in (None, p.code) for p in own], float)

    domains = [str(name) for name in bases.index]
    cells = [added(row.domain, row.code) for row in counts.itertuples()]
    left = domains if REMAINDER in parts.columns else []
    cells += [added(name, REMAINDER) for name in left] + [added(name, None) for name in domains]
    table = sparse.csr_matrix(np.array(cells).reshape(len(cells), len(own)))
    n = len(counts)
    return CountTable(
        margins=Margins(table, np.arange(len(cells)), len(cells)),
        base=parts.to_numpy()[given],
        n_counts=n,
        remainder={name: n + k for k, name in enumerate(left)},
        bases={name: n + len(left) + k for k, name in enumerate(domains)},
    )
