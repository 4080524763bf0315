"""HTTP as storages use it: one client, refusals by status, and a body that is read as it arrives, from any place.

What is listed, the storages say. Source: RFC 9110, sections 13.1.5 (If-Range), 14 (Range) and 15 (status codes).
"""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from schemas.errors import KinscaleError, SourceMissing, SourceRefused, SourceUnreachable
from schemas.source_address import without_secret
from sources.placed_stream import PlacedStream
from sources.storage import CannotResume

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS, SILENT_SECONDS = 30.0, 60.0
"""How long a server may take to be reached, and to send the next byte."""
MOST_REDIRECTS = 5
LONGEST_WAIT = 86400.0
"""Seconds of a wait that a server asks for; whoever asks for more is taken to mean a day."""
_GONE = (404, 410)
_LATER = (408, 425, 429)
_LENGTH = re.compile(r"[0-9]{1,18}")
_WRONG = ("DecodingError", "UnsupportedProtocol", "LocalProtocolError", "TooManyRedirects")


def client(
    user: str | None = None,
    password: str | None = None,
    token: str | None = None,
    ca_file: str | None = None,
    kind: type[httpx.Client] | None = None,
) -> httpx.Client:
    """Make a client that asks with a login or a token, which it sends to no other host; it waits at most as above.

    kind: of client, where more than HTTP's own methods are asked.
    """
    import httpx

    for name in ("httpx", "httpcore"):  # they log addresses, and a redirection's address may be signed
        logging.getLogger(name).setLevel(logging.WARNING)
    return (kind or httpx.Client)(
        auth=(user, password or "") if user else None,
        headers={"Accept-Encoding": "identity", "User-Agent": "kinscale"}
        | ({"Authorization": f"Bearer {token}"} if token else {}),
        timeout=httpx.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
        verify=ssl.create_default_context(cafile=ca_file) if ca_file else True,
    )


def send(
    asking: httpx.Client, method: str, address: str, headers: Mapping[str, str] | None = None, query: str = ""
) -> httpx.Response:
    """Send a request and return the answer, its body not read yet; close it.

    query: what is added to the address and never shown. Raises SourceMissing, SourceRefused or SourceUnreachable.
    """
    import httpx

    place = f"{address}{'&' if '?' in address else '?'}{query.lstrip('?&')}" if query else address
    try:
        answer = asking.send(asking.build_request(method, place, headers=dict(headers or {})), stream=True)
    except (httpx.TransportError, httpx.TooManyRedirects) as error:
        raise broken(address, error) from None
    except httpx.InvalidURL as error:
        raise SourceRefused(f"this is no address: {str(error)[:200]}", file=without_secret(address)) from None
    refusal = refused(answer.status_code, answer.headers, address)
    if refusal is not None and answer.status_code != 416:
        answer.close()
        raise refusal
    return answer


