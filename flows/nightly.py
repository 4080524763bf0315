"""The nightly flow: every declared survey, or one, through the steps of `night` as Prefect tasks."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import flow

from flows.night import NightIncomplete, Outcome, Say, Steps, night
from schemas import declaration as declarations
from tasks import orchestrated
from warehouse.home import Home


def steps() -> Steps:
    """Return the steps as Prefect tasks."""
    return Steps(
        look=orchestrated.look_task,
        pull=orchestrated.pull_task,
        read=orchestrated.read_task,
        validate=orchestrated.validate_task,
        land=orchestrated.land_task,
        refuse=orchestrated.refuse_task,
        aggregate=orchestrated.aggregate_task,
        estimate=orchestrated.estimate_task,
        assemble=orchestrated.assemble_task,
        explain=orchestrated.explain_task,
        gate=orchestrated.gate_task,
        release=orchestrated.release_task,
    )


@flow(name="nightly", flow_run_name="nightly {survey}", persist_result=False, validate_parameters=True)
def nightly(survey: str | None = None, home: str | None = None) -> list[Outcome]:
    """Take in what is new, estimate and publish.

    survey: id of one survey, or all that are declared.  home: data folder, else `KINSCALE_HOME`, else `data/`.
    Raises NightIncomplete, after every survey had its turn, when a file or a gate was refused.
    """
    say: Say = logging.getLogger("kinscale").info
    folder = Home.find(Path(home) if home else None)
    chosen = [survey] if survey else declarations.names()
    outcomes = [night(declarations.load(name), folder, steps, say, first=orchestrated.look_task) for name in chosen]
    for outcome in outcomes:
        if outcome.errors:
            raise NightIncomplete(outcome)
    return outcomes
