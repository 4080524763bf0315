"""Asking a server of forms over HTTP: bounded answers, errors of the operating system's kinds, waits it asks for.

What is asked, and with which credentials, the file systems of the servers say.
"""

from __future__ import annotations

import ipaddress
import weakref
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from http import HTTPStatus
from json import JSONDecodeError, JSONDecoder
from time import sleep
from typing import TYPE_CHECKING, Any

from sources.http_stream import retry_after

if TYPE_CHECKING:
    import httpx

PAGE_BYTES = 8 << 20
"""Of one answer; what asks for more is asked in smaller parts."""
LONGEST_WAIT = 60.0
"""Seconds that are waited at a server's request; one that asks for more is asked again by whoever asked us."""
MOST_WAITS = 3
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_SPACE = " \t\r\n"
_DECODER = JSONDecoder()

Headers = Callable[[], Mapping[str, str]]


class AnswerTooLong(Exception):  # noqa: N818 - it is no failure: the page is asked for in parts
    """An answer is longer than PAGE_BYTES; nothing of it was kept."""


class FormClient:
    """One server and how to ask it. headers: asked for before each request, so that a session can be renewed."""

    def __init__(self, scheme: str, host: str, headers: Headers, timeout: float) -> None:
        """Connect to nothing yet. timeout: seconds without a byte. Raises ValueError for an address that is unsafe."""
        if "@" in host:
            raise ValueError("credentials do not belong into an address; name them by `credentials`")
        if scheme == "http" and not _is_loopback(host):
            raise ValueError("without encryption only a server on this machine is asked; leave +http out")
        self._scheme, self._host, self._headers, self._timeout = scheme, host, headers, timeout

    @cached_property
    def _http(self) -> httpx.Client:
        import httpx

        client = httpx.Client(
            base_url=f"{self._scheme}://{self._host}",
            timeout=self._timeout,
            trust_env=self._scheme == "https",  # no proxy between a machine and itself
            headers={"Accept": "application/json"},
        )
        weakref.finalize(self, client.close)
        return client

    def get(self, path: str, params: Mapping[str, str] | None = None) -> str:
        """Return the text of an answer.

        Raises AnswerTooLong, PermissionError (401, 403), FileNotFoundError (404), or OSError for all that may heal.
        """
        return self._ask("GET", path, params=params, headers=self._headers())

    def post(self, path: str, content: Mapping[str, str]) -> Any:
        """Send a JSON object without credentials of a session, and return the one that is answered. Raises as `get`."""
        return parsed(self._ask("POST", path, json=content))

    def _ask(self, method: str, path: str, **request: Any) -> str:
        import httpx

        for _ in range(MOST_WAITS):
            try:
                with self._http.stream(method, path, **request) as response:
                    wait = _asked_wait(response)
                    if wait is None:
                        _check(response, path)
                        return _bounded(response)
            except httpx.HTTPError as error:
                raise OSError(f"{self._host}: {type(error).__name__} {error}".rstrip()) from None
            sleep(wait)
        raise OSError(f"{self._host} asked to be left alone {MOST_WAITS} times")


def parsed(text: str) -> Any:
    """Read a whole answer. Raises OSError for one that is cut or is no JSON."""
    try:
        return _DECODER.decode(text)
    except (JSONDecodeError, RecursionError) as error:
        raise OSError(f"the answer is cut off or is no JSON ({error})") from error


def elements(text: str, name: str) -> Iterator[tuple[Any, str]]:
    """Yield the elements of one list of an answer: parsed, and as one line of the answer's own text.

    One is parsed at a time. Raises OSError for an answer that is cut, is no JSON, or lacks the list.
    """
    try:
        place = _list_of(text, name)
        while text[place := _past_space(text, place)] != "]":
            value, end = _DECODER.raw_decode(text, place)
            yield value, text[place:end].replace("\r", " ").replace("\n", " ")  # no string holds them unescaped
            end = _past_space(text, end)
            if text[end] not in ",]":
                raise JSONDecodeError("no comma", text, end)
            place = end + (text[end] == ",")
        _to_the_end(text, place + 1)
    except (JSONDecodeError, RecursionError, IndexError) as error:
        raise OSError(f"the answer is cut off or is no JSON ({error})") from error


def _list_of(text: str, name: str) -> int:
    """Return the place behind the opening bracket of a member of the answer."""
    place = _past_space(text, 0)
    if text[place] != "{":
        raise JSONDecodeError("no object", text, place)
    while True:
        key, place = _DECODER.raw_decode(text, _past_space(text, place + 1))
        place = _past_space(text, place)
        if text[place] != ":":
            raise JSONDecodeError("no colon", text, place)
        place = _past_space(text, place + 1)
        if key == name and text[place] == "[":
            return place + 1
        _, place = _DECODER.raw_decode(text, place)
        place = _past_space(text, place)
        if text[place] != ",":
            raise JSONDecodeError(f"no list {name}", text, place)


def _to_the_end(text: str, place: int) -> None:
    """Read what follows the list: an answer without its end may lack elements as well."""
    _DECODER.decode("{" + text[place:].lstrip(_SPACE).removeprefix(","))


def _past_space(text: str, place: int) -> int:
    while text[place] in _SPACE:
        place += 1
    return place


def _check(response: httpx.Response, path: str) -> None:
    status = response.status_code
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise PermissionError(f"{response.url.host} answered {status}: the credentials are wrong or may not read this")
    if status == HTTPStatus.NOT_FOUND:
        raise FileNotFoundError(f"{response.url.host} does not know {path}")
    if status != HTTPStatus.OK:
        raise OSError(f"{response.url.host} answered {status}{_asked(response)}")


def _bounded(response: httpx.Response) -> str:
    content = bytearray()
    for block in response.iter_bytes():
        content += block
        if len(content) > PAGE_BYTES:
            raise AnswerTooLong(f"the answer of {response.url.host} is longer than {PAGE_BYTES:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OSError(f"{response.url.host}: the answer is not UTF-8 ({error.reason})") from error


def _asked_wait(response: httpx.Response) -> float | None:
    """Return the seconds that a busy server asks for, or None if it is not busy, says nothing, or asks for too many."""
    seconds = retry_after(response.headers) if response.status_code in _BUSY else None
    return seconds if seconds is not None and seconds <= LONGEST_WAIT else None


def _asked(response: httpx.Response) -> str:
    seconds = retry_after(response.headers)
    return "" if seconds is None else f" and asks to come back in {seconds:.0f} s"


def _is_loopback(host: str) -> bool:
    name = host.rpartition(":")[0] or host
    try:
        return name == "localhost" or ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
