"""`serve`: from nothing to a release by Prefect's own command line and API; stopped, killed, started again."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from flows import deployments, offspring
from tests import small_survey
from tests.integration.served import Served, free_port
from warehouse.home import CHECKOUT

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.skipif(not offspring.PROC.joinpath("self/environ").exists(), reason="no /proc on this system"),
]

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service over the small survey; the tests of this module follow one another, as the days of a service do."""
    folder = tmp_path_factory.mktemp("served")
    small_survey.write(folder / "surveys")
    service = Served(folder)
    try:
        service.start()
        yield service
    finally:
        service.stop()


@pytest.fixture
def silent_source(served: Served) -> Iterator[None]:
    """A third source whose server takes the connection and never says a word: the night waits for it."""
    path = served.folder / "surveys" / small_survey.ID / "survey.yaml"
    before = path.read_text(encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        declaration = yaml.safe_load(before)
        source = {**declaration["sources"][0], "path": f"ftp://127.0.0.1:{server.getsockname()[1]}/KZ_late.csv"}
        declaration["sources"].append(source)
        path.write_text(yaml.safe_dump(declaration, allow_unicode=True), encoding="utf-8")
        yield
    path.write_text(before, encoding="utf-8")


def test_it_says_what_runs_where_and_when(served: Served) -> None:
    printed = "\n".join(served.printed)
    assert served.api.address in printed
    assert str(served.home.root / "prefect" / "prefect.db") in printed
    for name in ("nightly/nightly", "backfill/backfill", "verify/verify", "maintenance/maintenance"):
        assert name in printed
    assert "30 1 * * * Asia/Almaty, next " in printed
    queues = served.api.every(f"work_pools/{deployments.POOL}/queues/filter")
    nightly = served.deployment("nightly")
    assert nightly["global_concurrency_limit"]["limit"] == 1
    directory = nightly["pull_steps"][0]["prefect.deployments.steps.set_working_directory"]["directory"]
    assert directory == str(CHECKOUT)
    order = [queue["name"] for queue in sorted(queues, key=lambda queue: queue["priority"])]
    assert [name for name in order if name != "default"] == ["urgent", "nightly", "backfill"]


def test_a_deployment_run_by_prefects_own_command_line_ends_in_a_release(served: Served) -> None:
    done = served.prefect("deployment", "run", "nightly/nightly", "--watch")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'Completed'" in done.stdout
    assert served.home.latest.resolve().name == "small_survey-2009-r1"


def test_an_urgent_run_by_the_api_finds_nothing_new(served: Served) -> None:
    run = served.ended(served.run("nightly", work_queue_name="urgent", parameters={"survey": small_survey.ID}))
    assert (run["state_name"], run["work_queue_name"]) == ("Completed", "urgent")
    assert [path.name for path in served.home.releases.glob("*-r*")] == ["small_survey-2009-r1"]


@pytest.mark.usefixtures("silent_source")
def test_a_second_nightly_is_cancelled_and_a_power_failure_costs_no_later_night(served: Served) -> None:
    first = served.run("nightly")
    served.until(first, "Running")
    second = served.ended(served.run("nightly"))
    assert (second["state_name"], second["infrastructure_pid"]) == ("Cancelled", None)  # it had no process
    assert "concurrency limit" in second["state"]["message"]
    schedule = served.deployment("nightly")["schedules"][0]
    served.api.patch(f"deployments/{second['deployment_id']}/schedules/{schedule['id']}", active=False)
    served.lose_power()
    assert served.started() == []


def test_after_a_power_failure_the_lost_run_is_settled_and_the_next_one_runs(served: Served) -> None:
    served.start()
    assert "was Running without a process; now Crashed" in served.said
    runs = served.api.every("flow_runs/filter")
    ended = Counter(run["state_name"] for run in runs if run["state_type"] != "SCHEDULED")
    assert ended == {"Completed": 2, "Cancelled": 1, "Crashed": 1}
    nightly = served.deployment("nightly")
    assert [(s["slug"], s["active"]) for s in nightly["schedules"]] == [("nightly", False)]  # paused by the test before
    assert "schedule nightly stays paused" in served.said
    assert served.ended(served.run("nightly"))["state_name"] == "Completed"


def test_the_other_deployments_run(served: Served) -> None:
    """Queued together; what they find is asked of their artifacts."""
    runs = [served.run("maintenance"), served.run("verify", parameters={"chain_only": True})]
    assert [served.ended(run)["state_name"] for run in runs] == ["Completed", "Completed"]
    artifacts = {row["key"]: row["data"] for row in served.api.every("artifacts/filter")}
    assert "All is whole" in artifacts["maintenance"]
    assert "All is as it was published" in artifacts["verification"]


@pytest.mark.usefixtures("silent_source")
def test_stopped_in_the_middle_of_a_night_it_leaves_no_process_and_a_free_port(served: Served) -> None:
    served.until(served.run("nightly"), "Running")
    assert served.stop() == 0
    order = [line.split("stopping ")[1].split()[0] for line in served.said.splitlines() if "stopping " in line]
    assert order == ["run", "worker", "server"]
    assert "killed" not in served.said
    assert served.started() == []
    with socket.create_server(("127.0.0.1", served.port)):
        pass


def as_postgres(folder: Path) -> list[str]:
    """Return the beginning of a call that runs as an account PostgreSQL accepts: it refuses root."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is not installed")
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no account `postgres`")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that another account can reach; those of pytest are closed."""
    with tempfile.TemporaryDirectory(prefix="kinscale-postgres-") as name:
        yield Path(name)


@pytest.fixture
def database(place: Path) -> Iterator[str]:
    """A PostgreSQL server of this machine's packages, empty, for one test; its address for Prefect."""
    if not POSTGRES:
        pytest.skip("PostgreSQL's server is not installed (Debian: postgresql)")
    account, port = as_postgres(place), free_port()
    data = place / "data"

    def call(name: str, *arguments: str) -> None:
        command = [*account, str(POSTGRES[-1] / name), *arguments]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    call("initdb", "--pgdata", str(data), "--username", "prefect", "--auth", "trust", "--no-sync")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={place} -c fsync=off"
    call("pg_ctl", "--pgdata", str(data), "--log", str(place / "log"), "--options", options, "--wait", "start")
    try:
        yield f"postgresql+asyncpg://prefect:secret@127.0.0.1:{port}/postgres"
    finally:
        call("pg_ctl", "--pgdata", str(data), "--mode", "immediate", "stop")


def test_it_serves_with_postgresql_and_a_password(tmp_path: Path, database: str) -> None:
    small_survey.write(tmp_path / "surveys")
    settings = {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": database,
        "PREFECT_SERVER_API_AUTH_STRING": "operator:long enough",
    }
    served = Served(tmp_path, settings)
    try:
        served.start()
        assert "Records      postgresql at 127.0.0.1, postgres" in served.printed
        assert "secret" not in "\n".join(served.printed) + served.said
        assert served.ended(served.run("nightly"))["state_name"] == "Completed"
        assert served.home.latest.resolve().name == "small_survey-2009-r1"
        assert not (served.home.root / "prefect" / "prefect.db").exists()
        stranger = Served(tmp_path, port=served.port)
        refused = stranger.prefect("deployment", "ls")
        assert refused.returncode != 0
        assert "401" in refused.stdout + refused.stderr
    finally:
        assert served.stop() == 0
    assert served.started() == []