def refused(status: int, headers: Mapping[str, str], address: str) -> KinscaleError | None:
    """Return what a status means: only what may heal by itself is worth asking again."""
    shown = without_secret(address)
    if status < 300:
        return None
    if status in _GONE:
        return SourceMissing(
            f"the server answered {status}: it is not there.", file=shown, next_step="Check `path` of this source."
        )
    if status in _LATER or status >= 500:
        wait = retry_after(headers)
        asked = f" and asked to wait for {wait:.0f} s" if wait is not None else ""
        return SourceUnreachable(
            f"the server answered {status}{asked}.",
            file=shown,
            next_step="Try again; nothing was changed.",
            facts={"status": status} | ({"retry_after": wait} if wait is not None else {}),
        )
    return SourceRefused(
        f"the server answered {status}.",
        file=shown,
        next_step="Check `credentials` of this source, and what its account may read.",
        facts={"status": status},
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks for, or None."""
    told = headers.get("retry-after", "")
    with suppress(ValueError):
        return max(0.0, min(LONGEST_WAIT, float(told)))
    try:
        seconds = (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()
        return min(max(0.0, seconds), LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):
        return None


def broken(address: str, error: Exception) -> KinscaleError:
    """Return the error for a connection that failed; the text of the cause may hold an address, so its name stands.

    What the server sent whole and wrong, and what we may not send, is no better the next time.
    """
    if type(error).__name__ in _WRONG:
        return SourceRefused(
            f"what is sent cannot be understood ({type(error).__name__}).",
            file=without_secret(address),
            next_step="Check `path` and `credentials` of this source, and ask who runs the server.",
        )
    return SourceUnreachable(
        f"the connection failed ({type(error).__name__}).",
        file=without_secret(address),
        next_step="Try again; nothing was changed.",
    )


def marks(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return size and marks of a version, as headers say them; the size is None where it is not that of the file."""
    plain = headers.get("content-encoding", "identity") == "identity"
    length = headers.get("content-length", "")
    found: dict[str, Any] = {"size": int(length) if plain and _LENGTH.fullmatch(length) else None}
    if "etag" in headers:
        found["ETag"] = headers["etag"]
    with suppress(KeyError, ValueError, TypeError, OverflowError):
        found["LastModified"] = parsedate_to_datetime(headers["last-modified"])
    return found


def whole(answer: httpx.Response, address: str, most: int) -> bytes:
    """Return the body of an answer that lists a folder, and close it. Raises SourceRefused for a longer one."""
    import httpx

    text = bytearray()
    with closing(answer):
        try:
            for block in answer.iter_bytes(1 << 16):
                text += block
                if len(text) > most:
                    raise SourceRefused(
                        f"the page that lists it is longer than {most:,} bytes.", file=without_secret(address)
                    )
        except httpx.RequestError as error:
            raise broken(address, error) from None
    return bytes(text)


class HttpStream(PlacedStream):
    """The body of one address. Nothing is asked before the first read, so that `seek` chooses where it begins.

    etag: of the version that is meant; a server that holds another one is not read from the middle. Strong ones only.
    """

    def __init__(self, asking: httpx.Client, address: str, etag: str = "", query: str = "") -> None:
        """Ask for nothing yet."""
        super().__init__()
        self._client, self._address, self._query = asking, address, query
        self._etag = etag if etag.startswith('"') else ""
        self._answer: httpx.Response | None = None
        self._blocks: Iterator[bytes] = iter(())
        self._rest = b""

    def readinto(self, target: Any) -> int:
        """Fill a buffer with what has arrived, at least one byte of it, or none at the end.

        Raises SourceUnreachable for a connection that breaks, CannotResume for one that begins elsewhere.
        """
        import httpx

        if self._answer is None:
            self._begin()
        try:
            while not self._rest:
                block = next(self._blocks, None)
                if block is None:
                    return 0
                self._rest = block
        except httpx.RequestError as error:
            self._end()
            raise broken(self._address, error) from None
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        self._at += size
        return size

    def close(self) -> None:
        """Give the connection up."""
        self._end()
        super().close()

    def _begin(self) -> None:
        headers = {}
        if self._at:
            headers["Range"] = f"bytes={self._at}-"
            if self._etag:
                headers["If-Range"] = self._etag
        answer = send(self._client, "GET", self._address, headers, self._query)
        if answer.status_code == 416:
            at_the_end = answer.headers.get("content-range", "") == f"bytes */{self._at}"
            answer.close()
            if not at_the_end:
                raise CannotResume(f"the server has no byte {self._at}")
            self._answer, self._blocks = answer, iter(())
            return
        if self._at and not answer.headers.get("content-range", "").startswith(f"bytes {self._at}-"):
            answer.close()
            raise CannotResume(f"the server answered {answer.status_code} from the beginning")
        plain = answer.headers.get("content-encoding", "identity") == "identity"
        self._answer, self._blocks = answer, answer.iter_raw() if plain else answer.iter_bytes()

    def _end(self) -> None:
        if self._answer is not None:
            self._answer.close()
        self._answer, self._blocks, self._rest = None, iter(()), b""
