"""Nights that read on a real Dask cluster of two workers leave what a night of one process leaves.

Expected is always that night, on a data folder of its own. One scheduler and two workers, which are processes and
listen on loopback, serve all tests; one night goes through Prefect and begins workers of its own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows import dask_pool, direct
from flows.night import Outcome
from samples.synthetic import deliveries
from schemas import batch, declaration
from schemas.batch import Lot
from schemas.declaration import Declaration
from schemas.errors import RunnerUnavailable
from schemas.settings import Dask, Spark
from tasks import read_and_validate
from tasks.read_and_validate import Brought, Errand
from tests import small_survey
from tests.aside_pool import use
from tests.integration import prefect_server
from tests.integration.command_line import environment
from tests.integration.test_side_by_side import STORES, bad, contents, mended, sha, slip, split, told, twice
from warehouse.home import CHECKOUT, Home

BUNDLED = "central_asia_2009"
distributed = pytest.importorskip("distributed", reason="Dask is an extra: ./kinscale install dask")
pytest.importorskip("prefect_dask", reason="Dask is an extra: ./kinscale install dask")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.scale,
    pytest.mark.filterwarnings("default"),  # those of Dask and of the processes that it begins
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("dask")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs="CRITICAL",
        local_directory=str(folder),
    ) as started:
        yield started


class Workers:
    """The workers of a cluster without Prefect: what `dask_pool` does, so that a test needs no server."""

    width = 2

    def __init__(self, cluster: Any) -> None:
        self.cluster = cluster
        self.lots: list[str] = []

    @contextlib.contextmanager
    def begin(self, _: Dask) -> Iterator[Workers]:
        with distributed.Client(self.cluster, set_as_default=False) as self.client:
            yield self

    def submit(self, lot: Lot, declaration: Declaration, errand: Errand) -> Any:
        self.lots.append(lot.name)
        work = read_and_validate.read_and_validate
        return lot, self.client.submit(work, lot, declaration, errand, pure=False)

    def result(self, ticket: Any) -> Brought | None:
        lot, future = ticket
        error = future.exception()
        if error is not None:
            raise dask_pool.lost(lot, error)
        found: Brought | None = future.result()
        return found

    def cancel(self, ticket: Any) -> None:
        ticket[1].cancel()


def night(home: Home, survey: str = small_survey.ID) -> Outcome:
    return direct.run(declaration.load(survey), home, lambda _: None)


def same(found: tuple[Outcome, Home], expected: tuple[Outcome, Home]) -> None:
    assert sha(found[0]) == sha(expected[0])
    assert [told(error) for error in found[0].errors] == [told(error) for error in expected[0].errors]
    left = contents(found[1])
    for name, rows in contents(expected[1]).items():
        assert left[name] == rows, name


@pytest.mark.parametrize("store", STORES)
def test_bad_files_duplicates_and_new_versions(
    survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: Any, store: dict[str, str]
) -> None:
    monkeypatch.setattr(batch, "FILES_OF_LOT", 2)
    split(survey)
    bad(survey)
    plain, aside = Home(tmp_path / "plain"), Home(tmp_path / "aside")
    plain.root.mkdir()
    (plain.root / "settings.yaml").write_text(yaml.safe_dump(store))
    workers = Workers(cluster)
    for changes in ([slip], [mended, twice]):
        for change in changes:
            change(survey)
        expected = night(plain)
        with monkeypatch.context() as inner:
            use(workers, aside, inner, **store)
            same((night(aside), aside), (expected, plain))
    assert len(workers.lots) > 8


def test_three_hundred_small_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: Any) -> None:
    deliveries.write(tmp_path / "surveys", 300)
    monkeypatch.setenv("KINSCALE_SURVEYS", str(tmp_path / "surveys"))
    plain, aside, workers = Home(tmp_path / "plain"), Home(tmp_path / "aside"), Workers(cluster)
    expected = night(plain, deliveries.ID)
    use(workers, aside, monkeypatch)
    same((night(aside, deliveries.ID), aside), (expected, plain))
    assert len(workers.lots) == 5  # a country is a source, and of fewer than 200 files


def test_a_worker_that_is_killed_leaves_no_trace(
    survey: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: Any
) -> None:
    """The survey's rows come ten thousand times over, so that there is time to end a worker in the midst of them."""
    monkeypatch.setattr(batch, "BYTES_OF_LOT", 1 << 20)
    declared: dict[str, Any] = small_survey.declaration()
    for source in declared["sources"]:
        country = source["country"]
        rows = small_survey.interviews(country)
        (survey / "raw" / f"{country}.csv").unlink()
        for number in range(4):
            many = [
                {**row, "questionnaire_id": f"{country}-{number}-{copy}-{place}"}
                for copy in range(500)
                for place, row in enumerate(rows)
            ]
            small_survey.write_rows(survey / "raw" / f"{country}_{number}.csv", many)
        source["path"] = f"raw/{country}_*.csv"
    (survey / "survey.yaml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    plain, aside, workers = Home(tmp_path / "plain"), Home(tmp_path / "aside"), Workers(cluster)
    expected = night(plain)
    use(workers, aside, monkeypatch)
    ended: list[int] = []

    def end_one() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not ended:
            with contextlib.suppress(Exception), distributed.Client(cluster, set_as_default=False) as client:
                busy = [name for name, keys in client.processing().items() if keys]
                if busy:
                    pid = client.run(os.getpid, workers=busy[:1])[busy[0]]
                    os.kill(pid, signal.SIGKILL)
                    ended.append(pid)
            time.sleep(0.05)

    killer = threading.Thread(target=end_one)
    killer.start()
    found = night(aside)
    killer.join()
    assert len(ended) == 1
    same((found, aside), (expected, plain))
    assert len(found.landed) == 8


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_pool, "SECONDS_TO_ANSWER", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(RunnerUnavailable, match="does not answer"), dask_pool.begin(Dask(address=address)):
        pass


def test_the_bundled_survey_on_dask_and_spark_under_prefect(spark: Spark, tmp_path: Path) -> None:
    """As `./kinscale run` does it: Dask's workers and Spark's are begun for the night, and end with it."""
    plain, aside = Home(tmp_path / "plain"), Home(tmp_path / "aside")
    expected = night(plain, BUNDLED)
    aside.root.mkdir()
    chosen = {"runner": "dask", "engine": "spark", "spark": {"master": spark.master, "config": dict(spark.config)}}
    (aside.root / "settings.yaml").write_text(yaml.safe_dump(chosen))
    with prefect_server.running(tmp_path / "prefect") as server:
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli", "run", "--survey", BUNDLED],
            cwd=CHECKOUT,
            env=environment(**server.settings, KINSCALE_HOME=str(aside.root)),
            capture_output=True,
            text=True,
            timeout=480,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        (run,) = server.flow_runs()
        names = [task["name"] for task in server.task_runs(run, 15)]
    files = ("KG_2009.csv", "KZ_2009.xlsx", "TJ_2009.csv", "TM_2009.dta", "UZ_2009.sav")
    assert sorted(name for name in names if name.startswith("read")) == [f"read and validate {file}" for file in files]
    (release,) = [path for path in aside.releases.iterdir() if path.is_dir() and not path.is_symlink()]
    assert expected.release is not None
    assert yaml.safe_load((release / "manifest.json").read_text())["content_sha256"] == sha(expected)
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(aside.root) not in left
