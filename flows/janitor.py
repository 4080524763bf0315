"""What a kill leaves in a Prefect server: runs without a process, slots without a run, missed nights.

A deployment that runs one at a time and cancels what comes second would cancel every later night for the sake of a run
that nobody runs any more, and nothing else mends that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from flows import offspring
from flows.deployments import POOL
from flows.prefect_api import Api

UNFINISHED = ("PENDING", "RUNNING", "CANCELLING")
YOUNG_SECONDS = 60.0
"""A run younger than this may have no process yet: the worker says Pending before it starts one."""


def other_workers(api: Api, mine: str) -> list[str]:
    """Name the workers of the pool that are alive and not this machine's: their processes cannot be seen from here."""
    workers = api.every(f"work_pools/{POOL}/workers/filter")
    return [worker["name"] for worker in workers if worker["name"] != mine and worker["status"] == "ONLINE"]


def mend(api: Api, mine: str, younger_than: float = YOUNG_SECONDS) -> list[str]:
    """Settle runs whose process is gone and free slots that no run holds; return what was done, in sentences.

    younger_than: seconds within which a run is left alone; 0 when no worker of ours is running.
    """
    deployments = _deployments(api)
    if others := other_workers(api, mine):
        return [f"unfinished runs are left alone: they may be of {', '.join(others)}"] if not younger_than else []
    return [*_settle(api, deployments, younger_than), *_free_slots(api, deployments)]


def drop_missed(api: Api, now: datetime | None = None) -> list[str]:
    """Keep the newest missed run of each deployment and cancel those before it: one night makes up for all."""
    said = []
    moment = now or datetime.now(UTC)
    for deployment, runs in _by_deployment(api, ("SCHEDULED",)):
        missed = sorted((run for run in runs if run["auto_scheduled"] and _due(run) < moment), key=_due)
        for run in missed[:-1]:
            _set_state(api, run, "CANCELLED", "Nothing was serving at that time; a later run makes up for it.")
        if len(missed) > 1:
            said.append(
                f"{deployment['name']}: {len(missed) - 1} missed runs are cancelled, the newest one is made up for"
            )
    return said


def _settle(api: Api, deployments: Mapping[str, Any], younger_than: float) -> Iterator[str]:
    alive = offspring.flow_runs()
    for deployment, runs in _by_deployment(api, UNFINISHED, deployments):
        for run in runs:
            age = (datetime.now(UTC) - datetime.fromisoformat(run["state"]["timestamp"])).total_seconds()
            if run["id"] in alive or age < younger_than:
                continue
            state = "CANCELLED" if run["state_type"] == "CANCELLING" else "CRASHED"
            _set_state(api, run, state, "Its process is gone, and it did not say how it ended.")
            was = f"run {run['name']} was {run['state_name']} without a process"
            yield f"{deployment['name']}: {was}; now {state.title()}"


def _free_slots(api: Api, deployments: Mapping[str, Any]) -> Iterator[str]:
    """Lower a deployment's count of slots in use to the number of its unfinished runs."""
    unfinished = {deployment["id"]: len(runs) for deployment, runs in _by_deployment(api, UNFINISHED, deployments)}
    for key, deployment in deployments.items():
        limit = deployment.get("global_concurrency_limit")
        if not limit:
            continue
        used = api.get(f"v2/concurrency_limits/{limit['id']}")["active_slots"]
        if used > unfinished.get(key, 0):
            api.patch(f"v2/concurrency_limits/{limit['id']}", active_slots=unfinished.get(key, 0))
            yield f"{deployment['name']}: {used} slots were taken by {unfinished.get(key, 0)} runs; the rest is free"


def _deployments(api: Api) -> dict[str, Any]:
    rows = api.every("deployments/filter", work_pools={"name": {"any_": [POOL]}})
    return {row["id"]: row for row in rows}


def _by_deployment(
    api: Api, states: Iterable[str], deployments: Mapping[str, Any] | None = None
) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    known = _deployments(api) if deployments is None else deployments
    if not known:
        return
    where = {"state": {"type": {"any_": list(states)}}, "deployment_id": {"any_": list(known)}}
    runs = api.every("flow_runs/filter", flow_runs=where, sort="ID_DESC")
    for key, deployment in known.items():
        if found := [run for run in runs if run["deployment_id"] == key]:
            yield deployment, found


def _due(run: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(run["expected_start_time"])


def _set_state(api: Api, run: Mapping[str, Any], kind: str, message: str) -> None:
    state = {"type": kind, "name": kind.title(), "message": message}
    api.post(f"flow_runs/{run['id']}/set_state", state=state, force=True)
