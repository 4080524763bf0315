"""Files on a WebDAV server, as Nextcloud and ownCloud are: listed by one PROPFIND a folder, read as HTTP is."""

from __future__ import annotations

import io
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from webdav4.client import ClientError, HTTPError
from webdav4.fsspec import WebdavFileSystem
from webdav4.http import Client

from schemas.errors import SourceUnreachable
from sources import http_stream

LARGEST_LISTING = 32 << 20
"""Bytes of an answer that lists a folder; a name takes 500 with what is told of it; five times that when read."""
_OF_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")


class WebdavStore(WebdavFileSystem):
    """`webdav://host/folder` over HTTPS, `webdav+http://` without encryption. Credentials as those of HttpStore."""

    protocol = ("webdav", "webdav+http")

    def __init__(
        self,
        base: str,
        user: str | None = None,
        password: str | None = None,
        token: str | None = None,
        ca_file: str | None = None,
    ) -> None:
        """Connect to nothing yet. base: `webdav://host`, without a folder."""
        scheme, _, self._host = base.partition("://")
        self._base = base
        self._site = f"{'http' if scheme.endswith('+http') else 'https'}://{self._host}"
        asking = http_stream.client(user, password, token, ca_file, _BoundedClient)
        weakref.finalize(self, asking.close)
        super().__init__(self._site, http_client=asking, retry=False)
        self._etags: dict[str, str] = {}

    def __repr__(self) -> str:
        """Name the kind alone: no credentials."""
        return "<WebdavStore>"

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, str]:
        scheme, _, rest = path.partition("://")
        return {"base": f"{scheme}://{rest.partition('/')[0]}"}

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return (path.partition("://")[2].partition("/")[2] if "://" in path else path).strip("/")

    def unstrip_protocol(self, name: str) -> str:
        """Return the address of a place, with its host."""
        return f"{self._base}/{name.strip('/')}"

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:
        """List a folder by one request."""
        with _refusals(self.unstrip_protocol(path)):
            return list(super().ls(path, detail))

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Describe a file by one request."""
        with _refusals(self.unstrip_protocol(path)):
            found = dict(super().info(path))
        self._etags[path] = str(found.get("etag") or "")
        return found

    def _open(self, path: str, *_: Any, **__: Any) -> io.BufferedReader:
        address = str(self.client.join_url(self._strip_protocol(path)))
        stream = http_stream.HttpStream(self.client.http, address, self._etags.get(path, ""))
        return io.BufferedReader(stream, 1 << 16)


class _BoundedClient(Client):
    """A client whose answers are held as a whole, because they are XML, and so are bounded."""

    def request(self, method: str, url: Any, **options: Any) -> httpx.Response:
        """Ask, and read the answer. Raises SourceRefused for one that is too long."""
        further = options.pop("follow_redirects", False)
        answer = self.send(self.build_request(method, url, **options), stream=True, follow_redirects=further)
        body = http_stream.whole(answer, str(url), LARGEST_LISTING)
        told = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in _OF_THE_WIRE]
        return httpx.Response(answer.status_code, headers=told, content=body, request=answer.request)


@contextmanager
def _refusals(address: str) -> Iterator[None]:
    """Give answers of the server the names that HTTP has here."""
    try:
        yield
    except HTTPError as error:
        told = http_stream.refused(error.status_code, error.response.headers, address)
        raise told or SourceUnreachable(str(error), file=address) from None
    except (httpx.HTTPError, ClientError) as error:
        raise http_stream.broken(address, error) from None
