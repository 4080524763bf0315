"""All indicators of an instrument over the records of a survey, as cells in the columns of `estimates`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from estimators.estimate_table import COLUMNS
from estimators.indicators import counts, ratios, shares
from estimators.indicators.cell import TALLY, Cell, Domain, domains
from schemas.declared_instrument import DeclaredInstrument
from schemas.indicator import Complement, Distinct, Indicator, Range, Rank, Ratio, Share, Tally, Total


def compute(
    records: pd.DataFrame,
    instrument: DeclaredInstrument,
    countries: Sequence[str],
    regions: Sequence[tuple[str, str]],
    confidence: float,
) -> list[Cell]:
    """Return every cell of every indicator, in the order in which the instrument declares them.

    records: the accepted records, typed.  regions: (country, code) of those that were surveyed.
    """
    everywhere = domains(records, countries, regions)
    made: dict[str, list[Cell]] = {}
    for declared in instrument.indicators:
        made[declared.id] = list(_cells(declared, everywhere, instrument, made, confidence))
    return [cell for cells in made.values() for cell in cells]


def _cells(
    declared: Indicator,
    everywhere: Sequence[Domain],
    instrument: DeclaredInstrument,
    made: dict[str, list[Cell]],
    confidence: float,
) -> Iterator[Cell]:
    if isinstance(declared, Ratio):
        yield from ratios.ratios(declared, [cell for cells in made.values() for cell in cells], confidence)
        return
    if isinstance(declared, Complement):
        whole = next(one.per for one in instrument.indicators if isinstance(one, Ratio) and one.id == declared.of)
        yield from ratios.complements(declared, made[declared.of], whole)
        return
    if isinstance(declared, Rank) and declared.scored is not None:
        yield from counts.rank_of_regions(declared, everywhere)
        return
    for domain in everywhere:
        if domain.level != "regional" or declared.regional:
            yield from _of_records(declared, domain, instrument, confidence)


def _of_records(
    declared: Share | Tally | Total | Distinct | Range | Rank,
    domain: Domain,
    instrument: DeclaredInstrument,
    confidence: float,
) -> Iterator[Cell]:
    if isinstance(declared, Share):
        column = instrument.columns[declared.of]
        several, yes_no = column.type == "codes", column.type == "yes_no"
        yield from shares.shares(declared, domain, column.allowed, several, yes_no, confidence)
    elif isinstance(declared, Tally):
        codes = instrument.columns[declared.of].allowed if declared.of else ()
        yield from counts.tally(declared, domain, codes, instrument.units)
    elif isinstance(declared, Total):
        yield from counts.total(declared, domain, instrument.apart)
    elif isinstance(declared, Distinct):
        yield from counts.distinct(declared, domain, instrument.units)
    elif isinstance(declared, Range):
        yield from counts.spread(declared, domain)
    else:
        yield from counts.rank(declared, domain)


def table(cells: Sequence[Cell], confidence: float) -> pd.DataFrame:
    """Lay out cells in the columns of `estimates`; a cell without a number has status M."""
    rows = [
        {
            "level": cell.domain.level,
            "country": cell.domain.country,
            "region": cell.domain.region,
            "indicator": cell.name,
            **cell.dimensions,
            "method": cell.method,
            "estimate": cell.estimate,
            "std_error": cell.std_error,
            "cv": cell.std_error / cell.estimate if cell.estimate else np.nan,
            "ci_low": cell.low,
            "ci_high": cell.high,
            "confidence": np.nan if cell.method == TALLY else confidence,
            "n_respondents": cell.base,
            "n_cases": cell.count,
            "unit": cell.unit,
            "obs_status": "M" if np.isnan(cell.estimate) else "A",
            "conf_status": "F",
        }
        for cell in cells
    ]
    frame = pd.DataFrame(rows).reindex(columns=COLUMNS)
    return frame.astype({"std_error": "float64", "cv": "float64", "ci_low": "float64", "ci_high": "float64"})
