"""The few requests that kinscale makes to a Prefect server of its own, without importing Prefect."""

from __future__ import annotations

import base64
import http.client
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from schemas.errors import ServerFailed

SECONDS = 30.0
BUSY = (429, 503)
"""With SQLite the server answers 503 while one of its own services writes; Prefect's client tries again too."""
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
PAGE = 200
"""Rows of one answer; the server's own limit."""


@dataclass(frozen=True)
class Api:
    """An address such as `http://127.0.0.1:4200/api`, and `user:password` if the server asks for it."""

    address: str
    password: str | None = None

    def healthy(self) -> bool:
        """Ask whether the server answers."""
        try:
            return self._send("GET", "health", None, 2.0) is True
        except (OSError, http.client.HTTPException, ValueError):
            return False  # nobody listens yet, or something else does

    def get(self, path: str) -> Any:
        """Read one thing."""
        return self._ask("GET", path, None)

    def post(self, path: str, **body: Any) -> Any:
        """Make a thing, or ask with a filter."""
        return self._ask("POST", path, body)

    def patch(self, path: str, **body: Any) -> Any:
        """Change a thing."""
        return self._ask("PATCH", path, body)

    def every(self, path: str, **body: Any) -> list[dict[str, Any]]:
        """Ask with a filter for all rows, page by page."""
        rows: list[dict[str, Any]] = []
        while True:
            page = self.post(path, **body, limit=PAGE, offset=len(rows))
            rows += page
            if len(page) < PAGE:
                return rows

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        """Send a request, again while the server is busy. Raises ServerFailed, with what it said, when it refuses."""
        what = f"{method} {self.address}/{path}"
        for pause in (*PAUSES, None):
            try:
                return self._send(method, path, body, SECONDS)
            except urllib.error.HTTPError as error:
                told = error.read().decode(errors="replace")[:300]
                if error.code not in BUSY or pause is None:
                    raise ServerFailed(f"{what} was answered with {error.code}: {told}") from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                if pause is None:
                    raise ServerFailed(f"{what} was not answered: {error}") from error
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _send(self, method: str, path: str, body: dict[str, Any] | None, seconds: float) -> Any:
        request = urllib.request.Request(f"{self.address}/{path}", method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if self.password:
            request.add_header("Authorization", f"Basic {base64.b64encode(self.password.encode()).decode()}")
        straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is on this machine
        with straight.open(request, timeout=seconds) as answer:
            content = answer.read()
        return json.loads(content) if content else None
