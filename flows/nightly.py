"""The nightly flow: every declared survey, or one, through the steps of `night` as Prefect tasks."""

from __future__ import annotations

import logging
from pathlib import Path

from prefect import flow
from prefect.logging.handlers import APILogHandler
from prefect.runtime import flow_run

from flows import artifacts, dask_pool, direct
from flows.after_night import accompany
from flows.night import NightIncomplete, Outcome, night
from flows.steps import Step, Steps, names
from schemas import declaration as declarations
from schemas.errors import KinscaleError
from schemas.reason import Reason, ReasonCode
from tasks import orchestrated, pull
from warehouse.home import Home


def steps() -> Steps:
    """Return the same steps as a night without Prefect, each wrapped as a task."""
    plain = direct.steps()
    return Steps(**{name: orchestrated.step(getattr(plain, name)) for name in names()}, pool=dask_pool.begin)


def _run_name() -> str:
    return f"nightly {flow_run.parameters.get('survey') or 'of all surveys'}"


@flow(name="nightly", flow_run_name=_run_name, persist_result=False, validate_parameters=True)
def nightly(
    survey: str | None = None,
    home: str | None = None,
    reason: str | None = None,
    reason_code: ReasonCode | None = None,
) -> list[Outcome]:
    """Take in what is new, estimate and publish.

    survey: id of one survey, or all that are declared.  home: data folder, else `KINSCALE_HOME`, else `data/`.
    reason, reason_code: why numbers change this night, where the gate asks for it.
    Raises NightIncomplete, after every survey had its turn, when a file or a gate was refused.
    """
    send_progress_to_the_server()
    folder = Home.find(Path(home) if home else None)
    chosen = [survey] if survey else declarations.names()
    first = orchestrated.step(pull.look)
    why = Reason(reason, reason_code) if reason else None
    outcomes = [one(name, folder, first, why) for name in chosen]
    if any(outcome.exit_code for outcome in outcomes):  # what is left for the next night is no failure
        raise NightIncomplete(outcomes)
    return outcomes


def one(name: str, folder: Home, first: Step, reason: Reason | None = None) -> Outcome:
    """Give one survey its turn; what stops it is an outcome, so that the next survey has its turn as well."""
    try:
        return accompany(
            name,
            folder,
            lambda say: night(declarations.load(name), folder, steps, say, first, reason),
            artifacts.publish,
        )
    except KinscaleError as error:
        return Outcome(name, news=True, errors=(error,))


def send_progress_to_the_server() -> None:
    """Let the lines of progress reach the run's log.

    Prefect's setting of extra loggers is read where the worker was started, and lets warnings through only.
    """
    logger = logging.getLogger("kinscale")
    if logger.getEffectiveLevel() > logging.INFO:
        logger.setLevel(logging.INFO)
    if not any(isinstance(handler, APILogHandler) for handler in logger.handlers):
        logger.addHandler(APILogHandler())
