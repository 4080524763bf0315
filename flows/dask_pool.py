"""Workers of a Dask cluster, through Prefect's task runner: one that others keep, or one begun here for the night."""

from __future__ import annotations

import contextlib
import logging
import tempfile
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from schemas.batch import Lot
from schemas.declaration import Declaration
from schemas.errors import RunnerUnavailable, WorkerLost
from schemas.settings import Dask
from tasks import environment

if TYPE_CHECKING:
    from prefect_dask import DaskTaskRunner

    from flows.side_by_side import Pool
    from tasks.read_and_validate import Brought, Errand

SECONDS_TO_ANSWER = 30.0
"""For a scheduler that is asked for its workers, and for the first of them."""
SECONDS_WITHOUT_WORKERS = 60.0
"""How long the night waits for another worker when the last one has gone."""
_SECONDS_BETWEEN = 5.0


@contextlib.contextmanager
def begin(chosen: Dask) -> Iterator[Pool]:
    """Give the workers of the cluster that the settings name. Raises RunnerUnavailable when there are none.

    Raises EnvironmentUnsafe when Dask is another one than the locked.
    """
    try:
        import distributed
        from prefect_dask import DaskTaskRunner
    except ImportError as error:
        raise RunnerUnavailable(
            f"`runner: dask` is set, and Dask is not installed ({error.name} is missing).",
            next_step="Install it: ./kinscale install dask    Or take `runner` out of settings.yaml.",
        ) from None
    environment.check_extra("dask")
    logging.getLogger("distributed").setLevel(logging.ERROR)  # that workers come and go is no news of a night
    with contextlib.ExitStack() as stack:
        if chosen.address:
            runner = DaskTaskRunner(address=chosen.address, client_kwargs={"timeout": SECONDS_TO_ANSWER})
        else:
            here: dict[str, Any] = {"n_workers": chosen.workers, "threads_per_worker": 1, "processes": True}
            here |= {"host": "127.0.0.1", "dashboard_address": None, "silence_logs": "ERROR"}
            here["local_directory"] = stack.enter_context(tempfile.TemporaryDirectory(prefix="kinscale-dask-"))
            runner = DaskTaskRunner(cluster_class=distributed.LocalCluster, cluster_kwargs=here)
        stack.enter_context(runner)
        try:
            runner.client.wait_for_workers(1, timeout=SECONDS_TO_ANSWER)
            width = sum(runner.client.nthreads().values())
        except (OSError, TimeoutError) as error:
            raise _unavailable(chosen, f"does not answer, or has no worker ({type(error).__name__})") from error
        yield _Workers(runner, width, chosen)


def _unavailable(chosen: Dask, what: str) -> RunnerUnavailable:
    name = f"at {chosen.address} " if chosen.address else ""
    return RunnerUnavailable(
        f"the Dask cluster {name}{what}.",
        expected="a scheduler that answers, with one worker or more",
        next_step="Begin it, or correct `dask.address` in settings.yaml, and run again; what has landed stays.",
    )


class _Workers:
    """Workers to which lots are given as Prefect tasks."""

    def __init__(self, runner: DaskTaskRunner, width: int, chosen: Dask) -> None:
        from tasks import orchestrated
        from tasks.read_and_validate import read_and_validate

        self.width = max(width, 1)
        self._runner, self._chosen = runner, chosen
        self._task = orchestrated.step(read_and_validate)

    def submit(self, lot: Lot, declaration: Declaration, errand: Errand) -> Any:
        """Give a lot to a worker."""
        from prefect.client.orchestration import get_client
        from prefect.settings import PREFECT_API_URL, temporary_settings

        # a worker would start a server of its own where this process has an embedded one
        with temporary_settings({PREFECT_API_URL: str(get_client(sync_client=True).api_url)}):
            told = {"lot": lot, "declaration": declaration, "errand": errand}
            return lot, self._runner.submit(self._task, told)

    def result(self, ticket: Any) -> Brought | None:
        """Wait for a lot as long as there are workers."""
        from distributed import wait

        lot, future = ticket
        waited, seen = future.wrapped_future, time.monotonic()
        while not waited.done():
            with contextlib.suppress(TimeoutError), self._runner.client.as_current():
                wait([waited], timeout=_SECONDS_BETWEEN)
            if self._runner.client.nthreads():
                seen = time.monotonic()
            elif time.monotonic() - seen > SECONDS_WITHOUT_WORKERS:
                raise _unavailable(self._chosen, "has lost its last worker")
        if waited.status == "finished":
            found: Brought | None = future.result()  # or what reading raised
            return found
        if waited.status == "error":
            raise lost(lot, waited.exception())
        raise _unavailable(self._chosen, f"gave a task up ({waited.status})")

    def cancel(self, ticket: Any) -> None:
        """Give a lot up."""
        ticket[1].wrapped_future.cancel()


def lost(lot: Lot, error: BaseException) -> BaseException:
    """Return what it means that a task did not even fail."""
    from distributed import KilledWorker

    if not isinstance(error, KilledWorker):
        return error
    return WorkerLost(
        "worker after worker ended while it was read.",
        file=lot.files[0].name,
        expected="a worker that lives to the end of the file",
        next_step="Nothing of it was landed, and the next night tries it again. Look into the workers' log: was it "
        "memory? Give them more, or divide the file.",
    )
