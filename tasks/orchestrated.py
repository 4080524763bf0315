"""A step as a Prefect task: a thin wrapper that adds a name, retries of what can heal, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from schemas.errors import KinscaleError

RETRIES = 3
SECONDS_BETWEEN = [2.0, 10.0, 30.0]
RUN_NAMES = {
    "look": "look {declaration.id}",
    "pull": "pull {declaration.id}",
    "read": "read {lot.name}",
    "validate": "validate {lot.name}",
    "read_and_validate": "read and validate {lot.name}",
    "land": "land {lot.name}",
    "refuse": "refuse {lot.name}",
    "aggregate": "aggregate {declaration.id}",
    "fieldwork": "fieldwork {declaration.id}",
    "gather": "gather {declaration.id}",
    "tabulate": "tabulate {release_id}",
    "hide_records": "hide {release_id}",
    "estimate": "estimate {declaration.id}",
    "assemble": "assemble {release_id}",
    "explain": "explain {release_id}",
    "expect": "expect {declaration.id}",
    "gate": "gate {release_id}",
    "disclose": "disclose {release_id}",
    "release": "release {release_id}",
    "propose": "propose {release_id}",
}


def can_heal(_: Task[..., Any], __: TaskRun, state: State[Any]) -> bool:
    """Retry only what another try may cure: an unreachable source, never a file that does not validate."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, KinscaleError) and error.retryable


def step(function: Callable[..., Any]) -> Task[..., Any]:
    """Wrap one step. Results stay in memory: the warehouse and the release folder are the record."""
    return task(
        name=function.__name__,
        task_run_name=RUN_NAMES[function.__name__],
        retries=RETRIES,
        retry_delay_seconds=SECONDS_BETWEEN,
        retry_jitter_factor=0.5,
        retry_condition_fn=can_heal,
        cache_policy=NO_CACHE,
        persist_result=False,
        log_prints=False,
    )(function)
