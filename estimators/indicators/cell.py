"""One number of a declared indicator, with what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from schemas.indicator import PLAIN

TALLY = "tally"
WILSON = "wilson"
POISSON_RATIO = "poisson_ratio"


@dataclass(frozen=True)
class Domain:
    """A place, and the records that are of it."""

    level: str
    country: str | None
    region: str | None
    records: pd.DataFrame = field(repr=False, compare=False)


@dataclass(frozen=True)
class Cell:
    """One number. base: records it is of.  count: those among them, or a sum.  missing: asked, not answered."""

    indicator: str
    code: str
    domain: Domain
    unit: str
    estimate: float
    base: int
    missing: int
    count: float = np.nan
    method: str = TALLY
    std_error: float = np.nan
    low: float = np.nan
    high: float = np.nan
    additive: bool = False
    """Whether the codes of the indicator share out its base, so that a hidden one could be found by subtraction."""
    dimensions: Mapping[str, str] = field(default_factory=lambda: dict(PLAIN))
    refused: Sequence[str] = ()
    """Codes of what was counted whose numbers cannot be added, because of which there is no estimate."""

    @property
    def name(self) -> str:
        """The indicator's identifier in `estimates`."""
        return f"{self.indicator}.{self.code}" if self.code else self.indicator

    def of(self, **values: str) -> Cell:
        """Return the cell with some of its dimensions set."""
        return replace(self, dimensions={**self.dimensions, **values})


def domains(records: pd.DataFrame, countries: Sequence[str], regions: Sequence[tuple[str, str]]) -> list[Domain]:
    """Divide records into all countries together (if there are several), each country and each of its regions.

    regions: (country, code) of those that were surveyed; one without a record is there, and counts none. Of a country
    none of whose records says its region there is nothing to count by region.
    """
    found = [Domain("group", None, None, records)] if len(countries) > 1 else []
    found += [Domain("national", country, None, records[records["country"] == country]) for country in countries]
    if "region" in records:
        placed = set(records.loc[records["region"].notna(), "country"])
        found += [
            Domain("regional", country, code, records[(records["country"] == country) & (records["region"] == code)])
            for country, code in regions
            if country in placed
        ]
    return found


def parts(records: pd.DataFrame, by: Mapping[str, str]) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """Yield all records, then those of each value that dimensions have in them."""
    yield {}, records
    for dimension, column in by.items():
        for value in sorted(records[column].dropna().unique()):
            yield {dimension: str(value)}, records[records[column] == value]


def kept(records: pd.DataFrame, where: str | None) -> pd.DataFrame:
    """Leave out the records for which an expression is false or unknown."""
    if where is None or records.empty:
        return records
    return records[records.eval(where, engine="python").astype("boolean").fillna(False).astype(bool)]
