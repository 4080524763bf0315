"""What a person sees of `./kinscale lists`: one row per model and kind of limits, and what to beware of."""

from __future__ import annotations

from typing import Any

import pandas as pd
from rich.markup import escape
from rich.table import Table

from flows.terminal import out
from schemas.shown_name import shown_text
from tasks.lists import ListEstimates

SPARSE = 5
"""Fewer people than this on both of two lists make their interaction, and the answer, unsteady."""
REFUSED = {
    "no_maximum": "no estimate exists: the likelihood has no maximum",
    "not_identifiable": "no estimate exists: the overlaps cannot tell the model's parameters apart",
}


def show(found: ListEstimates) -> None:
    """Print the set of models. No single row is the answer."""
    out.print(
        f"{found.observed:,} people on {len(found.lists)} lists: {shown_text(', '.join(found.lists))}", markup=False
    )
    table = Table(title="\nAll victims, listed or not", title_justify="left", box=None, pad_edge=False)
    for name in ("model", "limits by", "estimate", "limits", "interactions"):
        right = name in ("estimate", "limits")
        table.add_column(name, justify="right" if right else "left", no_wrap=name != "interactions", overflow="fold")
    for row in found.models.to_dict("records"):
        table.add_row(row["model"], row["limits"], *_numbers(row), escape(shown_text(_text(row["interactions"]))))
    out.print(table)
    for line in warnings(found):
        out.print(shown_text(line), markup=False)


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
    return f"{row['estimate']:,.0f}", f"{row['ci_low']:,.0f} – {row['ci_high']:,.0f}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
