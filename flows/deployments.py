"""What Prefect is given to run: the pool, its queues, and the deployments that `prefect.yaml` declares."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.read_yaml import read_yaml
from warehouse.home import CHECKOUT

FILE = CHECKOUT / "prefect.yaml"
POOL = "kinscale"
POOL_TYPE = "process"
QUEUES = {"urgent": 1, "nightly": 2, "backfill": 3}
"""Queue and priority: the worker takes from 1 first, so that a correction never waits behind a long backfill."""


@dataclass(frozen=True)
class Deployment:
    """A deployment as declared. Flow and deployment have the same name: `nightly/nightly`."""

    name: str
    entrypoint: str
    queue: str
    schedules: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """The name that Prefect's commands take."""
        return f"{self.name}/{self.name}"


def declared() -> list[Deployment]:
    """Read `prefect.yaml`, in its order; schedules are named by their slugs."""
    content = read_yaml(FILE)
    return [
        Deployment(
            item["name"],
            item["entrypoint"],
            item["work_pool"]["work_queue_name"],
            tuple(schedule["slug"] for schedule in item.get("schedules") or ()),
        )
        for item in content["deployments"]
    ]
