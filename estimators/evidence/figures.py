"""The table `evidence`: every figure as it is stated, with its limits; a figure under restriction has no number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from estimators.evidence.limits import limits
from estimators.evidence.register import FIGURE, Figure
from schemas.figure_reasons import worded

TOLD = [
    "document", "section", "page", "indicator", "category", "definition_id", "measure_type", "unit", "country",
    "region", "place", "counted", "sex", "age_band", "age_basis", "period_start", "period_end", "partial_period",
    "period_inferred", "comparator", "source_organisation", "cited_by", "grade", "status", "citation_restriction",
]  # fmt: skip
"""What is told of every figure."""
NUMBERS = {"value": "value", "low": "low", "high": "high", "base": "denominator"}
TEXTS = {"statement": "statement", "base_of": "denominator_of", "base_assumed": "base_assumed", "note": "note"}
"""What may hold a number in words, and is left out with it."""
LIMITS = ["share", "ci_low", "ci_high", "confidence"]
COLUMNS = ["figure", *TOLD, *NUMBERS, *TEXTS, *LIMITS, "limits", "reason", "reason_ru"]


def figures(register: Sequence[Figure], confidence: float) -> pd.DataFrame:
    """Return COLUMNS, one row a figure in the order of the register."""
    frame = pd.DataFrame([_row(figure, confidence) for figure in register], columns=COLUMNS)
    return frame.astype(dict.fromkeys([*NUMBERS, *LIMITS], "float64"))


def _row(figure: Figure, confidence: float) -> dict[str, Any]:
    made = limits(figure, confidence)
    row = {"figure": figure[FIGURE]} | {name: figure[name] for name in TOLD}
    row |= {name: None if figure.hidden else figure[column] for name, column in (NUMBERS | TEXTS).items()}
    row |= {"share": made.share, "ci_low": made.low, "ci_high": made.high}
    row |= {"confidence": None if made.share is None else confidence, "limits": made.code}
    return row | worded("limits", made.code)
