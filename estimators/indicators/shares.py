"""Shares of records with a code, with Wilson's limits, under an explicit base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from estimators.indicators.cell import WILSON, Cell, Domain, kept, parts
from estimators.simple_random import share
from schemas.coding import SEPARATOR
from schemas.indicator import PLAIN, Share

ANSWERED, ALL = "answered", "all"
YES = "yes"


def shares(
    declared: Share, domain: Domain, codes: Sequence[str], several: bool, yes_no: bool, confidence: float
) -> Iterator[Cell]:
    """Share of each code. codes: of the column.  several: whether a cell can hold more than one of them.

    Wilson's limits take the records for a random sample of those that could have been asked; of a full count they say
    how far chance alone could have carried the share (Wilson 1927).
    """
    wanted = declared.codes or ((YES,) if yes_no else tuple(codes))
    single = yes_no and not declared.codes
    for dimensions, records in parts(kept(domain.records, declared.where), declared.dimensions):
        answers = records[declared.of]
        inside = _base(records, answers, declared.base)
        base, missing = int(inside.sum()), int(answers.isna().sum())
        mark = {**PLAIN, **declared.fixed, **dimensions}
        for code in wanted:
            count = int((_holds(answers, code, several) & inside).sum())
            made = share(np.array(float(count)), np.array(float(base)), confidence)
            yield Cell(
                declared.id,
                "" if single else code,
                domain,
                "share",
                float(made.value),
                base,
                missing,
                count,
                WILSON,
                float(made.std_error),
                float(made.low),
                float(made.high),
                additive=not several and declared.base in (ANSWERED, ALL),
                dimensions=mark,
            )


def _base(records: pd.DataFrame, answers: pd.Series, base: str) -> pd.Series:
    if base == ANSWERED:
        return answers.notna()
    if base == ALL:
        return pd.Series(True, index=records.index)
    return pd.Series(records.index.isin(kept(records, base).index), index=records.index)


def _holds(answers: pd.Series, code: str, several: bool) -> pd.Series:
    if not several:
        return (answers == code).fillna(False).astype(bool)
    return answers.fillna("").map(lambda cell: code in cell.split(SEPARATOR)).astype(bool)
