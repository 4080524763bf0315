"""What the raw files of published figures have in common: their columns, and what their sidecars say of them."""

from __future__ import annotations

COLUMNS = [
    "questionnaire_id", "document", "section", "page", "indicator", "category", "definition_id", "measure_type", "unit",
    "region", "place", "counted", "sex", "age_band", "age_basis", "period_start", "period_end", "partial_period",
    "period_inferred", "value", "low", "high", "comparator", "statement", "denominator", "denominator_of",
    "base_assumed", "implied_count", "fit", "source_organisation", "cited_by", "grade", "citation_restriction",
    "status", "note",
]  # fmt: skip
SIDECAR_NOTE = "figures of two published documents; the coding of what each measures is ours"
