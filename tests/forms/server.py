"""A server on a free port that counts what it is asked and what it sends, and can be told to fail. No API is here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """What was asked. query: one value for each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is answered. content: bytes as they are, anything else as JSON."""

    content: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def sent(self) -> bytes:
        """Return the bytes of the body."""
        if isinstance(self.content, bytes):
            return self.content
        return json.dumps(self.content, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass
class Fault:
    """What goes wrong with the next requests. kind: `status`, `cut` (half a body), `silent` (no answer at all)."""

    kind: str
    times: int = 1
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    when: Callable[[Request], bool] = lambda _: True


@dataclass
class Server:
    """A running server: where it is, what was asked of it, and the faults that wait for requests."""

    host: str = ""
    seen: list[tuple[Request, int, int]] = field(default_factory=list)
    """Requests, with the status and the bytes that were answered."""
    faults: list[Fault] = field(default_factory=list)
    end: Event = field(default_factory=Event)

    def clear(self) -> None:
        """Forget what was asked."""
        self.seen.clear()

    @property
    def bytes(self) -> int:
        """Return what was sent."""
        return sum(size for _, _, size in self.seen)

    def fault(self, request: Request) -> Fault | None:
        """Take the fault that is meant for a request."""
        for fault in self.faults:
            if fault.times > 0 and fault.when(request):
                fault.times -= 1
                return fault
        return None


@contextmanager
def serving(answer: Callable[[Request], Answer]) -> Iterator[Server]:
    """Serve on a free port of this machine as long as the context lasts."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._handle()

        def do_POST(self) -> None:
            self._handle()

        def log_message(self, format: str, *args: Any) -> None:
            """Print nothing."""

        def _handle(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = dict(parse_qsl(address.query))
            request = Request(self.command, address.path, query, dict(self.headers), body)
            fault = server.fault(request)
            if fault and fault.kind == "silent":
                server.seen.append((request, 0, 0))
                server.end.wait(30)
                self.close_connection = True
                return
            reply = answer(request)
            if fault and fault.kind == "status":
                reply = Answer({"code": fault.status, "message": "a fault"}, fault.status, fault.headers)
            self._send(request, reply, cut=bool(fault and fault.kind == "cut"))

        def _send(self, request: Request, reply: Answer, cut: bool) -> None:
            content = reply.sent
            sent = content[: len(content) // 2] if cut else content
            server.seen.append((request, reply.status, len(sent)))
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # who asked may have had enough
                self.wfile.write(sent)
            self.close_connection = cut

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.host = f"127.0.0.1:{listener.server_port}"
    thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.end.set()
        listener.shutdown()
        listener.server_close()
        thread.join(10)
