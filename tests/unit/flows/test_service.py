"""What `serve` tells its children, and when it gives up on one that dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows import serve, service
from flows.prefect_api import Api
from schemas.errors import ServerFailed
from warehouse.home import CHECKOUT, Home

NOWHERE = Api("http://127.0.0.1:9/api")


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[str], service.Service]]:
    """Make a service whose server is a line of Python; it is stopped with the test."""
    made: list[service.Service] = []

    def one(code: str) -> service.Service:
        settings = {**os.environ, "PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql+asyncpg://u:secret@db/p"}
        new = service.Service("127.0.0.1", 9, NOWHERE, tmp_path, settings)
        new.server.call = [sys.executable, "-S", "-c", code]
        made.append(new)
        return new

    yield one
    for each in made:
        each.stop(lambda _: None)


def test_a_server_that_does_not_start_is_quoted(begin: Callable[[str], service.Service]) -> None:
    with pytest.raises(ServerFailed, match=r"the server ended\. It said last:\nno disk") as caught:
        begin("print('no disk'); raise SystemExit(3)").start(lambda _: None)
    assert str(caught.value).startswith(str(caught.value.where.file))


def test_a_child_that_died_is_started_again_and_not_for_ever(begin: Callable[[str], service.Service]) -> None:
    one, said = begin("raise SystemExit(3)"), list[str]()
    one.server.begun = [time.monotonic() - service.RESTARTS_WITHIN_SECONDS - 1] * 9  # long ago: forgotten
    one.worker = one.server  # both are the same here, so that one is looked after
    one.server.start()
    assert one.server.process is not None
    one.server.process.wait()
    one.stopping.set()  # no pause in a test
    one._again(one.server, said.append)
    assert said[0].startswith("the server ended with 3; it is started again in 1 s")
    one.server.begun = [time.monotonic()] * (service.RESTARTS + 1)
    with pytest.raises(ServerFailed, match=r"ended again and again \(6 times, last with 3\)"):
        one._again(one.server, said.append)


def test_the_worker_is_not_told_the_secrets_of_the_server(begin: Callable[[str], service.Service]) -> None:
    one = begin("pass")
    assert "secret" in one.server.environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"]
    assert not set(service.SECRETS_OF_THE_SERVER) & one.worker.environment.keys()


def test_children_are_told_where_everything_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = {
        "KINSCALE_SURVEYS": "my_surveys",
        "PREFECT_SERVER_API_AUTH_STRING": "operator:secret",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "true",
        "PREFECT_API_URL": "",
        "PYTHONPATH": "elsewhere",
    }
    told = serve.environment(Home(tmp_path / "home"), "http://127.0.0.1:4200/api", given)
    assert told["KINSCALE_HOME"] == str(tmp_path / "home")
    assert told["KINSCALE_SURVEYS"] == str(tmp_path / "my_surveys")  # the worker is in another folder
    assert told["KINSCALE_CHECKOUT"] == str(CHECKOUT)
    assert told["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
    assert told["PREFECT_API_AUTH_STRING"] == "operator:secret"
    assert told["PREFECT_HOME"] == str(tmp_path / "home" / "prefect")
    assert told["PREFECT_SERVER_ANALYTICS_ENABLED"] == "true"  # what the environment says stays
    assert told["PYTHONPATH"].split(os.pathsep) == [str(CHECKOUT), "elsewhere"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (None, "prefect.db"),
        ("postgresql+asyncpg://prefect:secret@db.example:5432/prefect", "postgresql at db.example, prefect"),
    ],
)
def test_where_records_are_is_said_without_a_password(url: str | None, said: str, tmp_path: Path) -> None:
    settings = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": url} if url else {}
    told = serve.database(settings, tmp_path)
    assert told.endswith(said)
    assert "secret" not in told
