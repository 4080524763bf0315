"""Where `serve` refuses to listen. Expected: the rule of docs/operations.md, section "Who may reach it"."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows import listening
from flows.cli import app
from schemas.errors import AddressTaken, ListeningUnsafe

SAFE = {listening.PASSWORD: "operator:long enough"}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1"])
def test_loopback_needs_no_password(host: str) -> None:
    listening.check_safe(host, {})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.7", "2001:db8::7"])
def test_any_other_address_needs_one(host: str) -> None:
    with pytest.raises(ListeningUnsafe, match="others could reach") as caught:
        listening.check_safe(host, {})
    assert listening.PASSWORD in str(caught.value)
    listening.check_safe(host, SAFE)


def test_a_name_is_judged_by_all_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, 0)) for place in ("127.0.0.1", "192.0.2.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(ListeningUnsafe, match=r"192\.0\.2\.7"):
        listening.check_safe("two.example", {})


@pytest.mark.parametrize("password", ["operator", "operator:", ":secret"])
def test_half_a_password_is_none(password: str) -> None:
    with pytest.raises(ListeningUnsafe, match="no user or no password"):
        listening.check_safe("127.0.0.1", {listening.PASSWORD: password})


def test_a_name_without_an_address_is_refused() -> None:
    with pytest.raises(ListeningUnsafe, match="no address of this machine"):
        listening.check_safe("no such host", SAFE)


@pytest.mark.parametrize(
    ("host", "reached"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]")]
)
def test_this_machine_reaches_it_at(host: str, reached: str) -> None:
    assert listening.client_host(host) == reached


def test_the_command_refuses_before_it_starts_anything(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["serve", "--host", "0.0.0.0", "--home", str(tmp_path / "home")])
    assert isinstance(done.exception, ListeningUnsafe)
    assert done.exception.exit_code == 2
    assert not (tmp_path / "home").exists()


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressTaken, match=f"port {port} of 127.0.0.1 cannot be had .*another program"):
            listening.check_free("127.0.0.1", port)
    listening.check_free("127.0.0.1", port)


class Healthy(BaseHTTPRequestHandler):
    """Answers as a Prefect server's health check does."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()
        self.wfile.write(b"true")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_another_prefect_server_is_told_from_another_program() -> None:
    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            with pytest.raises(AddressTaken, match="a Prefect server, not of this data folder"):
                listening.check_free("127.0.0.1", server.server_port)
        finally:
            server.shutdown()
            thread.join()


def test_a_data_folder_is_served_once(tmp_path: Path) -> None:
    with listening.once(tmp_path / "prefect", "http://127.0.0.1:1/api"):
        claim = listening.once(tmp_path / "prefect", "http://127.0.0.1:2/api")
        with pytest.raises(AddressTaken, match=r"served already: process \d+ at http://127\.0\.0\.1:1/api"):
            claim.__enter__()
    with listening.once(tmp_path / "prefect", "http://127.0.0.1:2/api"):
        pass
