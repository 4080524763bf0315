"""A backfill in words: what a plan would touch and what became of it, as Markdown that a terminal shows as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from schemas.backfill import Part, Plan

MOST_FILES = 50


def plan_text(plan: Plan) -> str:
    """Describe a plan: files and why each, parts, published cells, whether numbers are final, the time."""
    lines = [f"Backfill {plan.plan_id} of {plan.survey_id} ({plan.reference_period}), against {plan.base_release}", ""]
    if plan.unchanged:
        return "\n".join([*lines, "Nothing to do: files, declaration and code are those of that release.", ""])
    lines += [f"Files to be read again: {len(plan.files)}, {sum(file.rows for file in plan.files):,} rows", ""]
    lines += [f"- {f.country}  {f.uri}  {f.rows:,} rows: {', '.join(f.reasons)}" for f in plan.files[:MOST_FILES]]
    if len(plan.files) > MOST_FILES:
        lines.append(f"- {len(plan.files) - MOST_FILES:,} more")
    lines += ["", f"Parts to be computed again: {len(plan.parts)}, with {plan.cells:,} published cells", ""]
    lines += [f"- {country}  {methods}" for country, methods in by_country(plan.parts)]
    if plan.kept:
        lines += ["", f"Left as they are, though they would be read otherwise today: {', '.join(plan.kept)}"]
    lines += ["", *closing(plan), ""]
    return "\n".join(lines)


def by_country(parts: Sequence[Part]) -> list[tuple[str, str]]:
    """Name each country with its methods and their cells."""
    ordered = sorted(parts, key=lambda part: (part.country is None, part.country or "", part.method))
    grouped = groupby(ordered, key=lambda part: part.country)
    return [
        (country or "all together", ", ".join(f"{part.method} {part.cells:,}" for part in own))
        for country, own in grouped
    ]


def built_text(plan: Plan, outcome: Mapping[str, Any]) -> str:
    """Describe what a run came to. outcome: `candidate` or None, `counts` of changed cells, `read` files, `errors`."""
    lines = [plan_text(plan), f"Files read: {outcome['read']}"]
    if outcome["candidate"]:
        counts = ", ".join(f"{kind.replace('_', ' ')} {n:,}" for kind, n in outcome["counts"].items() if n) or "none"
        lines += [f"Cells that change: {counts}", f"Waits for approval: {outcome['candidate']}"]
    elif not outcome["errors"]:
        lines.append("No cell changes: the content is that of the release in force. No candidate was left.")
    lines += [f"- {error}" for error in outcome["errors"]]
    return "\n".join(lines) + "\n"


def closing(plan: Plan) -> list[str]:
    """Say whether the numbers are final, and how long it takes."""
    return [_final(plan), f"Estimated time: {_time(plan)}"]


def _final(plan: Plan) -> str:
    if plan.final_since is None:
        return "Numbers are provisional."
    return f"Numbers are final since {plan.final_since}: " + (
        "needs --reason." if plan.needs_reason else f"reason given: {plan.request.reason}"
    )


def _time(plan: Plan) -> str:
    return plan.basis if plan.seconds is None else f"about {plan.seconds:,.1f} s ({plan.basis})"
