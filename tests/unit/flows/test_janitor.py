"""What is mended in a server after a kill, against a server that answers from memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from flows import janitor, offspring
from flows.prefect_api import Api


class Remembered:
    """Deployments, runs, workers and one limit; it remembers what it was told."""

    def __init__(self, runs: list[dict[str, Any]], slots: int = 0, workers: list[dict[str, Any]] | None = None) -> None:
        self.rows = {
            "deployments/filter": [{"id": "d", "name": "nightly", "global_concurrency_limit": {"id": "limit"}}],
            "flow_runs/filter": runs,
            "work_pools/kinscale/workers/filter": workers or [],
        }
        self.slots = slots

    @property
    def api(self) -> Api:
        return cast(Api, self)

    def every(self, path: str, **body: Any) -> list[dict[str, Any]]:
        wanted = body.get("flow_runs", {}).get("state", {}).get("type", {}).get("any_")
        return [row for row in self.rows[path] if not wanted or row["state_type"] in wanted]

    def get(self, path: str) -> Any:
        assert path == "v2/concurrency_limits/limit"
        return {"active_slots": self.slots}

    def patch(self, path: str, active_slots: int) -> None:
        assert path == "v2/concurrency_limits/limit"
        self.slots = active_slots

    def post(self, path: str, state: dict[str, str], force: bool) -> None:
        assert force
        kind, run, verb = path.split("/")
        assert (kind, verb) == ("flow_runs", "set_state")
        next(row for row in self.rows["flow_runs/filter"] if row["id"] == run)["state_type"] = state["type"]

    def states(self) -> dict[str, str]:
        return {row["id"]: row["state_type"] for row in self.rows["flow_runs/filter"]}


def run(name: str, state: str, age: float = 3600.0, auto: bool = True) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "deployment_id": "d",
        "state_type": state,
        "state_name": state.title(),
        "state": {"timestamp": (datetime.now(UTC) - timedelta(seconds=age)).isoformat()},
        "auto_scheduled": auto,
        "expected_start_time": (datetime.now(UTC) - timedelta(seconds=age)).isoformat(),
    }


@pytest.fixture(autouse=True)
def one_living_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offspring, "flow_runs", lambda: {"alive"})


def test_a_run_without_a_process_is_settled_and_its_slot_is_free() -> None:
    server = Remembered([run("lost", "RUNNING"), run("stopping", "CANCELLING"), run("alive", "RUNNING")], slots=2)
    said = janitor.mend(server.api, "kinscale-here")
    assert server.states() == {"lost": "CRASHED", "stopping": "CANCELLED", "alive": "RUNNING"}
    assert server.slots == 1  # of the one that is alive
    assert len(said) == 3


def test_a_slot_that_no_run_holds_is_freed() -> None:
    server = Remembered([run("done", "COMPLETED")], slots=1)
    assert janitor.mend(server.api, "kinscale-here") == ["nightly: 1 slots were taken by 0 runs; the rest is free"]
    assert server.slots == 0


def test_a_young_run_may_have_no_process_yet() -> None:
    server = Remembered([run("young", "PENDING", age=5)], slots=1)
    assert janitor.mend(server.api, "kinscale-here") == []
    assert server.states() == {"young": "PENDING"}
    janitor.mend(server.api, "kinscale-here", younger_than=0.0)  # no worker of ours runs: nobody will start it
    assert server.states() == {"young": "CRASHED"}


def test_what_may_be_of_another_machine_is_left_alone() -> None:
    workers = [{"name": "kinscale-there", "status": "ONLINE"}, {"name": "kinscale-here", "status": "ONLINE"}]
    server = Remembered([run("theirs", "RUNNING")], slots=1, workers=workers)
    assert janitor.mend(server.api, "kinscale-here", 0.0) == [
        "unfinished runs are left alone: they may be of kinscale-there"
    ]
    assert (server.states(), server.slots) == ({"theirs": "RUNNING"}, 1)


def test_of_missed_nights_the_newest_is_made_up_for() -> None:
    days = [run(f"night-{n}", "SCHEDULED", age=n * 86_400.0) for n in (1, 3, 2)]
    asked = run("asked for by hand", "SCHEDULED", age=5 * 86_400.0, auto=False)
    coming = run("coming", "SCHEDULED", age=-3600.0)
    server = Remembered([*days, asked, coming])
    said = janitor.drop_missed(server.api)
    assert said == ["nightly: 2 missed runs are cancelled, the newest one is made up for"]
    waiting = {name for name, state in server.states().items() if state == "SCHEDULED"}
    assert waiting == {"night-1", "asked for by hand", "coming"}
