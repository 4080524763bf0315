"""The steps as Prefect tasks: thin wrappers that add names, retries of what can heal, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from schemas.errors import KinscaleError
from tasks import aggregate, assemble, estimate, gate, land, pull, read, release, sensitivity, validate

RETRIES = 3
SECONDS_BETWEEN = [2.0, 10.0, 30.0]


def can_heal(_: Task[..., Any], __: TaskRun, state: State[Any]) -> bool:
    """Retry only what another try may cure: an unreachable source, never a file that does not validate."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, KinscaleError) and error.retryable


def step(function: Callable[..., Any], run_name: str) -> Task[..., Any]:
    """Wrap one step. Results stay in memory: the warehouse and the release folder are the record."""
    return task(
        name=function.__name__,
        task_run_name=run_name,
        retries=RETRIES,
        retry_delay_seconds=SECONDS_BETWEEN,
        retry_jitter_factor=0.5,
        retry_condition_fn=can_heal,
        cache_policy=NO_CACHE,
        persist_result=False,
        log_prints=False,
    )(function)


look_task = step(pull.look, "look {declaration.id}")
pull_task = step(pull.pull, "pull {declaration.id}")
read_task = step(read.read, "read {file.name}")
validate_task = step(validate.validate, "validate {file.name}")
land_task = step(land.land, "land {batch.file.name}")
refuse_task = step(land.refuse, "refuse {file.name}")
aggregate_task = step(aggregate.aggregate, "aggregate {declaration.id}")
estimate_task = step(estimate.estimate, "estimate {declaration.id}")
assemble_task = step(assemble.assemble, "assemble {release_id}")
explain_task = step(sensitivity.explain, "explain {release_id}")
gate_task = step(gate.gate, "gate {release_id}")
release_task = step(release.release, "release {release_id}")
