"""Indicators that are counts: tallies of records, sums of what they state, ranges, ranks.

None of them has limits: they say what the records hold, and no sample is drawn from anything. Missing is never zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from estimators.indicators.cell import Cell, Domain, kept, parts
from schemas.indicator import PLAIN, Distinct, Range, Rank, Tally, Total


def tally(declared: Tally, domain: Domain, codes: Sequence[str], units: str) -> Iterator[Cell]:
    """Count records; with a column, those with each code. codes: of the column."""
    unit = declared.unit or units
    for dimensions, records in parts(kept(domain.records, declared.where), declared.dimensions):
        mark = {**PLAIN, **declared.fixed, **dimensions}
        if declared.of is None:
            n = len(records)
            yield Cell(declared.id, "", domain, unit, n, n, 0, n, dimensions=mark)
            continue
        answers = records[declared.of]
        base, missing = int(answers.notna().sum()), int(answers.isna().sum())
        for code in codes or sorted(answers.dropna().unique()):
            n = int((answers == code).sum())
            yield Cell(declared.id, str(code), domain, unit, n, base, missing, n, additive=True, dimensions=mark)


def total(declared: Total, domain: Domain, apart: str | None) -> Iterator[Cell]:
    """Add up what records state; where none states anything the sum is missing, not zero.

    apart: column that says what was counted. A sum over two of its codes is refused: the cell has no estimate, and
    names them. Asked for `within` it, such a sum stands before the sums of each.
    """
    sums = {declared.of: {}} if declared.of else dict(declared.columns)
    records = kept(domain.records, declared.where)
    for expression, about in sums.items():
        values = records.eval(expression, engine="python") if len(records) else pd.Series(dtype="Float64")
        stated = records.assign(_value=pd.to_numeric(values).astype("Float64"))
        groups = list(_kept_apart(stated, declared.within))
        if declared.within is not None and declared.within == apart and len(_unlike(stated, apart)) > 1:
            groups = [("", stated), *groups]
        for code, group in groups:
            for dimensions, part in parts(group, declared.dimensions):
                mark = {**PLAIN, **declared.fixed, **about, **dimensions}
                yield _sum(declared, code, domain, part, _unlike(part, apart), mark)


def _sum(
    declared: Total, code: str, domain: Domain, part: pd.DataFrame, counted: Sequence[str], mark: dict[str, str]
) -> Cell:
    n, missing = int(part["_value"].notna().sum()), int(part["_value"].isna().sum())
    refused = counted if len(counted) > 1 else ()
    value = float(part["_value"].sum()) if n and not refused else np.nan
    return Cell(
        declared.id, code, domain, declared.unit, value, n, missing, value, dimensions=mark, refused=tuple(refused)
    )


def _unlike(stated: pd.DataFrame, apart: str | None) -> list[str]:
    """Name what was counted by the records that state a number; nothing where the instrument does not say."""
    return [] if apart is None else sorted(str(code) for code in stated.loc[stated["_value"].notna(), apart].unique())


def _kept_apart(records: pd.DataFrame, column: str | None) -> Iterator[tuple[str, pd.DataFrame]]:
    if column is None:
        yield "", records
        return
    for code in sorted(records[column].dropna().unique()):
        yield str(code), records[records[column] == code]


def distinct(declared: Distinct, domain: Domain, units: str) -> Iterator[Cell]:
    """Count the different values of a column."""
    values = kept(domain.records, declared.where)[declared.of]
    n, base, missing = int(values.nunique()), int(values.notna().sum()), int(values.isna().sum())
    mark = {**PLAIN, **declared.fixed}
    yield Cell(declared.id, "", domain, declared.unit or units, n, base, missing, n, dimensions=mark)


def spread(declared: Range, domain: Domain) -> Iterator[Cell]:
    """Give the smallest, the middle and the largest number stated."""
    values = kept(domain.records, declared.where)[declared.of]
    stated = values.dropna().astype("float64")
    mark = {**PLAIN, **declared.fixed}
    found = {"min": stated.min(), "median": stated.median(), "max": stated.max()}
    for code in declared.show:
        n, missing = len(stated), int(values.isna().sum())
        yield Cell(declared.id, code, domain, declared.unit, float(found[code]), n, missing, dimensions=mark)


def rank(declared: Rank, domain: Domain) -> Iterator[Cell]:
    """Order items by the mean of the ranks they were given; equal means share a place, and no place is left out."""
    records = kept(domain.records, declared.where)
    means = {item: records[column].astype("float64").mean() for item, column in declared.columns.items()}
    places = {value: place for place, value in enumerate(sorted({m for m in means.values() if not np.isnan(m)}), 1)}
    mark = {**PLAIN, **declared.fixed}
    for item, column in declared.columns.items():
        n, missing = int(records[column].notna().sum()), int(records[column].isna().sum())
        place = float(places.get(means[item], np.nan))
        yield Cell(declared.id, item, domain, "rank", place, n, missing, dimensions=mark)


def rank_of_regions(declared: Rank, everywhere: Sequence[Domain]) -> Iterator[Cell]:
    """Order a country's regions by the mean of a score, the largest first; one without a score has no place.

    The country's own row holds no place; it says how many scores there are.
    """
    mark = {**PLAIN, **declared.fixed}
    scores = {domain: kept(domain.records, declared.where)[str(declared.scored)] for domain in everywhere}
    means = {domain: values.astype("float64").mean() for domain, values in scores.items() if domain.level == "regional"}
    for domain, values in scores.items():
        rivals = {mean for other, mean in means.items() if other.country == domain.country and not np.isnan(mean)}
        places = {mean: place for place, mean in enumerate(sorted(rivals, reverse=True), 1)}
        place = float(places.get(means[domain], np.nan)) if domain in means else np.nan
        n, missing = int(values.notna().sum()), int(values.isna().sum())
        yield Cell(declared.id, "", domain, "rank", place, n, missing, dimensions=mark)
