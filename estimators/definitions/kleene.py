"""Three-valued logic: yes, no, and not known (Kleene 1952, section 64).

Truth is a number, so that `and` is the smaller, `or` the larger, and `not` the mirror: no 0, not known 1, yes 2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from schemas.definitions import NO, UNKNOWN, YES, Expression

FALSE, MAYBE, TRUE = 0, 1, 2
TEXTS = np.array([NO, UNKNOWN, YES], dtype=object)


def truth(answers: pd.Series) -> np.ndarray:
    """Return the truth of answers yes, no and unknown, (n,) int8; missing is not known.

    Raises ValueError for any other answer.
    """
    known = answers.astype(object).where(answers.notna(), UNKNOWN)
    found = known.map({NO: FALSE, UNKNOWN: MAYBE, YES: TRUE})
    if found.isna().any():
        raise ValueError(f"{answers.name}: {known[found.isna()].iloc[0]!r} is none of yes, no and unknown")
    return found.to_numpy(dtype=np.int8)


def text(found: np.ndarray) -> np.ndarray:
    """Return truth as yes, no and unknown, (n,) of text."""
    words: np.ndarray = TEXTS[found]
    return words


def both(*parts: np.ndarray) -> np.ndarray:
    """Return `and` of (n,) truths: no if one is no, yes if all are."""
    found: np.ndarray = np.minimum.reduce(parts)
    return found


def either(*parts: np.ndarray) -> np.ndarray:
    """Return `or` of (n,) truths: yes if one is yes, no if all are."""
    found: np.ndarray = np.maximum.reduce(parts)
    return found


def opposite(part: np.ndarray) -> np.ndarray:
    """Return `not` of (n,) truths; what is not known stays so."""
    found: np.ndarray = TRUE - part
    return found


def evaluated(expression: Expression, records: pd.DataFrame) -> np.ndarray:
    """Return the truth of an expression in each record, (n_records,)."""
    if expression.fact:
        return truth(records[expression.fact])
    if expression.none_of:
        return opposite(evaluated(expression.none_of, records))
    parts = [evaluated(part, records) for part in expression.all_of or expression.any_of]
    return both(*parts) if expression.all_of else either(*parts)


def agreed(mentions: Sequence[str]) -> str:
    """Return what several mentions of one case say: what all who know say alike, or else that it is not known."""
    known = {answer for answer in mentions if answer in (YES, NO)}
    return known.pop() if len(known) == 1 else UNKNOWN
