"""What a person sees of `./kinscale lists`: one row per model and kind of limits, and what to beware of."""

from __future__ import annotations

from typing import Any

import pandas as pd

from flows.console import say
from flows.table import Column, draw, interval
from tasks.lists import ListEstimates

SPARSE = 5
"""Fewer people than this on both of two lists make their interaction, and the answer, unsteady."""
MODELS = (
    Column("model"),
    Column("limits by"),
    Column("estimate", number=True),
    Column("limits", number=True),
    Column("interactions", fold=True),
)
REFUSED = {
    "no_maximum": "no estimate exists: the likelihood has no maximum",
    "not_identifiable": "no estimate exists: the overlaps cannot tell the model's parameters apart",
}


def show(found: ListEstimates) -> None:
    """Print the set of models. No single row is the answer."""
    say(f"{found.observed:,} people on {len(found.lists)} lists: {', '.join(found.lists)}\n")
    rows = [
        (row["model"], row["limits"], *_numbers(row), _text(row["interactions"]))
        for row in found.models.to_dict("records")
    ]
    draw(MODELS, rows, "All victims, listed or not")
    for line in warnings(found):
        say(line)


def warnings(found: ListEstimates) -> list[str]:
    """Say what was checked: models without a unique maximum, overlaps of few people, and how far the models differ."""
    fitted = found.models[found.models["status"] == "fitted"]
    lines = [
        f"{row['model']}: {REFUSED[row['status']]}"
        for row in found.models[found.models["status"] != "fitted"].to_dict("records")
    ]
    if not lines:
        lines.append("Existence and identifiability: every model above has one maximum.")
    average = found.models.set_index("model").loc["bic_average", "note"]
    lines.append(f"bic_average: {average}")
    sparse = [f"{pair} {shared}" for pair, shared in found.shared.items() if shared < SPARSE]
    if sparse:
        lines.append(f"Few people on both of two lists, so that interactions are unsteady: {', '.join(sparse)}")
    empty = sorted({pair for text in fitted["empty_interactions"].dropna() if text for pair in text.split(", ")})
    if empty:
        lines.append(f"Interactions of lists that share nobody, set to minus infinity: {', '.join(empty)}")
    if len(fitted):
        low, high = fitted["estimate"].min(), fitted["estimate"].max()
        lines.append(f"Estimates run from {low:,.0f} to {high:,.0f}. Publish the set, never one of them alone.")
    return lines


def _numbers(row: dict[str, Any]) -> tuple[str, str]:
    if pd.isna(row["estimate"]):
        return "–", "–"
    return f"{row['estimate']:,.0f}", interval(f"{row['ci_low']:,.0f}", f"{row['ci_high']:,.0f}")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
