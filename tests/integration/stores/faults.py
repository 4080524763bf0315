"""A proxy between a client and a real server that breaks connections, slows them, and answers in the server's place."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

BLOCK = 16 << 10


@dataclass
class Proxy:
    """What it does, until it is changed.

    cut_after: bytes of answers after which a connection is cut, `cuts` times. pause: seconds before each block.
    answers: heads that are sent, one a request, in place of the server's. when: a number of bytes of one answer after
    which `then` is called, once.
    """

    port: int = 0
    cut_after: int = 0
    cuts: int = 0
    pause: float = 0.0
    answers: list[bytes] = field(default_factory=list)
    when: int = 0
    then: Callable[[], object] | None = None
    asked: list[bytes] = field(default_factory=list)
    passed: int = 0
    """Bytes of answers in all."""

    def answer(self, status: str, *headers: str, times: int = 1) -> None:
        """Let the next requests be answered so."""
        lines = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close", *headers]
        self.answers += [("\r\n".join(lines) + "\r\n\r\n").encode()] * times


@contextlib.contextmanager
def proxy(target: int) -> Iterator[Proxy]:
    """Run a proxy before a port of this machine until the block ends."""
    rules = Proxy()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)
    rules.port = listener.getsockname()[1]
    over = threading.Event()

    def accept() -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                near, _ = listener.accept()
                threading.Thread(target=_serve, args=(near, target, rules), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield rules
    finally:
        over.set()
        thread.join()
        listener.close()


def _serve(near: socket.socket, target: int, rules: Proxy) -> None:
    with contextlib.suppress(OSError), near:
        if rules.answers and (head := near.recv(BLOCK)):
            rules.asked.append(head)
            near.sendall(rules.answers.pop(0))
            return
        with socket.create_connection(("127.0.0.1", target)) as far:
            up = threading.Thread(target=_up, args=(near, far, rules), daemon=True)
            up.start()
            _down(far, near, rules)
            near.shutdown(socket.SHUT_RDWR)
            far.shutdown(socket.SHUT_RDWR)


def _up(near: socket.socket, far: socket.socket, rules: Proxy) -> None:
    with contextlib.suppress(OSError):
        while block := near.recv(BLOCK):
            if block[:4] in (b"GET ", b"HEAD", b"PROP"):
                rules.asked.append(block)
            far.sendall(block)
        far.shutdown(socket.SHUT_WR)


def _down(far: socket.socket, near: socket.socket, rules: Proxy) -> None:
    sent = 0
    while block := far.recv(BLOCK):
        if rules.pause:
            time.sleep(rules.pause)
        near.sendall(block)
        sent += len(block)
        rules.passed += len(block)
        if rules.then and rules.when and sent >= rules.when:
            then, rules.then = rules.then, None
            then()
        if rules.cuts and sent >= rules.cut_after:
            rules.cuts -= 1
            return
