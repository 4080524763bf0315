"""The flow `backfill`: plan, or carry out, a backfill under Prefect, with the parameters of the command line."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Literal

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows import dask_pool, shadow
from flows.night import NightIncomplete
from flows.steps import Steps, names
from reports import backfill_page
from schemas.backfill import Plan, Request
from tasks import backfill_plan, orchestrated
from warehouse.home import Home


def steps(plan: Plan) -> Steps:
    """Return the steps of a backfill, each wrapped as a task."""
    plain = shadow.steps(plan)
    return Steps(**{name: orchestrated.step(getattr(plain, name)) for name in names()}, pool=dask_pool.begin)


@flow(name="backfill", flow_run_name="backfill {action}", persist_result=False, validate_parameters=True)
def backfill(
    action: Literal["plan", "run"] = "run",
    survey: list[str] | None = None,
    country: list[str] | None = None,
    period_from: str | None = None,
    period_to: str | None = None,
    load: list[str] | None = None,
    method: list[str] | None = None,
    code_version: str | None = None,
    reason: str | None = None,
    home: str | None = None,
) -> list[dict[str, Any]]:
    """Plan a backfill, or carry it out and leave a candidate that waits for `./kinscale backfill approve`.

    action: `plan` reads only.  home: data folder, else `KINSCALE_HOME`, else `data/`.  The other parameters are the
    options of `./kinscale backfill run`. Leaves an artifact `backfill-<plan>` for each survey.
    Raises NightIncomplete, after every survey had its turn, when a file or a gate was refused.
    """
    lists = {"survey": survey, "country": country, "load": load, "method": method}
    named = {name: tuple(given or ()) for name, given in lists.items()}
    request = Request(**named, period_from=period_from, period_to=period_to, code_version=code_version, reason=reason)
    folder = Home.find(Path(home) if home else None)
    if action == "plan":
        plans = backfill_plan.plans(request, folder)
        for plan in plans:
            _show(plan, backfill_page.plan_text(plan))
        return [plan.as_record() for plan in plans]
    found = shadow.run(request, folder, logging.getLogger("kinscale").info, steps)
    told = [shadow.told(plan, outcome, folder) for plan, outcome in found]
    for (plan, _), row in zip(found, told, strict=True):
        _show(plan, backfill_page.built_text(plan, row))
    if any(outcome.errors for _, outcome in found):
        raise NightIncomplete([outcome for _, outcome in found])
    return told


def _show(plan: Plan, text: str) -> None:
    create_markdown_artifact(text, key=f"backfill-{plan.plan_id}", description=f"backfill of {plan.survey_id}")
