"""A register as the estimators get it, from the few columns that a test or a golden file is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "evidence"
NUMBERS = ("value", "low", "high", "denominator")
TEXTS = (
    "questionnaire_id", "document", "section", "page", "indicator", "category", "definition_id", "measure_type", "unit",
    "region", "place", "counted", "sex", "age_band", "age_basis", "period_start", "period_end", "partial_period",
    "period_inferred", "comparator", "statement", "denominator_of", "base_assumed", "source_organisation", "cited_by",
    "grade", "citation_restriction", "status", "note",
)  # fmt: skip
PLAIN = {
    "country": "KG", "document": "A document", "indicator": "cases", "measure_type": "case", "unit": "cases",
    "comparator": "exact", "grade": "B", "citation_restriction": "none", "status": "published",
}  # fmt: skip


def register(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Return typed records: what a row does not say is missing, or plain."""
    frame = pd.DataFrame([{**PLAIN, **row} for row in rows]).reindex(columns=[*TEXTS, *NUMBERS, "country"])
    typed = {**dict.fromkeys(NUMBERS, "float64"), **dict.fromkeys((*TEXTS, "country"), "str")}
    return frame.astype(typed)


def golden(name: str) -> pd.DataFrame:
    """Return the register of a golden pair."""
    rows = pd.read_csv(GOLDEN / f"{name}_input.csv", dtype="str").to_dict("records")
    return register([{str(k): v for k, v in row.items() if isinstance(v, str)} for row in rows])


def expected(name: str) -> pd.DataFrame:
    """Return the output of a golden pair."""
    return pd.read_csv(GOLDEN / f"{name}_output.csv")
