"""A mail server and an HTTP receiver on free loopback ports that keep what they are sent, and can be made to fail."""

from __future__ import annotations

import contextlib
import http.server
import json
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any


@dataclass
class Sent:
    """One HTTP request as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class WebReceiver:
    """Answers each request with the next of `answers` (then 200), after `delay` seconds."""

    address: str = ""
    answers: list[int] = field(default_factory=list)
    delay: float = 0.0
    sent: list[Sent] = field(default_factory=list)


@dataclass
class MailReceiver:
    """Takes mails; `refusals` answer the next recipients; with `certificate` it offers STARTTLS and a login."""

    port: int = 0
    refusals: list[bytes] = field(default_factory=list)
    certificate: Path | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    connections: int = 0


@contextlib.contextmanager
def web() -> Iterator[WebReceiver]:
    """Run an HTTP receiver."""
    receiver = WebReceiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.sent.append(Sent(dict(self.headers), body))
            time.sleep(receiver.delay)
            code = receiver.answers.pop(0) if receiver.answers else 200
            with contextlib.suppress(ConnectionError):  # who is slow may find nobody waiting any more
                self.send_response(code)
                if code in (301, 302):
                    self.send_header("Location", f"{receiver.address}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        do_GET = do_POST  # noqa: N815 - the library's name

        def log_message(self, format: str, *arguments: object) -> None:
            """Stay silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.address = f"http://127.0.0.1:{server.server_port}"
        with _serving(server):
            yield receiver


@contextlib.contextmanager
def mail(certificate: Path | None = None) -> Iterator[MailReceiver]:
    """Run a mail server. certificate: a PEM file with certificate and key."""
    receiver = MailReceiver(certificate=certificate)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            receiver.connections += 1
            _converse(self, receiver)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that goes away in the middle is part of some tests."""

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_address[1]
        with _serving(server):
            yield receiver


@contextlib.contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(timeout=10)


def _converse(handler: socketserver.StreamRequestHandler, receiver: MailReceiver) -> None:
    """Speak as much SMTP (RFC 5321) as a client needs that sends a mail."""
    handler.wfile.write(b"220 receiver.example\r\n")
    with contextlib.ExitStack() as ended:
        _answer(handler.connection.makefile("rwb", buffering=0), handler, receiver, ended)


def _answer(stream: Any, handler: Any, receiver: MailReceiver, ended: contextlib.ExitStack) -> None:
    safe = False

    def say(text: bytes) -> None:
        stream.write(text + b"\r\n")

    while line := stream.readline():
        word = line.split()[0].upper() if line.split() else b""
        if word == b"EHLO":
            more = b"" if receiver.certificate is None else b"250-AUTH PLAIN\r\n" if safe else b"250-STARTTLS\r\n"
            say(b"250-receiver.example\r\n" + more + b"250 8BITMIME")
        elif word == b"STARTTLS":
            say(b"220 go ahead")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(str(receiver.certificate))
            wrapped = ended.enter_context(context.wrap_socket(handler.connection, server_side=True))
            stream, safe = wrapped.makefile("rwb", buffering=0), True
        elif word == b"AUTH":
            receiver.logins.append(line.split()[2])
            say(b"235 welcome")
        elif word == b"RCPT" and receiver.refusals:
            say(receiver.refusals.pop(0))
        elif word == b"DATA":
            say(b"354 go ahead")
            receiver.mails.append(_mail(stream))
            say(b"250 taken")
        elif word == b"QUIT":
            say(b"221 bye")
            return
        else:
            say(b"250 yes")


def _mail(stream: Any) -> EmailMessage:
    lines = []
    while (line := stream.readline()) not in (b".\r\n", b""):
        lines.append(line[1:] if line.startswith(b"..") else line)
    return message_from_bytes(b"".join(lines), policy=policy.default)
