"""What a person sees of a backfill: the files and parts that it would touch, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.console import say
from flows.table import Column, draw
from reports.backfill_page import MOST_FILES, by_country, closing
from schemas.backfill import Plan

FILES = (Column("country"), Column("file", fold=True), Column("rows", number=True), Column("why", fold=True))
PARTS = (Column("country"), Column("methods and their published cells", fold=True))


def show(plan: Plan) -> None:
    """Print a plan: files and why each, parts, published cells, whether numbers are final, the time."""
    say(f"Backfill {plan.plan_id} of {plan.survey_id} ({plan.reference_period}), against {plan.base_release}\n")
    if plan.unchanged:
        say("Nothing to do: files, declaration and code are those of that release.\n")
        return
    say(f"Files to be read again: {len(plan.files)}, {sum(file.rows for file in plan.files):,} rows")
    files = [(f.country, f.uri, f"{f.rows:,}", ", ".join(f.reasons)) for f in plan.files[:MOST_FILES]]
    if files:
        draw(FILES, files)
    if len(plan.files) > MOST_FILES:
        say(f"{len(plan.files) - MOST_FILES:,} more: --json")
    say(f"\nParts to be computed again: {len(plan.parts)}, with {plan.cells:,} published cells")
    if plan.parts:
        draw(PARTS, by_country(plan.parts))
    if plan.kept:
        say(f"\nLeft as they are, though they would be read otherwise today: {', '.join(plan.kept)}")
    say("\n" + "\n".join(closing(plan)) + "\n")


def show_built(plan: Plan, told: Mapping[str, Any], failed: bool) -> None:
    """Print what a run came to, with the commands that come next. told: `candidate`, `counts` and `read`."""
    show(plan)
    if failed:
        return
    say(f"Files read: {told['read']}")
    if not told["candidate"]:
        say("No cell changes: the content is that of the release in force. No candidate was left.")
        return
    counts = ", ".join(f"{kind.replace('_', ' ')} {n:,}" for kind, n in told["counts"].items() if n) or "none"
    say(f"Cells that change: {counts}")
    say(f"Waits for approval: {told['candidate']}\n")
    say(f"./kinscale backfill diff {told['candidate']}", "Compare", 9)
    say(f"./kinscale backfill approve {told['candidate']} --by WHO --reason WHY", "Approve", 9)
