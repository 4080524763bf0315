"""Files behind HTTP: single addresses, and folders whose server lists them. How bytes come is in `http_stream`."""

from __future__ import annotations

import io
import weakref
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from fsspec import AbstractFileSystem

from schemas.errors import SourceRefused
from sources import http_index, http_stream

if TYPE_CHECKING:
    import httpx

LARGEST_INDEX = 16 << 20
"""Bytes of a page that lists a folder; a name and its links take about 150."""
YOUNG = timedelta(minutes=2)
"""A listing that tells minutes cannot tell two versions of one minute apart: younger files are asked about singly."""
_REFUSES_HEAD = (400, 401, 403, 405, 501)


class HttpStore(AbstractFileSystem):
    """HTTP and HTTPS. user, password: basic authentication; token: a bearer's.

    query: what signs an address, added to each and shown nowhere; ca_file: certificates to trust beside the usual ones.
    """

    protocol = ("http", "https")

    def __init__(
        self,
        user: str | None = None,
        password: str | None = None,
        token: str | None = None,
        query: str = "",
        ca_file: str | None = None,
    ) -> None:
        """Connect to nothing yet."""
        super().__init__()
        self._make_client = partial(http_stream.client, user, password, token, ca_file)
        self._query = query
        self._etags: dict[str, str] = {}

    def __repr__(self) -> str:
        """Name the kind alone: no credentials."""
        return "<HttpStore>"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path

    def unstrip_protocol(self, name: str) -> str:
        """Return the address, which a place is."""
        return name

    @cached_property
    def _client(self) -> httpx.Client:
        made = self._make_client()
        weakref.finalize(self, made.close)
        return made

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """List a folder by one request. Raises SourceRefused for a page too long to be a listing."""
        folder = path.rstrip("/") + "/"
        answer = http_stream.send(self._client, "GET", folder, query=self._query)
        text = http_stream.whole(answer, folder, LARGEST_INDEX)
        now = _time(answer.headers.get("date", ""))
        found = http_index.entries(_decoded(text, answer.encoding), folder)
        for entry in found:
            if entry["mtime"] is None or entry["mtime"] > now - YOUNG:
                entry["size"] = None  # whoever lists asks about it again
        return found if detail else sorted(str(entry["name"]) for entry in found)

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Describe one address by its headers, without its body."""
        try:
            answer = http_stream.send(self._client, "HEAD", path, query=self._query)
        except SourceRefused as error:
            if error.facts.get("status") not in _REFUSES_HEAD:
                raise
            answer = http_stream.send(self._client, "GET", path, query=self._query)
        answer.close()
        found = http_stream.marks(answer.headers)
        self._etags[path] = found.get("ETag", "")
        return {"name": path, "type": "file", **found}

    def _open(self, path: str, *_: Any, **__: Any) -> io.BufferedReader:
        etag = self._etags.get(path, "")
        return io.BufferedReader(http_stream.HttpStream(self._client, path, etag, self._query), 1 << 16)


def _decoded(text: bytes, encoding: str | None) -> str:
    try:
        return text.decode(encoding or "utf-8", errors="replace")
    except (LookupError, ValueError):  # the server names an encoding that is none
        return text.decode("utf-8", errors="replace")


def _time(told: str) -> datetime:
    try:
        return parsedate_to_datetime(told)
    except (ValueError, TypeError):
        return datetime.now(UTC)
