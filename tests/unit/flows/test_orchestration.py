"""Which Prefect server a run uses: the one that is named, else one that answers on this machine, else its own."""

from __future__ import annotations

import http.server
import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import direct, orchestration
from schemas import declaration
from tests import small_survey
from warehouse import checkpoint
from warehouse.home import Home


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment that a test may change without touching the process's own."""
    fresh: dict[str, str] = {}
    monkeypatch.setattr("os.environ", fresh)
    monkeypatch.setattr(orchestration, "server_answers", lambda host, port: False)
    return fresh


def test_a_server_that_is_named_is_used(environment: dict[str, str]) -> None:
    environment["PREFECT_API_URL"] = "http://prefect.example/api"
    assert "http://prefect.example/api" in orchestration.prepare()
    assert environment["PREFECT_API_URL"] == "http://prefect.example/api"


def test_an_empty_name_is_taken_away(environment: dict[str, str]) -> None:
    environment["PREFECT_API_URL"] = ""
    assert "embedded" in orchestration.prepare()
    assert "PREFECT_API_URL" not in environment


def test_a_server_that_answers_is_used(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orchestration, "server_answers", lambda host, port: True)
    assert "http://127.0.0.1:4200/api" in orchestration.prepare()
    assert environment["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"


def test_what_the_user_set_wins(environment: dict[str, str]) -> None:
    environment["PREFECT_LOGGING_LEVEL"] = "DEBUG"
    orchestration.prepare()
    assert environment["PREFECT_LOGGING_LEVEL"] == "DEBUG"
    assert int(environment["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"]) >= 60  # the default of 20 is too short


class Answer(http.server.BaseHTTPRequestHandler):
    body = b"true"

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Stay silent."""


@pytest.fixture
def answering(request: pytest.FixtureRequest) -> Iterator[int]:
    kind = type("Kind", (Answer,), {"body": request.param})
    with http.server.HTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(timeout=10)


@pytest.mark.parametrize("answering", [b"true", b"true\n"], indirect=True)
def test_a_prefect_server_is_recognised(answering: int) -> None:
    assert orchestration.server_answers("127.0.0.1", answering)


@pytest.mark.parametrize("answering", [b"false", b"<html>", b""], indirect=True)
def test_another_server_at_that_address_is_not_taken_for_it(answering: int) -> None:
    assert not orchestration.server_answers("127.0.0.1", answering)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert not orchestration.server_answers("127.0.0.1", port)


def test_something_there_that_speaks_another_language() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"220 mail.example ready\r\n")
                connection.recv(1000)

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        assert not orchestration.server_answers("127.0.0.1", listener.getsockname()[1])
        thread.join(timeout=10)


def test_heavy_libraries_are_loaded_ahead_only_when_there_is_something_to_do(
    survey: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    loaded_prefect = threading.Event()
    loaded_prefect.set()

    def ahead() -> list[str]:
        with monkeypatch.context() as patch:
            patch.setattr(checkpoint, "prepare", lambda: loaded.append("great_expectations"))
            orchestration._import_steps(small_survey.ID, str(home.root), None, loaded_prefect)
        return loaded

    assert ahead() == ["great_expectations"]
    direct.run(declaration.load(small_survey.ID), home, logging.getLogger("test").info)
    assert ahead() == ["great_expectations"]


def test_a_survey_that_cannot_be_loaded_is_left_for_the_night_to_say(survey: Path, home: Home) -> None:
    orchestration._import_steps("no_such_survey", str(home.root), None, threading.Event())
